#include "core/kernels/kernels.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <algorithm>
#include <cstdlib>

#include "core/base/check.h"
#include "core/base/threads.h"
#include "core/kernels/ops.h"

namespace docket::kernels {

const char* to_string(CpuIsa isa) {
  switch (isa) {
    case CpuIsa::kReference:
      return "reference";
    case CpuIsa::kAvx2:
      return "avx2";
    case CpuIsa::kAvx512:
      return "avx512";
  }
  CHECK(false, "isa %d", static_cast<int>(isa));
}

std::vector<CpuIsa> available_isas() {
  std::vector<CpuIsa> out;
#if defined(__x86_64__)
  // clang 14's __builtin_cpu_supports does not know f16c: CPUID leaf 1, ECX bit 29.
  unsigned int eax = 0, ebx = 0, ecx = 0, edx = 0;
  const bool f16c = __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & (1U << 29)) != 0;
  const bool avx2 = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0 && f16c;
  const bool avx512 = __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
                      __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512vl") != 0;
  if (avx2 && avx512) out.push_back(CpuIsa::kAvx512);
  if (avx2) out.push_back(CpuIsa::kAvx2);
#endif
  out.push_back(CpuIsa::kReference);
  return out;
}

bool has_bf16_products() {
#if defined(__x86_64__)
  // clang 14 and GCC 12 name avx512bf16 differently: CPUID leaf 7, subleaf 1, EAX bit 5.
  unsigned int eax = 0, ebx = 0, ecx = 0, edx = 0;
  return available_isas().front() == CpuIsa::kAvx512 && __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) != 0 &&
         (eax & (1U << 5)) != 0;
#else
  return false;
#endif
}

namespace {

Result<bool> choose_bf16(const std::string& products, CpuIsa isa) {
  const bool possible = isa == CpuIsa::kAvx512 && has_bf16_products();
  if (products.empty() || products == "fp32") return false;
  if (products == "fast") return possible;
  if (products != "bf16")
    return make_error(ErrorCode::kInvalidArgument,
                      "\"" + products + "\" is not a kind of products, expected fp32, bf16 or fast");
  if (!possible) return make_error(ErrorCode::kUnavailable, "this CPU has no bf16 products (avx512 with AVX512_BF16)");
  return true;
}

}  // namespace

Result<KernelOptions> kernel_options_from_environment() {
  KernelOptions options;
  if (const char* isa = std::getenv("DOCKET_CPU_ISA")) options.isa = isa;
  if (const char* products = std::getenv("DOCKET_CPU_PRODUCTS")) options.products = products;
  if (const char* threads = std::getenv("DOCKET_THREADS")) {
    char* end = nullptr;
    const long count = std::strtol(threads, &end, 10);
    if (end == threads || *end != '\0' || count < 0 || count > 1024) {
      return make_error(ErrorCode::kInvalidArgument,
                        std::string("is \"") + threads + "\", expected a whole number from 0 to 1024",
                        "DOCKET_THREADS");
    }
    options.num_threads = static_cast<int>(count);
  }
  if (const char* path = std::getenv("DOCKET_CUDA_PATH"); path != nullptr && *path != '\0') {
    if (std::string(path) != "sm70")
      return make_error(ErrorCode::kInvalidArgument, std::string("is \"") + path + "\", expected sm70",
                        "DOCKET_CUDA_PATH");
    options.device_options.force_sm70 = true;
  }
  if (const char* graphs = std::getenv("DOCKET_CUDA_GRAPHS"))
    options.device_options.graphs = std::string(graphs) != "false" && std::string(graphs) != "0";
  if (const char* overlap = std::getenv("DOCKET_CUDA_OVERLAP"))
    options.device_options.overlap = std::string(overlap) != "false" && std::string(overlap) != "0";
  return options;
}

Result<Kernels> Kernels::create(const KernelOptions& options) {
  const std::vector<CpuIsa> available = available_isas();
  CpuIsa isa = available.front();
  if (!options.isa.empty()) {
    const auto is_named = [&](CpuIsa candidate) { return options.isa == to_string(candidate); };
    const CpuIsa all[] = {CpuIsa::kReference, CpuIsa::kAvx2, CpuIsa::kAvx512};
    const auto* named = std::find_if(std::begin(all), std::end(all), is_named);
    if (named == std::end(all)) {
      return make_error(ErrorCode::kInvalidArgument,
                        "\"" + options.isa + "\" is not an instruction set, expected reference, avx2 or avx512");
    }
    if (std::find(available.begin(), available.end(), *named) == available.end())
      return make_error(ErrorCode::kUnavailable, "this CPU does not run " + options.isa);
    isa = *named;
  }
  Kernels out;
  out.isa_ = isa;
  DOCKET_TRY(out.bf16_products_, choose_bf16(options.products, isa));
  out.ops_ = isa == CpuIsa::kReference ? &reference_ops() : &cpu_ops(isa);
  if (options.device == "cuda") {
    DOCKET_TRY(out.device_, create_cuda_context(options.device_options));
    out.ops_ = &cuda_ops();
    out.threads_ = std::make_unique<ThreadPool>(1, false);
    return out;
  }
  if (options.device != "cpu")
    return make_error(ErrorCode::kInvalidArgument, "\"" + options.device + "\" is not a device, expected cpu or cuda");
  const int threads = options.num_threads > 0 ? options.num_threads : usable_processors();
  DOCKET_TRY(out.scratch_, device::Buffer::allocate(static_cast<std::size_t>(threads) * kScratchBytes, "scratch"));
  out.threads_ = std::make_unique<ThreadPool>(threads, options.pin_threads);
  return out;
}

}  // namespace docket::kernels
