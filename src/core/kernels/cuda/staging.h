// Staging: pinned host memory through which everything goes to the device, so that the source may be pageable, mapped
// from a file, or changed as soon as copy() returns.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <memory>

#include "core/base/result.h"
#include "core/base/thread_pool.h"

namespace docket::kernels::cuda {

class Staging {
 public:
  static constexpr std::size_t kPartBytes = std::size_t{8} << 20;
  static constexpr int kParts = 4;  // one is filled while the others are under way

  // Errors: kOutOfMemory.
  static Result<std::unique_ptr<Staging>> create();
  ~Staging();
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  // Enqueues device[0, size_bytes) = host[0, size_bytes); the host's bytes are read before this returns.
  cudaError_t copy(void* device, const void* host, std::size_t size_bytes, cudaStream_t stream);
  // The same with device[i] = host[i] in fp16, as to_half() rounds; where rounds().
  cudaError_t copy_rounded(void* device, const float* host, std::size_t count, cudaStream_t stream);
  bool rounds() const { return rounds_; }
  // Room for `size_bytes` (at most kPartBytes) to be filled by the caller, then sent by send().
  std::byte* reserve(std::size_t size_bytes, cudaStream_t stream);
  cudaError_t send(void* device, const std::byte* reserved, std::size_t size_bytes, cudaStream_t stream);

 private:
  Staging();
  template <typename Fill>
  cudaError_t send_filled(void* device, std::size_t size_bytes, cudaStream_t stream, const Fill& fill);

  bool rounds_;
  ThreadPool copiers_;
  std::byte* memory_ = nullptr;
  cudaEvent_t free_[kParts] = {};  // recorded behind the last copy out of each part
  int part_ = 0;
  std::size_t used_ = 0;  // of the part at hand
};

}  // namespace docket::kernels::cuda
