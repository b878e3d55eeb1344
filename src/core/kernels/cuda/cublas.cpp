#include "core/kernels/cuda/cublas.h"

#include <dlfcn.h>

#include <string>

namespace docket::kernels::cuda {
namespace {

// cublas_api.h and library_types.h; the ABI has been the same from 11 to 13.
constexpr int kTranspose = 1, kPlain = 0, kHalf = 2, kFloat = 0, kComputeFloat = 68, kDefaultAlgorithm = -1;

template <typename Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

}  // namespace

std::unique_ptr<Cublas> Cublas::open(cudaStream_t stream, void* workspace, std::size_t workspace_bytes) {
  std::unique_ptr<Cublas> out(new Cublas());
  const std::string version = "libcublas.so." + std::to_string(CUDART_VERSION / 1000);
  for (const std::string& path : {version, "/usr/local/cuda/lib64/" + version}) {
    out->library_ = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (out->library_ != nullptr) break;
  }
  if (out->library_ == nullptr) return nullptr;
  int (*create)(Handle*) = nullptr;
  int (*set_stream)(Handle, cudaStream_t) = nullptr;
  int (*set_workspace)(Handle, void*, std::size_t) = nullptr;
  const bool found =
      find(out->library_, "cublasCreate_v2", create) && find(out->library_, "cublasDestroy_v2", out->destroy_) &&
      find(out->library_, "cublasSetStream_v2", set_stream) &&
      find(out->library_, "cublasSetWorkspace_v2", set_workspace) && find(out->library_, "cublasGemmEx", out->gemm_);
  if (!found || create(&out->handle_) != 0) return nullptr;
  // The stream first: setting it gives the handle its default workspace back.
  if (set_stream(out->handle_, stream) != 0 || set_workspace(out->handle_, workspace, workspace_bytes) != 0)
    return nullptr;
  return out;
}

Cublas::~Cublas() {
  if (handle_ != nullptr) destroy_(handle_);
  if (library_ != nullptr) dlclose(library_);
}

bool Cublas::multiply(std::int64_t m, std::int64_t n, std::int64_t k, float alpha, const void* x, std::int64_t x_stride,
                      const void* w, std::int64_t w_stride, float beta, void* y, std::int64_t y_stride,
                      bool y_half) const {
  // Column by column, what we call rows: yᵀ [n, m] = w [n, k] xᵀ [k, m].
  return gemm_(handle_, kTranspose, kPlain, static_cast<int>(n), static_cast<int>(m), static_cast<int>(k), &alpha, w,
               kHalf, static_cast<int>(w_stride), x, kHalf, static_cast<int>(x_stride), &beta, y,
               y_half ? kHalf : kFloat, static_cast<int>(y_stride), kComputeFloat, kDefaultAlgorithm) == 0;
}

}  // namespace docket::kernels::cuda
