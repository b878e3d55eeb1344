#include "core/base/file.h"

#include <fcntl.h>
#include <openssl/sha.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace docket {
namespace {

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

Unexpected os_error(const char* what, const std::filesystem::path& path) {
  const int code = errno;
  return make_error(code == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo,
                    std::string("cannot ") + what + ": " + std::strerror(code), path.string());
}

// Reads to the end rather than to st_size, which is 0 for pipes and /proc.
template <typename Container>
Result<Container> read_all(const std::filesystem::path& path, std::size_t limit_bytes) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return os_error("open", path);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return os_error("read", path);
  if (S_ISDIR(info.st_mode))
    return make_error(ErrorCode::kInvalidArgument, "is a folder, expected a file", path.string());
  Container out;
  std::array<char, 1 << 16> chunk{};
  for (;;) {
    const ssize_t got = ::read(file.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return os_error("read", path);
    if (got == 0) return out;
    if (out.size() + static_cast<std::size_t>(got) > limit_bytes) {
      return make_error(ErrorCode::kLimitExceeded,
                        "holds more than the limit of " + std::to_string(limit_bytes) + " bytes", path.string());
    }
    out.insert(out.end(), chunk.data(), chunk.data() + got);
  }
}

}  // namespace

Result<Bytes> read_file(const std::filesystem::path& path, std::size_t limit_bytes) {
  return read_all<Bytes>(path, limit_bytes);
}

Result<std::string> read_text_file(const std::filesystem::path& path, std::size_t limit_bytes) {
  return read_all<std::string>(path, limit_bytes);
}

Status write_file_atomic(const std::filesystem::path& path, std::string_view content) {
  const std::filesystem::path temporary = path.string() + ".tmp" + std::to_string(::getpid());
  {
    const FileDescriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (file.get() < 0) return os_error("create", temporary);
    while (!content.empty()) {
      const ssize_t put = ::write(file.get(), content.data(), content.size());
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) {
        const Unexpected failure = os_error("write", temporary);
        ::unlink(temporary.c_str());
        return failure;
      }
      content.remove_prefix(static_cast<std::size_t>(put));
    }
    if (::fsync(file.get()) != 0) return os_error("flush", temporary);
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) return os_error("rename to", path);
  return {};
}

std::string sha256_hex(std::span<const std::uint8_t> bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  ::SHA256(bytes.data(), bytes.size(), digest.data());
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  out.reserve(2 * digest.size());
  for (const unsigned char byte : digest) {
    out.push_back(kHex[byte >> 4]);
    out.push_back(kHex[byte & 15]);
  }
  return out;
}

}  // namespace docket
