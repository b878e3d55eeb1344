// A Matrix as the kernels take it: fp32 or fp16, decided at run time; an access is one element, or kWide neighbours
// where both matrix and width allow.
#pragma once

#include "core/kernels/cuda/mma.cuh"
#include "core/tensor/matrix.h"

namespace docket::kernels::cuda {

inline constexpr int kWide = 8;  // elements of a wide access: 16 bytes of fp16, 32 of fp32

// kCount neighbouring elements, on their way.
template <int kCount>
struct Values {
  float at[kCount];
};

__device__ __forceinline__ Values<kWide> load_floats(const float* source) {  // 16-byte aligned
  const float4 low = *reinterpret_cast<const float4*>(source), high = *reinterpret_cast<const float4*>(source + 4);
  return {{low.x, low.y, low.z, low.w, high.x, high.y, high.z, high.w}};
}
__device__ __forceinline__ Values<kWide> load_halves(const half* source) {  // 16-byte aligned
  const uint4 bits = *reinterpret_cast<const uint4*>(source);
  const float2 a = __half22float2(as_half2(bits.x)), b = __half22float2(as_half2(bits.y)),
               c = __half22float2(as_half2(bits.z)), d = __half22float2(as_half2(bits.w));
  return {{a.x, a.y, b.x, b.y, c.x, c.y, d.x, d.y}};
}
__device__ __forceinline__ uint4 pack_halves(const Values<kWide>& v) {
  const auto pair = [&](int i) { return as_bits(__halves2half2(to_half(v.at[i]), to_half(v.at[i + 1]))); };
  return {pair(0), pair(2), pair(4), pair(6)};
}

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

  // Elements [c, c + kCount) of row r; kCount is 1 or kWide, the latter when is_wide() and c % kWide == 0.
  template <int kCount>
  __device__ Values<kCount> load(std::int64_t r, std::int64_t c) const {
    if constexpr (kCount == 1) {
      return {{get(r, c)}};
    } else {
      const std::int64_t at = r * stride + c;
      return is_half ? load_halves(static_cast<const half*>(data) + at)
                     : load_floats(static_cast<const float*>(data) + at);
    }
  }
  template <int kCount>
  __device__ void store(std::int64_t r, std::int64_t c, const Values<kCount>& v) const {
    if constexpr (kCount == 1) {
      put(r, c, v.at[0]);
    } else if (is_half) {
      *reinterpret_cast<uint4*>(static_cast<half*>(data) + r * stride + c) = pack_halves(v);
    } else {
      auto* to = reinterpret_cast<float4*>(static_cast<float*>(data) + r * stride + c);
      to[0] = {v.at[0], v.at[1], v.at[2], v.at[3]};
      to[1] = {v.at[4], v.at[5], v.at[6], v.at[7]};
    }
  }
  bool is_wide() const {
    return reinterpret_cast<std::uintptr_t>(data) % 16 == 0 && stride % kWide == 0 && cols % kWide == 0;
  }
};

inline MatrixArg arg_of(const Matrix& m) {
  CHECK(m.dtype == DType::kF32 || m.dtype == DType::kF16, "matrix of %s", to_string(m.dtype));
  return {m.data, m.stride, static_cast<int>(m.rows), static_cast<int>(m.cols), m.dtype == DType::kF16};
}

__device__ __forceinline__ float gelu_of(float z) { return 0.5F * z * (1.0F + erff(z * 0.70710678118654752440F)); }

// Blocks of `threads` for `count` elements.
inline unsigned blocks_for(std::int64_t count, int threads) {
  return static_cast<unsigned>((count + threads - 1) / threads);
}

// Calls body.run<kCount>(r, c) for every kCount neighbours of a matrix of `count` times kCount elements, `units` of
// them a row. The division is of 32 bits: one of 64 would cost more than the rest of most bodies.
template <int kCount, typename Body>
__global__ void __launch_bounds__(256) for_each_unit(std::uint32_t count, std::uint32_t units, Body body) {
  const std::uint32_t i = blockIdx.x * 256 + threadIdx.x;
  if (i >= count) return;
  const std::uint32_t r = i / units;
  body.template run<kCount>(r, static_cast<int>((i - r * units) * kCount));
}

// For every element of a matrix of this size, kCount at a time.
template <int kCount, typename Body>
void launch_units(cudaStream_t stream, std::int64_t rows, std::int64_t cols, const Body& body) {
  const std::int64_t units = cols / kCount;
  CHECK(rows * units < std::int64_t{1} << 32, "%ld rows of %ld", rows, cols);
  const auto count = static_cast<std::uint32_t>(rows * units);
  if (count == 0) return;
  for_each_unit<kCount><<<blocks_for(count, 256), 256, 0, stream>>>(count, static_cast<std::uint32_t>(units), body);
}
template <typename Body>
void launch_each(cudaStream_t stream, std::int64_t rows, std::int64_t cols, bool wide, const Body& body) {
  if (wide) return launch_units<kWide>(stream, rows, cols, body);
  launch_units<1>(stream, rows, cols, body);
}

}  // namespace docket::kernels::cuda
