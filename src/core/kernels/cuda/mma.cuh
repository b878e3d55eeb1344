// The tensor-core instructions that the kernels use, one wrapper each, and fp16 helpers. sm_80's do not exist below it:
// their bodies are left out there, and dispatch never sends such a device into them.
#pragma once

#include <cuda_fp16.h>

#include <cstdint>

#include "core/kernels/cuda/fragments.h"

namespace docket::kernels::cuda {

// c [16 x 8] += a [16 x 16] b [16 x 8]; registers as cell_sm80.
__device__ __forceinline__ void mma_sm80(float* c, std::uint32_t a0, std::uint32_t a1, std::uint32_t a2,
                                         std::uint32_t a3, std::uint32_t b0, std::uint32_t b1) {
#if __CUDA_ARCH__ >= 800
  asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
      "{%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
#endif
}

// Each quad pair: c [8 x 8] += a [8 x 4] b [4 x 8], b column by column: lane (g) holds column g.
__device__ __forceinline__ void mma_sm70(float* c, std::uint32_t a0, std::uint32_t a1, std::uint32_t b0,
                                         std::uint32_t b1) {
  asm("mma.sync.aligned.m8n8k4.row.col.f32.f16.f16.f32 {%0, %1, %2, %3, %4, %5, %6, %7}, {%8, %9}, {%10, %11}, "
      "{%0, %1, %2, %3, %4, %5, %6, %7};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3]), "+f"(c[4]), "+f"(c[5]), "+f"(c[6]), "+f"(c[7])
      : "r"(a0), "r"(a1), "r"(b0), "r"(b1));
}

// The same with b row by row: lane l holds row l % 4, columns 4 (l / 16) .. + 3.
__device__ __forceinline__ void mma_sm70_row(float* c, std::uint32_t a0, std::uint32_t a1, std::uint32_t b0,
                                             std::uint32_t b1) {
  asm("mma.sync.aligned.m8n8k4.row.row.f32.f16.f16.f32 {%0, %1, %2, %3, %4, %5, %6, %7}, {%8, %9}, {%10, %11}, "
      "{%0, %1, %2, %3, %4, %5, %6, %7};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3]), "+f"(c[4]), "+f"(c[5]), "+f"(c[6]), "+f"(c[7])
      : "r"(a0), "r"(a1), "r"(b0), "r"(b1));
}

// Four 8 x 8 matrices of halves; lane l gives the address of row l % 8 of matrix l / 8.
__device__ __forceinline__ void load_matrices(std::uint32_t* r, const half* row) {
#if __CUDA_ARCH__ >= 750
  const auto address = static_cast<std::uint32_t>(__cvta_generic_to_shared(row));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(address)
               : "memory");
#endif
}
__device__ __forceinline__ void load_matrices_transposed(std::uint32_t* r, const half* row) {
#if __CUDA_ARCH__ >= 750
  const auto address = static_cast<std::uint32_t>(__cvta_generic_to_shared(row));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(address)
               : "memory");
#endif
}

// 16 bytes from global to shared memory, zeros when !valid; the source is not touched then.
__device__ __forceinline__ void copy_async(void* shared, const void* global, bool valid) {
#if __CUDA_ARCH__ >= 800
  const auto address = static_cast<std::uint32_t>(__cvta_generic_to_shared(shared));
  const int bytes = valid ? 16 : 0;
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(global), "r"(bytes) : "memory");
#endif
}
__device__ __forceinline__ void copy_word_async(void* shared, const void* global, bool valid) {  // the same for 4 bytes
#if __CUDA_ARCH__ >= 800
  const auto address = static_cast<std::uint32_t>(__cvta_generic_to_shared(shared));
  const int bytes = valid ? 4 : 0;
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(address), "l"(global), "r"(bytes) : "memory");
#endif
}
__device__ __forceinline__ void commit_copies() {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}
template <int kLeft>
__device__ __forceinline__ void wait_copies() {  // until at most kLeft groups are under way
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.wait_group %0;" ::"n"(kLeft) : "memory");
#endif
}

// 2^value within 2 units in the last place; results below 2^-126 become 0.
__device__ __forceinline__ float exp2_approximate(float value) {
  float out;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(out) : "f"(value));
  return out;
}

__device__ __forceinline__ std::uint32_t as_bits(half2 value) { return *reinterpret_cast<std::uint32_t*>(&value); }
__device__ __forceinline__ half2 as_half2(std::uint32_t bits) { return *reinterpret_cast<half2*>(&bits); }

// fp16 has no infinity here: what is beyond its range becomes its largest number; NaN stays NaN.
__device__ __forceinline__ half to_half(float value) {
  constexpr float kMost = 65504.0F;
  return __float2half_rn(value > kMost ? kMost : (value < -kMost ? -kMost : value));
}

template <typename T>
__device__ __forceinline__ float load_value(const T* source) {
  if constexpr (sizeof(T) == 2) {
    return __half2float(*source);
  } else {
    return *source;
  }
}
template <typename T>
__device__ __forceinline__ void store_value(T* target, float value) {
  if constexpr (sizeof(T) == 2) {
    *target = to_half(value);
  } else {
    *target = value;
  }
}

}  // namespace docket::kernels::cuda
