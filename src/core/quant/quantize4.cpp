// The nearest codebook entry is found in two steps: count the midpoints below x, which is right except within one
// rounding of a midpoint; then compare the fp32 distances to that entry and its neighbours, lowest index first on a
// tie, which is what bitsandbytes' argmin does.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/check.h"
#include "core/quant/codebook.h"
#include "core/quant/quantize.h"

namespace docket::quant {
namespace {

// The codebook in ascending order, for the search.
struct Sorted {
  std::array<float, 16> value{};
  std::array<int, 16> index{};  // the code that stands for value[i]
  std::array<float, 15> midpoint{};

  explicit Sorted(const std::array<float, 16>& code) {
    std::iota(index.begin(), index.end(), 0);
    std::stable_sort(index.begin(), index.end(), [&](int a, int b) {
      return code[static_cast<std::size_t>(a)] < code[static_cast<std::size_t>(b)];
    });
    for (std::size_t i = 0; i < 16; ++i) value[i] = code[static_cast<std::size_t>(index[i])];
    for (std::size_t i = 0; i < 15; ++i) midpoint[i] = (value[i] + value[i + 1]) / 2;
  }

  int nearest(float x) const {
    int guess = 0;
    for (const float m : midpoint) guess += x > m ? 1 : 0;
    const int first = std::max(0, guess - 2), last = std::min(15, guess + 2);
    int best = -1;
    float best_distance = 0;
    for (int i = first; i <= last; ++i) {
      const auto k = static_cast<std::size_t>(i);
      const float distance = std::fabs(x - value[k]);
      if (best < 0 || distance < best_distance || (distance == best_distance && index[k] < best)) {
        best = index[k];
        best_distance = distance;
      }
    }
    return best;
  }
};

// One block: its absmax, and its codes into `codes`.
float encode_block(std::span<const float> block, const Sorted& sorted, std::uint8_t* codes) {
  float absmax = 0;
  for (const float x : block) absmax = std::max(absmax, std::fabs(x));
  if (absmax == 0) {
    std::fill_n(codes, block.size(), std::uint8_t{0});
    return 0;
  }
  const float inverse = 1.0f / absmax;
  for (std::size_t i = 0; i < block.size(); ++i) {
    const float x = std::clamp(block[i] * inverse, -1.0f, 1.0f);
    codes[i] = static_cast<std::uint8_t>(sorted.nearest(x));
  }
  return absmax;
}

// The nearest entry of the dynamic map: the last one not above x, or its successor when that is strictly nearer.
std::uint8_t nearest_dynamic(float x, const std::array<float, 256>& map) {
  const auto above = std::upper_bound(map.begin() + 1, map.end(), x);
  const auto low = above - 1;
  if (above == map.end()) return 255;
  const bool take_above = std::fabs(*above - x) < std::fabs(x - *low);
  return static_cast<std::uint8_t>((take_above ? above : low) - map.begin());
}

}  // namespace

Block4 quantize_4bit(std::span<const float> weight, std::int64_t out_features, std::int64_t in_features, Code4 code,
                     bool double_quantize, int block_size) {
  const auto n = static_cast<std::int64_t>(weight.size());
  CHECK(n > 0 && n == out_features * in_features, "%lld values", static_cast<long long>(n));
  CHECK(block_size >= 2 && block_size % 2 == 0, "block of %d", block_size);
  Block4 out;
  out.out_features = out_features;
  out.in_features = in_features;
  out.block_size = block_size;
  out.code.assign(codebook(code).begin(), codebook(code).end());
  out.packed.assign(static_cast<std::size_t>((n + 1) / 2), 0);
  out.absmax.resize(static_cast<std::size_t>((n + block_size - 1) / block_size));
  const Sorted sorted(codebook(code));
  std::vector<std::uint8_t> codes(static_cast<std::size_t>(block_size));
  for (std::size_t b = 0; b < out.absmax.size(); ++b) {
    const std::size_t begin = b * static_cast<std::size_t>(block_size);
    const std::size_t count = std::min(static_cast<std::size_t>(block_size), weight.size() - begin);
    out.absmax[b] = encode_block(weight.subspan(begin, count), sorted, codes.data());
    for (std::size_t i = 0; i < count; ++i) {
      const int shift = i % 2 == 0 ? 4 : 0;
      out.packed[(begin + i) / 2] = static_cast<std::uint8_t>(out.packed[(begin + i) / 2] | codes[i] << shift);
    }
  }
  if (double_quantize) {
    const double sum = std::accumulate(out.absmax.begin(), out.absmax.end(), 0.0);
    quantize_absmax(out, static_cast<float>(sum / static_cast<double>(out.absmax.size())));
  }
  return out;
}

void quantize_absmax(Block4& block, float offset) {
  const std::array<float, 256>& map = dynamic_map();
  const std::size_t n = block.absmax.size();
  block.absmax_q.resize(n);
  block.nested_absmax.clear();
  block.nested_code.assign(map.begin(), map.end());
  block.nested_offset = offset;
  for (std::size_t begin = 0; begin < n; begin += kNestedBlockSize) {
    const std::size_t end = std::min(n, begin + kNestedBlockSize);
    float largest = 0;
    for (std::size_t i = begin; i < end; ++i) largest = std::max(largest, std::fabs(block.absmax[i] - offset));
    block.nested_absmax.push_back(largest);
    const float inverse = largest == 0 ? 0.0f : 1.0f / largest;
    for (std::size_t i = begin; i < end; ++i) {
      const float x = std::clamp((block.absmax[i] - offset) * inverse, -1.0f, 1.0f);
      block.absmax_q[i] = largest == 0 ? std::uint8_t{0} : nearest_dynamic(x, map);
    }
  }
  block.absmax.clear();
}

void dequantize_rows(const Block4View& weight, std::int64_t first_row, std::int64_t num_rows, std::span<float> out) {
  const std::int64_t begin = first_row * weight.in_features, end = begin + num_rows * weight.in_features;
  CHECK(first_row >= 0 && end <= weight.num_values(), "rows %lld..", static_cast<long long>(first_row));
  CHECK(static_cast<std::int64_t>(out.size()) >= end - begin, "out holds %zu", out.size());
  float* to = out.data();
  for (std::int64_t i = begin; i < end;) {
    const std::int64_t block = i / weight.block_size;
    const std::int64_t stop = std::min(end, (block + 1) * weight.block_size);
    const float scale = weight.scale(block);
    for (; i < stop; ++i) *to++ = weight.code[weight.nibble(i)] * scale;
  }
}

}  // namespace docket::quant
