// Any bytes are a safetensors file or an Error; every tensor of one lies inside of it and has the bytes of its shape.
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/base/check.h"
#include "core/weights/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> file(reinterpret_cast<const std::byte*>(data), size);
  const auto tensors = docket::weights::parse_safetensors(file, "input");
  if (!tensors) return 0;
  for (const auto& [name, tensor] : *tensors) {
    CHECK(tensor.bytes.empty() || (tensor.bytes.data() >= file.data() &&
                                   tensor.bytes.data() + tensor.bytes.size() <= file.data() + file.size()));
    CHECK(tensor.bytes.size() == static_cast<std::size_t>(tensor.shape.count()) * docket::size_bytes(tensor.dtype));
  }
  return 0;
}
