#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "core/weights/safetensors.h"

namespace docket::weights {
namespace {

constexpr std::uintptr_t kPage = 4096;

// madvise wants whole pages: widened for a wish, narrowed for a goodbye so that a neighbour's page is left alone.
void advise(std::span<const std::byte> part, int advice, bool widen) {
  const auto address = reinterpret_cast<std::uintptr_t>(part.data());
  const std::uintptr_t end_address = address + part.size();
  const std::uintptr_t begin = widen ? address / kPage * kPage : (address + kPage - 1) / kPage * kPage;
  const std::uintptr_t end = widen ? (end_address + kPage - 1) / kPage * kPage : end_address / kPage * kPage;
  if (begin >= end) return;
  // Pages are reached from the span's own pointer, so that it keeps its provenance.
  auto* first = const_cast<std::byte*>(part.data()) + static_cast<std::ptrdiff_t>(begin - address);
  ::madvise(first, end - begin, advice);
}

}  // namespace

Result<MappedFile> MappedFile::open(const std::filesystem::path& path) {
  const auto failure = [&](const char* what) {
    const int code = errno;
    return make_error(code == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo,
                      std::string("cannot ") + what + ": " + std::strerror(code), path.string());
  };
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return failure("open");
  struct stat info {};
  if (::fstat(fd, &info) != 0) {
    const Unexpected error = failure("read");
    ::close(fd);
    return error;
  }
  if (!S_ISREG(info.st_mode)) {
    ::close(fd);
    return make_error(ErrorCode::kInvalidArgument, "is not a plain file", path.string());
  }
  MappedFile file;
  file.size_ = static_cast<std::size_t>(info.st_size);
  if (file.size_ > 0) {
    void* memory = ::mmap(nullptr, file.size_, PROT_READ, MAP_PRIVATE, fd, 0);
    if (memory == MAP_FAILED) {
      const Unexpected error = failure("map");
      ::close(fd);
      return error;
    }
    file.data_ = static_cast<const std::byte*>(memory);
  }
  ::close(fd);
  return file;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

void MappedFile::will_need(std::span<const std::byte> part) const { advise(part, MADV_WILLNEED, true); }
void MappedFile::dont_need(std::span<const std::byte> part) const { advise(part, MADV_DONTNEED, false); }

}  // namespace docket::weights
