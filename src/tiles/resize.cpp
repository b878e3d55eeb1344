// PIL's resampling (Pillow src/libImaging/Resample.c) for 8-bit pixels: each output pixel is a weighted sum of the
// input pixels under a triangle as wide as the reduction, with weights in 22-bit fixed point.
#include <algorithm>
#include <cmath>

#include "core/base/check.h"
#include "tiles/tiles.h"

namespace docket::tiles {
namespace {

constexpr int kPrecisionBits = 22;

// The weights of one axis. Output x sums weight[x * width + j] * input[first[x] + j] for j < count[x].
struct Filter {
  int width = 0;
  std::vector<int> first, count;
  std::vector<std::int32_t> weight;
};

Filter make_filter(int in, int out) {
  const double scale = static_cast<double>(in) / out;
  const double support = std::max(scale, 1.0);
  Filter f;
  f.width = static_cast<int>(std::ceil(support)) * 2 + 1;
  f.first.resize(static_cast<std::size_t>(out));
  f.count.resize(static_cast<std::size_t>(out));
  f.weight.assign(static_cast<std::size_t>(out) * static_cast<std::size_t>(f.width), 0);
  std::vector<double> w(static_cast<std::size_t>(f.width));
  for (int x = 0; x < out; ++x) {
    const double center = (x + 0.5) * scale;
    // PIL truncates here, and this must be the same bit for bit.
    // NOLINTBEGIN(bugprone-incorrect-roundings)
    const int low = std::max(static_cast<int>(center - support + 0.5), 0);
    const int high = std::min(static_cast<int>(center + support + 0.5), in);
    // NOLINTEND(bugprone-incorrect-roundings)
    double sum = 0;
    for (int j = low; j < high; ++j) {
      // PIL multiplies by the reciprocal; dividing here would round some weights differently.
      const double distance = std::fabs((j - center + 0.5) * (1.0 / support));
      const double value = distance < 1.0 ? 1.0 - distance : 0.0;
      w[static_cast<std::size_t>(j - low)] = value;
      sum += value;
    }
    const auto at = static_cast<std::size_t>(x);
    f.first[at] = low;
    f.count[at] = high - low;
    for (int j = 0; j < high - low; ++j) {
      const double normal = sum != 0.0 ? w[static_cast<std::size_t>(j)] / sum : w[static_cast<std::size_t>(j)];
      f.weight[at * static_cast<std::size_t>(f.width) + static_cast<std::size_t>(j)] =
          static_cast<std::int32_t>(0.5 + normal * (1 << kPrecisionBits));  // NOLINT(bugprone-incorrect-roundings)
    }
  }
  return f;
}

std::uint8_t to_8_bits(std::int32_t sum) {
  return static_cast<std::uint8_t>(std::clamp(sum >> kPrecisionBits, 0, 255));
}

Rgb resize_width(std::span<const std::uint8_t> rgb, Size from, int width) {
  const Filter f = make_filter(from.width, width);
  Rgb out{from.height, width, {}};
  out.data.resize(static_cast<std::size_t>(from.height) * static_cast<std::size_t>(width) * 3);
  std::uint8_t* to = out.data.data();
  for (int y = 0; y < from.height; ++y) {
    const std::uint8_t* row = rgb.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(from.width) * 3;
    for (int x = 0; x < width; ++x, to += 3) {
      const auto at = static_cast<std::size_t>(x);
      const std::int32_t* w = f.weight.data() + at * static_cast<std::size_t>(f.width);
      const std::uint8_t* in = row + static_cast<std::size_t>(f.first[at]) * 3;
      std::int32_t r = 1 << (kPrecisionBits - 1), g = r, b = r;
      for (int j = 0; j < f.count[at]; ++j, in += 3) {
        r += in[0] * w[j];
        g += in[1] * w[j];
        b += in[2] * w[j];
      }
      to[0] = to_8_bits(r);
      to[1] = to_8_bits(g);
      to[2] = to_8_bits(b);
    }
  }
  return out;
}

Rgb resize_height(std::span<const std::uint8_t> rgb, Size from, int height) {
  const Filter f = make_filter(from.height, height);
  const std::size_t stride = static_cast<std::size_t>(from.width) * 3;
  Rgb out{height, from.width, {}};
  out.data.resize(static_cast<std::size_t>(height) * stride);
  std::vector<std::int32_t> sum(stride);
  for (int y = 0; y < height; ++y) {
    const auto at = static_cast<std::size_t>(y);
    std::fill(sum.begin(), sum.end(), 1 << (kPrecisionBits - 1));
    for (int j = 0; j < f.count[at]; ++j) {
      const std::int32_t w = f.weight[at * static_cast<std::size_t>(f.width) + static_cast<std::size_t>(j)];
      const std::uint8_t* in = rgb.data() + static_cast<std::size_t>(f.first[at] + j) * stride;
      for (std::size_t i = 0; i < stride; ++i) sum[i] += in[i] * w;
    }
    std::uint8_t* to = out.data.data() + at * stride;
    for (std::size_t i = 0; i < stride; ++i) to[i] = to_8_bits(sum[i]);
  }
  return out;
}

}  // namespace

Rgb resize_bilinear(std::span<const std::uint8_t> rgb, Size from, Size to) {
  CHECK(from.height > 0 && from.width > 0 && to.height > 0 && to.width > 0, "%dx%d to %dx%d", from.width, from.height,
        to.width, to.height);
  Rgb out{from.height, from.width, {}};
  if (to.width != from.width) {
    out = resize_width(rgb, from, to.width);
  } else {
    out.data.assign(rgb.begin(), rgb.end());
  }
  if (to.height != from.height) out = resize_height(out.data, {from.height, to.width}, to.height);
  return out;
}

}  // namespace docket::tiles
