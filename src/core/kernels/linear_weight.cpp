#include "core/kernels/linear_weight.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "core/base/check.h"

namespace docket::kernels {
namespace {

std::int64_t panels_of(std::int64_t out_features) { return (out_features + kPanel - 1) / kPanel; }

WeightFormat format_of(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return WeightFormat::kF32;
    case DType::kF16:
      return WeightFormat::kF16;
    case DType::kBF16:
      return WeightFormat::kBF16;
    default:
      CHECK(false, "no panels of %s", to_string(dtype));
  }
}

// Transposes rows into panels, 64 columns at a time so that both sides stay in the cache.
template <typename T>
void fill_panels(const void* source, std::int64_t rows, std::int64_t cols, T* panels) {
  constexpr std::int64_t kStrip = 64;
  T strip[kStrip];
  for (std::int64_t p = 0; p < panels_of(rows); ++p) {
    T* panel = panels + p * cols * kPanel;
    for (std::int64_t k0 = 0; k0 < cols; k0 += kStrip) {
      const std::int64_t count = std::min(kStrip, cols - k0);
      for (std::int64_t lane = 0; lane < kPanel; ++lane) {
        const std::int64_t n = p * kPanel + lane;
        if (n < rows) {
          std::memcpy(strip, static_cast<const char*>(source) + static_cast<std::size_t>(n * cols + k0) * sizeof(T),
                      static_cast<std::size_t>(count) * sizeof(T));
        } else {
          std::memset(strip, 0, sizeof strip);
        }
        for (std::int64_t k = 0; k < count; ++k) panel[(k0 + k) * kPanel + lane] = strip[k];
      }
    }
  }
}

template <typename T>
const T* pack_values(Arena& arena, const void* source, std::int64_t rows, std::int64_t cols) {
  T* panels = arena.take<T>(panels_of(rows) * cols * kPanel);
  if (panels != nullptr) fill_panels(source, rows, cols, panels);
  return panels;
}

bool nested_fits(const quant::Block4View& w) {
  return w.nested() && w.in_features <= kScaleBlock * 256 && w.nested_block_size == 256;
}

void fill_words(const quant::Block4View& w, std::uint32_t* words) {
  const std::int64_t groups = w.in_features / 8;
  for (std::int64_t n = 0; n < w.out_features; ++n) {
    const std::uint8_t* row = w.packed + n * w.in_features / 2;
    std::uint32_t* out = words + (n / kPanel) * groups * kPanel + n % kPanel;
    for (std::int64_t g = 0; g < groups; ++g) {
      std::uint32_t word = 0;
      for (int byte = 0; byte < 4; ++byte) {
        const std::uint32_t pair = row[4 * g + byte];  // high nibble first in the source
        word |= ((pair >> 4) | ((pair & 15) << 4)) << (8 * byte);
      }
      out[g * kPanel] = word;
    }
  }
}

template <typename T, typename ScaleOf>
void fill_scales(std::int64_t rows, std::int64_t blocks, T* scales, ScaleOf scale_of) {
  for (std::int64_t n = 0; n < rows; ++n) {
    T* out = scales + (n / kPanel) * blocks * kPanel + n % kPanel;
    for (std::int64_t b = 0; b < blocks; ++b) out[b * kPanel] = scale_of(n * blocks + b);
  }
}

void pack_nested(Arena& arena, const quant::Block4View& w, LinearWeight& out) {
  const std::int64_t padded = out.num_panels() * kPanel;
  const std::int64_t blocks = w.in_features / kScaleBlock;
  auto* scale_q = arena.take<std::uint8_t>(padded * blocks);
  auto* code = arena.take<float>(256);
  auto* first = arena.take<float>(padded);
  auto* second = arena.take<float>(padded);
  auto* split = arena.take<std::int32_t>(padded);
  out.scale_q = scale_q;
  out.nested_code = code;
  out.nested_first = first;
  out.nested_second = second;
  out.nested_split = split;
  if (scale_q == nullptr) return;
  out.nested_offset = w.nested_offset;
  std::memset(scale_q, 0, static_cast<std::size_t>(padded * blocks));
  std::memcpy(code, w.nested_code, 256 * sizeof(float));
  fill_scales(w.out_features, blocks, scale_q, [&](std::int64_t b) { return w.absmax_q[b]; });
  const std::int64_t nested_blocks = (w.num_blocks() + 255) / 256;
  for (std::int64_t n = 0; n < padded; ++n) {
    const std::int64_t at = std::min(n * blocks / 256, nested_blocks - 1);
    first[n] = w.nested_absmax[at];
    second[n] = w.nested_absmax[std::min(at + 1, nested_blocks - 1)];
    split[n] = static_cast<std::int32_t>((at + 1) * 256 - n * blocks);
  }
}

}  // namespace

const char* to_string(WeightFormat format) {
  static constexpr const char* kNames[kNumWeightFormats] = {"f32", "f16", "bf16", "int8", "4-bit", "4-bit nested"};
  return kNames[static_cast<int>(format)];
}

