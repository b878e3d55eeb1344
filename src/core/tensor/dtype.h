// The element types that a checkpoint may hold, and the scalar conversions between the floating ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace docket {

enum class DType : std::uint8_t { kF32, kF16, kBF16, kF64, kI64, kI32, kI16, kI8, kU8, kBool };

std::size_t size_bytes(DType dtype);  // of one element

// The safetensors spelling: "F32", "BF16", "U8", ...
const char* to_string(DType dtype);
std::optional<DType> parse_dtype(std::string_view name);  // nullopt for a name that is none of the above

inline bool is_floating(DType dtype) {
  return dtype == DType::kF32 || dtype == DType::kF16 || dtype == DType::kBF16 || dtype == DType::kF64;
}

// Exact. IEEE binary16 with subnormals, infinities and NaN; bfloat16 is the upper half of a binary32.
float f16_to_f32(std::uint16_t bits);
float bf16_to_f32(std::uint16_t bits);

// Round to nearest, ties to even, as PyTorch rounds; beyond the range gives infinity.
std::uint16_t f32_to_f16(float value);
std::uint16_t f32_to_bf16(float value);

// `count` elements of a floating type from `source` (any alignment) to fp32; exact for all but kF64.
void convert_to_f32(DType dtype, const void* source, float* target, std::size_t count);

}  // namespace docket
