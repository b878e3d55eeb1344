#include "convert/safetensors_writer.h"

#include <cerrno>
#include <cstring>

#include "core/base/check.h"
#include "core/base/json.h"

namespace docket::convert {

void SafetensorsWriter::declare(const std::string& name, DType dtype, const Shape& shape) {
  CHECK(file_ == nullptr, "%s declared after begin()", name.c_str());
  const std::uint64_t bytes = static_cast<std::uint64_t>(shape.count()) * size_bytes(dtype);
  entries_.push_back({name, dtype, shape, size_, size_ + bytes});
  size_ += bytes;
}

Status SafetensorsWriter::fail(const std::string& what) const {
  return make_error(ErrorCode::kIo, what + ": " + std::strerror(errno), path_.string());
}

Status SafetensorsWriter::begin(const std::filesystem::path& path) {
  OrderedJson header = {{"__metadata__", {{"format", "pt"}}}};
  for (const Entry& e : entries_) {
    CHECK(!header.contains(e.name), "%s declared twice", e.name.c_str());
    header[e.name] = {{"dtype", to_string(e.dtype)}, {"shape", e.shape.dims()}, {"data_offsets", {e.begin, e.end}}};
  }
  std::string text = json_line(header);
  // Data begins at a multiple of a cache line (the reference writer's 8 bytes would do for others): packed weights are
  // read in place.
  text.append((64 - (text.size() + 8) % 64) % 64, ' ');
  path_ = path;
  partial_ = path;
  partial_ += ".partial";
  file_.reset(std::fopen(partial_.c_str(), "wb"));
  if (file_ == nullptr) return fail("cannot be opened for writing");
  const std::uint64_t length = text.size();
  if (std::fwrite(&length, 1, 8, file_.get()) != 8 ||
      std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size()) {
    return fail("cannot be written");
  }
  return {};
}

Status SafetensorsWriter::append(std::span<const std::byte> bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) return fail("cannot be written");
  written_ += bytes.size();
  return {};
}

Status SafetensorsWriter::finish() {
  CHECK(written_ == size_, "%llu bytes of %llu", static_cast<unsigned long long>(written_),
        static_cast<unsigned long long>(size_));
  if (std::fclose(file_.release()) != 0) return fail("cannot be written");
  std::error_code error;
  std::filesystem::rename(partial_, path_, error);
  if (error) return make_error(ErrorCode::kIo, "cannot be renamed into place: " + error.message(), path_.string());
  return {};
}

}  // namespace docket::convert
