// safetensors: one file of named tensors, mapped into memory and checked before anything is believed.
//
// Layout (huggingface/safetensors README): 8 bytes little-endian header length N, N bytes of JSON
// {name: {dtype, shape, data_offsets: [begin, end)}}, then the data; row-major, little-endian, without gap or overlap.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "core/base/result.h"
#include "core/tensor/dtype.h"
#include "core/tensor/shape.h"

namespace docket::weights {

// A tensor as it lies in a file. The bytes are borrowed from the mapping and may start at any address (the format does
// not align them): read elements with convert_to_f32 or memcpy.
struct StoredTensor {
  std::string name;  // as the file spells it
  std::string file;  // for messages
  DType dtype = DType::kF32;
  Shape shape;
  std::span<const std::byte> bytes;  // shape.count() * size_bytes(dtype)
};

using TensorMap = std::map<std::string, StoredTensor>;

inline constexpr std::size_t kMaxHeaderBytes = 100'000'000;  // the limit of the safetensors library

// Reads the header of `file` and checks every size and offset against it; `where` names the file in errors.
// Errors: kMalformed with file, tensor and reason (also for a name given twice), kUnsupported for an unknown dtype.
Result<TensorMap> parse_safetensors(std::span<const std::byte> file, const std::string& where);

// A file mapped read-only and privately. Truncating it while it is mapped kills the process (SIGBUS), as with any map.
class MappedFile {
 public:
  // Errors: kNotFound, kIo, kInvalidArgument for a folder.
  static Result<MappedFile> open(const std::filesystem::path& path);

  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return {data_, size_}; }
  // Asks for the pages of `part` ahead of use, or says that they may go (they stay readable); hints only.
  void will_need(std::span<const std::byte> part) const;
  void dont_need(std::span<const std::byte> part) const;

 private:
  MappedFile() = default;
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace docket::weights
