// What the linear kernels are given. Plain data: it travels as a kernel parameter.
#pragma once

#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <cstdint>

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
  float factor;
  int num_segments;
  LinearSegment segments[kMaxSegments];
};

// The most rows that one pass over the weights serves.
inline constexpr int kMaxRowsSm70 = 32;
inline constexpr int kMaxRowsSm80 = 64;

// One launch for any number of rows; more than the most take further passes. Every segment has `format`.
void launch_linear_sm70(LinearArgs args, DeviceFormat format, cudaStream_t stream);
void launch_linear_sm80(LinearArgs args, DeviceFormat format, cudaStream_t stream);

}  // namespace docket::kernels::cuda
