// A Matrix as the kernels take it: fp32 or fp16, decided at run time; every access is one element.
#pragma once

#include "core/kernels/cuda/mma.cuh"
#include "core/tensor/matrix.h"

namespace docket::kernels::cuda {

struct MatrixArg {
  void* data = nullptr;
  std::int64_t stride = 0;
  int rows = 0, cols = 0;
  bool is_half = false;

  __device__ float get(std::int64_t r, std::int64_t c) const {
    const std::int64_t at = r * stride + c;
    return is_half ? __half2float(static_cast<const half*>(data)[at]) : static_cast<const float*>(data)[at];
  }
  __device__ void put(std::int64_t r, std::int64_t c, float value) const {
    const std::int64_t at = r * stride + c;
    if (is_half) {
      static_cast<half*>(data)[at] = to_half(value);
    } else {
      static_cast<float*>(data)[at] = value;
    }
  }
};

inline MatrixArg arg_of(const Matrix& m) {
  CHECK(m.dtype == DType::kF32 || m.dtype == DType::kF16, "matrix of %s", to_string(m.dtype));
  return {m.data, m.stride, static_cast<int>(m.rows), static_cast<int>(m.cols), m.dtype == DType::kF16};
}

// Blocks of `threads` for `count` elements.
inline unsigned blocks_for(std::int64_t count, int threads) {
  return static_cast<unsigned>((count + threads - 1) / threads);
}

}  // namespace docket::kernels::cuda
