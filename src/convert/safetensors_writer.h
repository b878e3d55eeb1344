// Writes a safetensors file tensor by tensor: every name, type and shape is declared first, then the bytes come in the
// same order. Holds one header and no data. The file appears under its name only when it is complete.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/tensor/dtype.h"
#include "core/tensor/shape.h"

namespace docket::convert {

class SafetensorsWriter {
 public:
  // CHECK: no name twice, and nothing declared after begin().
  void declare(const std::string& name, DType dtype, const Shape& shape);

  // Opens `path` (written beside it until finish) and writes the header. Errors: kIo, as of the next two.
  Status begin(const std::filesystem::path& path);
  // The next bytes; any number of calls a tensor, in the order of declaration.
  Status append(std::span<const std::byte> bytes);
  // CHECK: exactly the declared bytes were appended.
  Status finish();

  template <typename T>
  Status append_values(std::span<const T> values) {
    return append(std::as_bytes(values));
  }

 private:
  struct Entry {
    std::string name;
    DType dtype;
    Shape shape;
    std::uint64_t begin, end;
  };
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  Status fail(const std::string& what) const;

  std::vector<Entry> entries_;
  std::uint64_t size_ = 0, written_ = 0;
  std::filesystem::path path_, partial_;
  std::unique_ptr<std::FILE, Closer> file_;
};

}  // namespace docket::convert
