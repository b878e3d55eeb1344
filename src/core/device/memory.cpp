#include "core/device/memory.h"

#include <sys/mman.h>
#include <sys/resource.h>

#include <cstdlib>
#include <limits>
#include <utility>

#include "core/base/file.h"

namespace docket::device {
namespace {

constexpr std::uint64_t kUnknown = std::numeric_limits<std::uint64_t>::max();

// The number after `key` in a file such as /proc/meminfo, or at its start when `key` is empty; kUnknown if absent.
std::uint64_t read_number(const char* path, const std::string& key) {
  const auto text = read_text_file(path, 1 << 20);
  if (!text) return kUnknown;
  const std::size_t at = key.empty() ? 0 : text->find(key);
  if (at == std::string::npos) return kUnknown;
  const char* begin = text->c_str() + at + key.size();
  char* end = nullptr;
  const std::uint64_t value = std::strtoull(begin, &end, 10);
  return end == begin ? kUnknown : value;
}

}  // namespace

Buffer::Buffer(Buffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

Buffer::~Buffer() {
  if (data_ != nullptr) ::munmap(data_, size_);
}

Result<Buffer> Buffer::allocate(std::size_t size_bytes, const std::string& what) {
  Buffer buffer;
  if (size_bytes == 0) return buffer;
  void* memory = ::mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    return make_error(ErrorCode::kOutOfMemory, "cannot take " + std::to_string(size_bytes) + " bytes", what);
  }
  ::madvise(memory, size_bytes, MADV_HUGEPAGE);  // a hint: no harm where the kernel has none
  buffer.data_ = static_cast<std::byte*>(memory);
  buffer.size_ = size_bytes;
  return buffer;
}

std::uint64_t available_memory_bytes() {
  std::uint64_t available = read_number("/proc/meminfo", "MemAvailable:");
  if (available != kUnknown) available *= 1024;
  // cgroup v2 of this process, seen from inside its own namespace; "max" is not a number and means no limit.
  const std::uint64_t limit = read_number("/sys/fs/cgroup/memory.max", "");
  const std::uint64_t used = read_number("/sys/fs/cgroup/memory.current", "");
  if (limit != kUnknown && used != kUnknown) {
    const std::uint64_t left = limit > used ? limit - used : 0;
    if (left < available) available = left;
  }
  return available;
}

std::uint64_t peak_resident_bytes() {
  struct rusage usage {};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace docket::device
