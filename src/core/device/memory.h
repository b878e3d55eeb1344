// Memory of a device: one Buffer per plan, taken at load and given back at the end. Only the CPU so far.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/base/result.h"

namespace docket::device {

// Owned, zero-filled, aligned to 4 KiB and advised to use huge pages (a 64-row walk through a 4-bit weight touches one
// page per row otherwise). Pages cost nothing until they are written. Movable only.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer();

  std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }

  // Errors: kOutOfMemory, naming `what` it was for and the size.
  static Result<Buffer> allocate(std::size_t size_bytes, const std::string& what);

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

// What this process may still take: the smaller of the machine's MemAvailable and what its cgroup leaves.
std::uint64_t available_memory_bytes();

// This process's largest resident size so far (getrusage).
std::uint64_t peak_resident_bytes();

}  // namespace docket::device
