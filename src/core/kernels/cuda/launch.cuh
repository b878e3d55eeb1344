// Launching a kernel so that it may begin while the one in front still runs (programmatic dependent launch, sm_90 and
// newer): a decode step is hundreds of kernels of a few microseconds, and what does not depend on the one in front (its
// weights, its tables) can be under way before that one ends.
//
// A kernel launched by launch() calls wait_for_previous() before it touches anything that another kernel writes or
// reads; all of the one in front is done and visible then. Its first line is allow_next(): what follows may start as
// soon as all of its own CTAs have. Both do nothing where a launch does not overlap.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>

#include "core/kernels/cuda/context.h"

namespace docket::kernels::cuda {

__device__ __forceinline__ void allow_next() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
#endif
}
__device__ __forceinline__ void wait_for_previous() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

template <typename... Parameters, typename... Arguments>
void launch(const LaunchOptions& options, void (*kernel)(Parameters...), dim3 grid, int threads,
            std::size_t shared_bytes, const Arguments&... arguments) {
  cudaLaunchAttribute overlap{};
  overlap.id = cudaLaunchAttributeProgrammaticStreamSerialization;
  overlap.val.programmaticStreamSerializationAllowed = 1;
  cudaLaunchConfig_t config{};
  config.gridDim = grid;
  config.blockDim = dim3(static_cast<unsigned>(threads));
  config.dynamicSmemBytes = shared_bytes;
  config.stream = options.stream;
  config.attrs = &overlap;
  config.numAttrs = options.overlap ? 1 : 0;
  cudaLaunchKernelEx(&config, kernel, Parameters(arguments)...);  // a failure is the last error, as of <<<>>>
}

}  // namespace docket::kernels::cuda
