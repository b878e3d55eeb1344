// What the linear kernels are given. Plain data: it travels as a kernel parameter.
#pragma once

#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <cstdint>

#include "core/kernels/cuda/context.h"
#include "core/kernels/cuda/tile_device.h"
#include "core/kernels/device_weight.h"

namespace docket::kernels::cuda {

inline constexpr int kMaxSegments = 3;  // weights that share one input and go in one launch

struct LinearSegment {
  const void* panels;
  const void* scales;
  const float* code;
  const float* bias;
  void* y;  // [rows, out_features]
  std::int64_t y_stride;
  int out_features;
  int first_block;  // of the grid's x
};

enum class Activation : int { kNone, kGelu };

struct LinearArgs {
  const half* x;  // [rows, in_features]
  std::int64_t x_stride;
  int rows;
  int in_features;
  bool aligned;  // rows of x start at multiples of 16 bytes
  bool y_half;   // y is fp16, else fp32
  bool add;      // y += factor * (xWᵀ + b)
  Activation activation;
  bool gated;  // two segments: the first one's y = silu(its product) * the second one's product
  float factor;
  int num_segments;
  int num_panels;  // of the segments that the grid walks, for linear_stream
  LinearSegment segments[kMaxSegments];
};

// The most rows that one pass over the weights serves.
inline constexpr int kMaxRowsSm70 = 32;
inline constexpr int kMaxRowsSm80 = 64;
// linear_tile, where the device has it (tile_device.h): from more than kSmallRows rows to kMaxRowsTile.
inline constexpr int kSmallRows = 8;
inline constexpr int kMaxRowsTile = 256;

// Whether linear_stream takes it: the kernel of 1..8 rows, and the only one that takes gated ones.
inline bool takes_stream(const LinearArgs& args) {
  return args.rows <= kSmallRows && args.aligned && args.in_features % 64 == 0;
}

// One launch for any number of rows; more than the most take further passes. Every segment has `format`.
void launch_linear_sm70(LinearArgs args, DeviceFormat format, const LaunchOptions& options);
void launch_linear_sm80(LinearArgs args, DeviceFormat format, const LaunchOptions& options);

void launch_linear_tile_sm80(LinearArgs args, DeviceFormat format, const TileDevice& device,
                             const LaunchOptions& options);

}  // namespace docket::kernels::cuda
