#include "core/base/locked_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace docket {
namespace {

Unexpected os_error(const char* what, const std::filesystem::path& path) {
  const int code = errno;
  return make_error(code == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo,
                    std::string("cannot ") + what + ": " + std::strerror(code), path.string());
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::write(fd, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

}  // namespace

Result<LockedFile> LockedFile::open(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) return os_error("open", path);
  LockedFile file(path, fd);
  while (::flock(fd, LOCK_EX) != 0) {
    if (errno != EINTR) return os_error("lock", path);
  }
  return file;
}

LockedFile::LockedFile(LockedFile&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}

LockedFile::~LockedFile() {
  if (fd_ >= 0) ::close(fd_);  // which lets go of the lock
}

Result<std::string> LockedFile::read(std::size_t limit_bytes) const {
  std::string out;
  std::array<char, 1 << 16> chunk{};
  for (;;) {
    const ssize_t got = ::pread(fd_, chunk.data(), chunk.size(), static_cast<off_t>(out.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return os_error("read", path_);
    if (got == 0) return out;
    if (out.size() + static_cast<std::size_t>(got) > limit_bytes) {
      return make_error(ErrorCode::kLimitExceeded,
                        "holds more than the limit of " + std::to_string(limit_bytes) + " bytes", path_.string());
    }
    out.append(chunk.data(), static_cast<std::size_t>(got));
  }
}

Status LockedFile::append(std::string_view text) {
  struct stat before {};
  if (::fstat(fd_, &before) != 0) return os_error("look at", path_);
  if (write_all(fd_, text) && ::fsync(fd_) == 0) return {};
  const Unexpected failure = os_error("write", path_);
  if (::ftruncate(fd_, before.st_size) != 0) return os_error("take back half a line of", path_);
  return failure;
}

}  // namespace docket
