#include <algorithm>
#include <cmath>

#include "core/base/check.h"
#include "core/quant/quantize.h"

namespace docket::quant {

// fp16 has 11 significant bits down to 2^-14 and a fixed spacing of 2^-24 below; adding and subtracting a power of two
// of the right size in fp32 rounds to that spacing, ties to even.
float round_to_fp16(float x) {
  const float magnitude = std::fabs(x);
  const int exponent = std::max(-14, magnitude == 0 ? -14 : std::ilogb(magnitude));
  const float spacing = std::ldexp(1.0f, exponent - 10);
  return std::copysign(std::nearbyint(magnitude / spacing) * spacing, x);
}

bool fits_fp16(std::span<const float> weight) {
  return std::all_of(weight.begin(), weight.end(), [](float x) { return std::fabs(x) < 65520.0f; });
}

Int8 quantize_8bit(std::span<const float> weight, std::int64_t out_features, std::int64_t in_features) {
  CHECK(static_cast<std::int64_t>(weight.size()) == out_features * in_features, "%zu values", weight.size());
  Int8 out;
  out.out_features = out_features;
  out.in_features = in_features;
  out.q.resize(weight.size());
  out.scb.resize(static_cast<std::size_t>(out_features));
  const auto width = static_cast<std::size_t>(in_features);
  std::vector<float> row(width);
  for (std::size_t r = 0; r < out.scb.size(); ++r) {
    float largest = 0;
    for (std::size_t k = 0; k < width; ++k) {
      row[k] = round_to_fp16(weight[r * width + k]);
      largest = std::max(largest, std::fabs(row[k]));
    }
    out.scb[r] = largest;
    // In this order: PyTorch divides a number by a tensor as reciprocal times number, and ties are common in bf16.
    const float scale = largest == 0 ? 0.0f : (1.0f / largest) * 127.0f;
    for (std::size_t k = 0; k < width; ++k) {
      out.q[r * width + k] = static_cast<std::int8_t>(std::nearbyint(row[k] * scale));
    }
  }
  return out;
}

void dequantize_rows(const Int8View& weight, std::int64_t first_row, std::int64_t num_rows, std::span<float> out) {
  CHECK(first_row >= 0 && first_row + num_rows <= weight.out_features, "rows %lld..",
        static_cast<long long>(first_row));
  const std::int8_t* from = weight.q + first_row * weight.in_features;
  float* to = out.data();
  for (std::int64_t r = first_row; r < first_row + num_rows; ++r) {
    for (std::int64_t k = 0; k < weight.in_features; ++k) {
      *to++ = static_cast<float>(*from++) * weight.scb[r] / 127.0f;
    }
  }
}

}  // namespace docket::quant
