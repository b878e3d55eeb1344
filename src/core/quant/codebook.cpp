#include "core/quant/codebook.h"

#include <algorithm>
#include <cmath>

#include "core/base/check.h"

namespace docket::quant {
namespace {

constexpr std::array<float, 16> kNf4 = {
    -1.0f,
    -0.6961928009986877f,
    -0.5250730514526367f,
    -0.39491748809814453f,
    -0.28444138169288635f,
    -0.18477343022823334f,
    -0.09105003625154495f,
    0.0f,
    0.07958029955625534f,
    0.16093020141124725f,
    0.24611230194568634f,
    0.33791524171829224f,
    0.44070982933044434f,
    0.5626170039176941f,
    0.7229568362236023f,
    1.0f,
};

// Magnitudes of the low three bits, divided by the largest (12) as bitsandbytes does.
constexpr std::array<float, 8> kFp4Magnitude = {0.0f,      0.0625f / 12, 8.0f / 12, 12.0f / 12,
                                                4.0f / 12, 6.0f / 12,    2.0f / 12, 3.0f / 12};

std::array<float, 16> make_fp4() {
  std::array<float, 16> code{};
  for (std::size_t i = 0; i < 8; ++i) {
    code[i] = kFp4Magnitude[i];
    code[i + 8] = -kFp4Magnitude[i];
  }
  return code;
}

// torch.linspace in fp32 counts up from the start in the first half and down from the end in the second, with one
// rounding each (a fused multiply-add).
float linspace(float start, float end, int count, int i) {
  const float step = (end - start) / static_cast<float>(count - 1);
  if (i < count / 2) return std::fma(step, static_cast<float>(i), start);
  return std::fma(-step, static_cast<float>(count - 1 - i), end);
}

std::array<float, 256> make_dynamic_map() {
  std::array<float, 256> map{};
  std::size_t n = 0;
  for (int i = 0; i < 7; ++i) {
    const int count = (1 << i) + 1;
    const double power = std::pow(10.0, i - 6);
    for (int j = 0; j + 1 < count; ++j) {
      const float midpoint = (linspace(0.1f, 1.0f, count, j) + linspace(0.1f, 1.0f, count, j + 1)) / 2.0f;
      const float value = static_cast<float>(power) * midpoint;
      map[n++] = value;
      map[n++] = -value;
    }
  }
  map[n++] = 0.0f;
  map[n++] = 1.0f;
  CHECK(n == map.size(), "%zu values", n);
  std::sort(map.begin(), map.end());
  return map;
}

}  // namespace

const std::array<float, 16>& codebook(Code4 code) {
  static const std::array<float, 16> fp4 = make_fp4();
  return code == Code4::kNf4 ? kNf4 : fp4;
}

const std::array<float, 256>& dynamic_map() {
  static const std::array<float, 256> map = make_dynamic_map();
  return map;
}

}  // namespace docket::quant