std::size_t weight_bytes(const LinearWeight& w) {
  const auto values = static_cast<std::size_t>(w.num_panels() * kPanel * w.in_features);
  const auto rows = static_cast<std::size_t>(w.num_panels() * kPanel);
  switch (w.format) {
    case WeightFormat::kF32:
      return values * 4;
    case WeightFormat::kF16:
    case WeightFormat::kBF16:
      return values * 2;
    case WeightFormat::kI8:
      return values + rows * 4;
    case WeightFormat::kCode4:
      return values / 2 + values / 64 * 4;
    case WeightFormat::kCode4Nested:
      return values / 2 + values / 64 + rows * 12;
  }
  CHECK(false, "format %d", static_cast<int>(w.format));
}

float weight_at(const LinearWeight& w, std::int64_t n, std::int64_t k) {
  const std::int64_t p = n / kPanel, lane = n % kPanel;
  const auto at = static_cast<std::size_t>((p * w.in_features + k) * kPanel + lane);
  switch (w.format) {
    case WeightFormat::kF32:
      return static_cast<const float*>(w.panels)[at];
    case WeightFormat::kF16:
      return f16_to_f32(static_cast<const std::uint16_t*>(w.panels)[at]);
    case WeightFormat::kBF16:
      return bf16_to_f32(static_cast<const std::uint16_t*>(w.panels)[at]);
    case WeightFormat::kI8:
      return static_cast<float>(static_cast<const std::int8_t*>(w.panels)[at]) * w.scale[n];
    default:
      break;
  }
  const std::int64_t blocks = w.in_features / kScaleBlock;
  const std::uint32_t word =
      static_cast<const std::uint32_t*>(w.panels)[(p * w.in_features / 8 + k / 8) * kPanel + lane];
  const float code = w.code[(word >> (4 * (k % 8))) & 15];
  const std::int64_t block = k / kScaleBlock;
  const std::int64_t scale_at = (p * blocks + block) * kPanel + lane;
  if (w.format == WeightFormat::kCode4) return code * w.scale[scale_at];
  const float nested = block < w.nested_split[n] ? w.nested_first[n] : w.nested_second[n];
  return code * (w.nested_code[w.scale_q[scale_at]] * nested + w.nested_offset);
}

LinearWeight pack_linear(Arena& arena, DType dtype, const void* source, std::int64_t out_features,
                         std::int64_t in_features) {
  LinearWeight w;
  w.format = format_of(dtype);
  w.out_features = out_features;
  w.in_features = in_features;
  w.panels = dtype == DType::kF32
                 ? static_cast<const void*>(pack_values<float>(arena, source, out_features, in_features))
                 : pack_values<std::uint16_t>(arena, source, out_features, in_features);
  return w;
}

LinearWeight pack_linear(Arena& arena, const quant::Int8View& source) {
  LinearWeight w;
  w.format = WeightFormat::kI8;
  w.out_features = source.out_features;
  w.in_features = source.in_features;
  w.panels = pack_values<std::int8_t>(arena, source.q, w.out_features, w.in_features);
  float* scale = arena.take<float>(w.num_panels() * kPanel);
  w.scale = scale;
  if (scale == nullptr) return w;
  for (std::int64_t n = 0; n < w.num_panels() * kPanel; ++n) scale[n] = n < w.out_features ? source.scb[n] / 127.0F : 0;
  return w;
}

bool can_pack(const quant::Block4View& source) {
  return source.block_size == kScaleBlock && source.in_features % kScaleBlock == 0;
}

LinearWeight pack_linear(Arena& arena, const quant::Block4View& source) {
  CHECK(can_pack(source), "4-bit weight of %ld columns in blocks of %d", source.in_features, source.block_size);
  LinearWeight w;
  w.format = nested_fits(source) ? WeightFormat::kCode4Nested : WeightFormat::kCode4;
  w.out_features = source.out_features;
  w.in_features = source.in_features;
  const std::int64_t padded = w.num_panels() * kPanel;
  const std::int64_t blocks = w.in_features / kScaleBlock;
  auto* words = arena.take<std::uint32_t>(padded * w.in_features / 8);
  auto* code = arena.take<float>(16);
  w.panels = words;
  w.code = code;
  if (words != nullptr) {
    std::memset(words, 0, static_cast<std::size_t>(padded * w.in_features / 2));
    std::memcpy(code, source.code, 16 * sizeof(float));
    fill_words(source, words);
  }
  if (w.format == WeightFormat::kCode4Nested) {
    pack_nested(arena, source, w);
    return w;
  }
  float* scale = arena.take<float>(padded * blocks);
  w.scale = scale;
  if (scale == nullptr) return w;
  std::memset(scale, 0, static_cast<std::size_t>(padded * blocks) * sizeof(float));
  fill_scales(w.out_features, blocks, scale, [&](std::int64_t b) { return source.scale(b); });
  return w;
}

const float* pack_bias(Arena& arena, DType dtype, const void* source, std::int64_t out_features) {
  const std::int64_t padded = panels_of(out_features) * kPanel;
  float* bias = arena.take<float>(padded);
  if (bias == nullptr) return nullptr;
  std::memset(bias, 0, static_cast<std::size_t>(padded) * sizeof(float));
  convert_to_f32(dtype, source, bias, static_cast<std::size_t>(out_features));
  return bias;
}

}  // namespace docket::kernels
