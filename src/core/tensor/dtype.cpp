#include "core/tensor/dtype.h"

#include <array>
#include <bit>
#include <cstring>

#include "core/base/check.h"

namespace docket {
namespace {

struct DTypeInfo {
  DType dtype;
  std::size_t size_bytes;
  const char* name;
};

constexpr std::array<DTypeInfo, 10> kInfo = {{{DType::kF32, 4, "F32"},
                                              {DType::kF16, 2, "F16"},
                                              {DType::kBF16, 2, "BF16"},
                                              {DType::kF64, 8, "F64"},
                                              {DType::kI64, 8, "I64"},
                                              {DType::kI32, 4, "I32"},
                                              {DType::kI16, 2, "I16"},
                                              {DType::kI8, 1, "I8"},
                                              {DType::kU8, 1, "U8"},
                                              {DType::kBool, 1, "BOOL"}}};

const DTypeInfo& info(DType dtype) {
  const auto index = static_cast<std::size_t>(dtype);
  CHECK(index < kInfo.size(), "dtype %zu", index);
  return kInfo[index];
}

template <typename T>
T load(const void* source, std::size_t index) {
  T value;
  std::memcpy(&value, static_cast<const char*>(source) + index * sizeof(T), sizeof(T));
  return value;
}

}  // namespace

std::size_t size_bytes(DType dtype) { return info(dtype).size_bytes; }
const char* to_string(DType dtype) { return info(dtype).name; }

std::optional<DType> parse_dtype(std::string_view name) {
  for (const DTypeInfo& entry : kInfo) {
    if (name == entry.name) return entry.dtype;
  }
  return std::nullopt;
}

float bf16_to_f32(std::uint16_t bits) { return std::bit_cast<float>(std::uint32_t{bits} << 16); }

float f16_to_f32(std::uint16_t bits) {
  const std::uint32_t sign = (std::uint32_t{bits} & 0x8000U) << 16;
  const std::uint32_t exponent = (bits >> 10) & 0x1FU;
  const std::uint32_t mantissa = bits & 0x3FFU;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7F800000U | (mantissa << 13));
  if (exponent != 0) return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (mantissa << 13));
  // Zero or subnormal: mantissa * 2^-24, exact in binary32.
  const float magnitude = static_cast<float>(mantissa) * 0x1p-24F;
  return sign != 0 ? -magnitude : magnitude;
}

std::uint16_t f32_to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7FFFFFFFU) > 0x7F800000U) return static_cast<std::uint16_t>((bits >> 16) | 0x40U);  // stays a NaN
  return static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16);
}

std::uint16_t f32_to_f16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = (bits >> 16) & 0x8000U;
  const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
  if (magnitude > 0x7F800000U) return static_cast<std::uint16_t>(sign | 0x7E00U);
  if (magnitude >= 0x477FF000U) return static_cast<std::uint16_t>(sign | 0x7C00U);  // >= 65520 rounds to infinity
  if (magnitude < 0x38800000U) {                                                    // below 2^-14: subnormal
    // Adding 0.5 puts the unit of binary16's subnormals, 2^-24, at the last bit of the binary32 sum, rounded to even.
    const float shifted = std::bit_cast<float>(magnitude) + 0.5F;
    return static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(shifted) - 0x3F000000U));
  }
  const std::uint32_t rounded = magnitude + 0xFFFU + ((magnitude >> 13) & 1U);
  return static_cast<std::uint16_t>(sign | ((rounded - 0x38000000U) >> 13));
}

void convert_to_f32(DType dtype, const void* source, float* target, std::size_t count) {
  switch (dtype) {
    case DType::kF32:
      std::memcpy(target, source, count * sizeof(float));
      return;
    case DType::kF16:
      for (std::size_t i = 0; i < count; ++i) target[i] = f16_to_f32(load<std::uint16_t>(source, i));
      return;
    case DType::kBF16:
      for (std::size_t i = 0; i < count; ++i) target[i] = bf16_to_f32(load<std::uint16_t>(source, i));
      return;
    case DType::kF64:
      for (std::size_t i = 0; i < count; ++i) target[i] = static_cast<float>(load<double>(source, i));
      return;
    default:
      CHECK(false, "%s is not a floating type", to_string(dtype));
  }
}

}  // namespace docket
