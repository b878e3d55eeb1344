// LinearWeight: one weight matrix [out_features, in_features] in the order that the kernels read it.
//
// Panels: 16 output features side by side, because 16 fp32 lanes are one AVX-512 register. Panel p holds features
// 16p..16p+15, padded with zeros past the last; inside a panel k runs slowest:
//
//   kF32, kF16, kBF16, kI8:  element (n, k) at  (p * K + k) * 16 + lane                   n = 16p + lane
//   kCode4:                  32-bit word     at  (p * K / 8 + k / 8) * 16 + lane, nibble k % 8, lowest first;
//                            its scale       at  (p * K / 64 + k / 64) * 16 + lane
//
// So a matrix-vector product adds x[k] * panel row k without any sum across lanes, and one layout serves decode,
// prefill and vision. 4-bit values keep bitsandbytes' codes and scales: w = code[nibble] * absmax, exactly.
// Scales stay in 8 bits when they come so (double quantisation): absmax = nested_code[q] * nested_absmax + offset.
// A nested block covers 256 scales of the flattened matrix, so it may begin inside a row; while K <= 64 * 256 a row
// meets at most two of them: `nested_first` up to block column `nested_split`, `nested_second` from there on.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/kernels/device_weight.h"
#include "core/quant/block4.h"
#include "core/tensor/arena.h"
#include "core/tensor/dtype.h"

namespace docket::kernels {

inline constexpr std::int64_t kPanel = 16;       // output features of a panel
inline constexpr std::int64_t kScaleBlock = 64;  // input features that share a 4-bit scale

enum class WeightFormat : std::uint8_t { kF32, kF16, kBF16, kI8, kCode4, kCode4Nested };
inline constexpr int kNumWeightFormats = 6;
const char* to_string(WeightFormat format);

// Borrowed from an arena or a mapped packed file; freely copied, never changed after load.
struct LinearWeight {
  WeightFormat format = WeightFormat::kF32;
  std::int64_t out_features = 0;          // N
  std::int64_t in_features = 0;           // K; a multiple of 64 for the 4-bit formats
  const void* panels = nullptr;           // see above
  const float* scale = nullptr;           // kI8: [16 * num_panels], w = q * scale[n]; kCode4: [num_panels, K / 64, 16]
  const float* code = nullptr;            // [16], 4-bit formats
  const std::uint8_t* scale_q = nullptr;  // kCode4Nested: [num_panels, K / 64, 16]
  const float* nested_code = nullptr;     // [256]
  const float* nested_first = nullptr;    // [16 * num_panels]
  const float* nested_second = nullptr;   // [16 * num_panels]
  const std::int32_t* nested_split = nullptr;  // [16 * num_panels], block columns
  float nested_offset = 0;
  const float* bias = nullptr;  // [16 * num_panels] or null
  bool has_bias = false;        // known before it is loaded
  DeviceWeight device;          // the same on a device, once it is placed there; what is above may be gone then
  std::int32_t module = -1;     // its number among a model's linear weights, by which adapters find it; -1: none

  LinearWeight without_bias() const {
    LinearWeight out = *this;
    out.bias = out.device.bias = nullptr;
    out.has_bias = false;
    return out;
  }
  std::int64_t num_panels() const { return (out_features + kPanel - 1) / kPanel; }
};

// Bytes of everything a weight points to, bias aside: what a matrix-vector product reads.
std::size_t weight_bytes(const LinearWeight& weight);

// Element (n, k), computed plainly; for the reference and for tests.
float weight_at(const LinearWeight& weight, std::int64_t n, std::int64_t k);

// Packing. Each takes its memory from `arena` and fills it unless the arena only measures; the source may then be null.
// `source` is row-major [N, K] of F32, F16 or BF16 at any alignment; the format follows the type.
LinearWeight pack_linear(Arena& arena, DType dtype, const void* source, std::int64_t out_features,
                         std::int64_t in_features);
LinearWeight pack_linear(Arena& arena, const quant::Int8View& source);
// K must be a multiple of 64 with blocks of 64 (can_pack); the nested form needs K <= 16384 and nested blocks of 256,
// and else the scales are stored in fp32.
LinearWeight pack_linear(Arena& arena, const quant::Block4View& source);
bool can_pack(const quant::Block4View& source);

// A bias of N values from a floating type, padded with zeros to whole panels.
const float* pack_bias(Arena& arena, DType dtype, const void* source, std::int64_t out_features);

}  // namespace docket::kernels
