// Cublas: the one product that docket takes from cuBLAS, found at run time: an engine without the library works, slower
// for many rows.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace docket::kernels::cuda {

class Cublas {
 public:
  // Null when the library is not there or does not start. `workspace` is used by every product.
  static std::unique_ptr<Cublas> open(cudaStream_t stream, void* workspace, std::size_t workspace_bytes);
  ~Cublas();
  Cublas(const Cublas&) = delete;
  Cublas& operator=(const Cublas&) = delete;

  // y [m, n] = alpha * x [m, k] w [n, k]ᵀ + beta * y, row-major, x and w fp16, sums in fp32, y fp16 or fp32. Strides in
  // elements. False when cuBLAS refused.
  bool multiply(std::int64_t m, std::int64_t n, std::int64_t k, float alpha, const void* x, std::int64_t x_stride,
                const void* w, std::int64_t w_stride, float beta, void* y, std::int64_t y_stride, bool y_half) const;

 private:
  Cublas() = default;
  using Handle = void*;
  void* library_ = nullptr;
  Handle handle_ = nullptr;
  int (*destroy_)(Handle) = nullptr;
  int (*gemm_)(Handle, int, int, int, int, int, const void*, const void*, int, int, const void*, int, int, const void*,
               void*, int, int, int, int) = nullptr;
};

}  // namespace docket::kernels::cuda
