// Kernels: the ops of one device, the threads they run on and the scratch they use. Every op is a free function in its
// own header that takes a Kernels first, checks its shapes and calls the entry of one table of function pointers; the
// forward pass never asks where it runs.
//
// One Kernels is used by one caller at a time. Two may run side by side.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/base/thread_pool.h"
#include "core/device/memory.h"
#include "core/kernels/device_context.h"

namespace docket::kernels {

struct Ops;

enum class CpuIsa { kReference, kAvx2, kAvx512 };
const char* to_string(CpuIsa isa);

// What this CPU runs, best first; the reference runs everywhere.
std::vector<CpuIsa> available_isas();

struct KernelOptions {
  int num_threads = 0;  // 0: usable_processors()
  bool pin_threads = true;
  std::string isa;  // "reference", "avx2", "avx512"; empty: the best there is
  // "fp32" (empty: the same), "bf16": products of many rows (vision, prefill) with x and W rounded to bf16 and sums in
  // fp32, at twice the rate (needs avx512 with AVX512_BF16); "fast": bf16 where the CPU has it. docs/numerics.md says
  // what it costs.
  std::string products;
  std::string device = "cpu";  // or "cuda"
  DeviceOptions device_options;
};

// Whether this CPU multiplies in bf16 (KernelOptions::products).
bool has_bf16_products();

// The options that the environment asks for: DOCKET_CPU_ISA, DOCKET_CPU_PRODUCTS, DOCKET_THREADS, DOCKET_CUDA_PATH
// ("sm70" forces those kernels), DOCKET_CUDA_GRAPHS ("false": launch every kernel), DOCKET_CUDA_OVERLAP ("false": one
// kernel after the other). The one place that reads them. Errors: kInvalidArgument for a value that is none.
Result<KernelOptions> kernel_options_from_environment();

class Kernels {
 public:
  // Errors: kInvalidArgument for an unknown isa or device, kUnavailable for one that this machine or build lacks,
  // kOutOfMemory.
  static Result<Kernels> create(const KernelOptions& options);

  const Ops& ops() const { return *ops_; }
  CpuIsa isa() const { return isa_; }
  bool bf16_products() const { return bf16_products_; }
  ThreadPool& threads() const { return *threads_; }
  DeviceContext* device() const { return device_.get(); }  // null on the CPU
  // kScratchBytes of its own for each thread; an op's content does not outlive the op.
  static constexpr std::size_t kScratchBytes = std::size_t{2} << 20;
  std::byte* scratch(int thread) const { return scratch_.data() + static_cast<std::size_t>(thread) * kScratchBytes; }

 private:
  const Ops* ops_ = nullptr;
  CpuIsa isa_ = CpuIsa::kReference;
  bool bf16_products_ = false;
  std::unique_ptr<ThreadPool> threads_;
  std::shared_ptr<DeviceContext> device_;
  device::Buffer scratch_;
};

}  // namespace docket::kernels
