// A file that several processes append to: held under a lock from opening to the end.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace docket {

class LockedFile {
 public:
  // Makes the file where it is missing and waits until no other holds it. Errors: kNotFound (its folder), kIo.
  static Result<LockedFile> open(const std::filesystem::path& path);
  LockedFile(LockedFile&& other) noexcept;
  LockedFile& operator=(LockedFile&&) = delete;
  LockedFile(const LockedFile&) = delete;
  LockedFile& operator=(const LockedFile&) = delete;
  ~LockedFile();

  // All of it. Errors: kIo, kLimitExceeded.
  Result<std::string> read(std::size_t limit_bytes) const;
  // All of `text` and flushed to the disk, or none of it. Errors: kIo.
  Status append(std::string_view text);

 private:
  LockedFile(std::filesystem::path path, int fd) : path_(std::move(path)), fd_(fd) {}
  std::filesystem::path path_;
  int fd_;
};

}  // namespace docket
