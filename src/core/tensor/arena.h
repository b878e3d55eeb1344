// Arena: all memory of a model's state, planned first and taken once.
//
// The same function that hands out the pieces is run twice: over a measuring Arena, which only counts, and over one
// with memory behind it. So a plan can be shown and refused before a byte is taken, and cannot differ from what is
// used.
//
//   Arena plan;                       State state; layout(state, plan);       plan.size_bytes()
//   Arena arena(buffer.data(), size); layout(state, arena);                   state is ready
//
// A device's arena has two memories: the device's, and one of the host for what the host writes and the ops read (ids,
// positions, masks) or what comes back to it. On the CPU both are one.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/check.h"
#include "core/tensor/matrix.h"

namespace docket {

class Arena {
 public:
  static constexpr std::size_t kAlignment = 64;  // a cache line and the widest vector

  Arena() = default;  // measures: every piece is null
  Arena(std::byte* memory, std::size_t size_bytes) : memory_(memory), capacity_(size_bytes) {}

  // The arena of a device that holds activations between ops as `work`. Null memory: measures.
  static Arena of_device(DType work, std::byte* memory = nullptr, std::size_t size_bytes = 0,
                         std::byte* host_memory = nullptr, std::size_t host_size_bytes = 0) {
    Arena arena(memory, size_bytes);
    arena.work_ = work;
    arena.split_ = true;
    arena.host_memory_ = host_memory;
    arena.host_capacity_ = host_size_bytes;
    return arena;
  }

  std::size_t size_bytes() const { return used_; }
  std::size_t host_bytes() const { return host_used_; }  // 0 on the CPU
  bool measures() const { return memory_ == nullptr; }
  bool is_device() const { return split_; }
  DType work_dtype() const { return work_; }

  template <typename T>
  T* take(std::int64_t count) {
    return static_cast<T*>(take_from(memory_, capacity_, used_, count, sizeof(T)));
  }
  // Memory that the host reads and writes.
  template <typename T>
  T* take_host(std::int64_t count) {
    if (!split_) return take<T>(count);
    return static_cast<T*>(take_from(host_memory_, host_capacity_, host_used_, count, sizeof(T)));
  }

  // In fp32: residual streams and logits.
  Matrix take_matrix(std::int64_t rows, std::int64_t cols) { return Matrix(take<float>(rows * cols), rows, cols); }
  // What one op hands to the next, in the type that the device works in.
  Matrix take_work(std::int64_t rows, std::int64_t cols) {
    void* memory = work_ == DType::kF32 ? static_cast<void*>(take<float>(rows * cols))
                                        : static_cast<void*>(take<std::uint16_t>(rows * cols));
    return Matrix(memory, work_, rows, cols);
  }

 private:
  static void* take_from(std::byte* memory, std::size_t capacity, std::size_t& used, std::int64_t count,
                         std::size_t element_bytes) {
    CHECK(count >= 0, "%ld elements", count);
    const std::size_t at = used;
    const std::size_t bytes = static_cast<std::size_t>(count) * element_bytes;
    used += (bytes + kAlignment - 1) / kAlignment * kAlignment;
    if (memory == nullptr) return nullptr;
    CHECK(used <= capacity, "arena of %zu bytes is too small for %zu", capacity, used);
    return memory + at;
  }

  std::byte* memory_ = nullptr;
  std::size_t capacity_ = 0, used_ = 0;
  std::byte* host_memory_ = nullptr;
  std::size_t host_capacity_ = 0, host_used_ = 0;
  bool split_ = false;
  DType work_ = DType::kF32;
};

}  // namespace docket
