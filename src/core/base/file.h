// Reading and writing whole files, with the operating system's reason in the Error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace docket {

using Bytes = std::vector<std::uint8_t>;

// The whole file. Errors: kNotFound, kIo, kInvalidArgument (a folder), kLimitExceeded when it holds more than
// `limit_bytes`.
Result<Bytes> read_file(const std::filesystem::path& path, std::size_t limit_bytes);
Result<std::string> read_text_file(const std::filesystem::path& path, std::size_t limit_bytes);

// Writes beside `path` and renames, so that a reader sees the old or the new content and never half of it. Errors: kIo.
Status write_file_atomic(const std::filesystem::path& path, std::string_view content);

// Lower-case hex SHA-256, 64 characters.
std::string sha256_hex(std::span<const std::uint8_t> bytes);

}  // namespace docket
