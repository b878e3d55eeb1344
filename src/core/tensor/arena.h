// Arena: all memory of a model's state, planned first and taken once.
//
// The same function that hands out the pieces is run twice: over a measuring Arena, which only counts, and over one
// with memory behind it. So a plan can be shown and refused before a byte is taken, and cannot differ from what is
// used.
//
//   Arena plan;                       State state; layout(state, plan);       plan.size_bytes()
//   Arena arena(buffer.data(), size); layout(state, arena);                   state is ready
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

  std::size_t size_bytes() const { return used_; }
  bool measures() const { return memory_ == nullptr; }

  template <typename T>
  T* take(std::int64_t count) {
    CHECK(count >= 0, "%ld elements", count);
    const std::size_t at = used_;
    const std::size_t bytes = static_cast<std::size_t>(count) * sizeof(T);
    used_ += (bytes + kAlignment - 1) / kAlignment * kAlignment;
    if (memory_ == nullptr) return nullptr;
    CHECK(used_ <= capacity_, "arena of %zu bytes is too small for %zu", capacity_, used_);
    return reinterpret_cast<T*>(memory_ + at);
  }

  Matrix take_matrix(std::int64_t rows, std::int64_t cols) { return Matrix(take<float>(rows * cols), rows, cols); }

 private:
  std::byte* memory_ = nullptr;
  std::size_t capacity_ = 0;
  std::size_t used_ = 0;
};

}  // namespace docket
