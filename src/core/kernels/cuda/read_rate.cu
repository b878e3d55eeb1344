// The roofs that every other figure is held against: bytes a second that a kernel reads, and operations a second of the
// library's product.
#include "core/kernels/cuda/context.h"
#include "core/kernels/cuda/matrix_arg.cuh"

namespace docket::kernels::cuda {
namespace {

constexpr int kThreads = 512;

__global__ void __launch_bounds__(kThreads) sum_words(const uint4* words, std::int64_t count, std::uint32_t* out) {
  std::uint32_t sum = 0;
  const std::int64_t step = static_cast<std::int64_t>(gridDim.x) * kThreads * 4;
  for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * kThreads * 4 + threadIdx.x; i < count; i += step) {
#pragma unroll
    for (int u = 0; u < 4; ++u) {
      const std::int64_t at = i + u * kThreads;
      if (at >= count) continue;
      const uint4 word = __ldg(words + at);
      sum ^= word.x ^ word.y ^ word.z ^ word.w;
    }
  }
  if (sum == 0x12345678U) *out = sum;  // used, so that the loads stay
}

// Values of the size of activations: products of zeros run faster than any real one.
__global__ void __launch_bounds__(kThreads) scatter_values(half* out, std::int64_t count) {
  const std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (i >= count) return;
  std::uint32_t state = static_cast<std::uint32_t>(i) * 2654435761U;
  state ^= state >> 15;
  state *= 2246822519U;
  state ^= state >> 13;
  out[i] = __float2half_rn(static_cast<float>(state & 0xFFFFU) / 32768.0F - 1.0F);
}

}  // namespace

double CudaContext::matrix_rate() {
  constexpr std::int64_t kSide = 8192, kCount = kSide * kSide;
  if (!cublas_) return 0;
  const auto buffer = allocate(3 * kCount * sizeof(half), "the measurement of the matrix rate");
  if (!buffer) return 0;
  auto* values = reinterpret_cast<half*>(buffer->get());
  scatter_values<<<blocks_for(2 * kCount, kThreads), kThreads, 0, stream_>>>(values, 2 * kCount);
  bool ok = true;
  const double seconds = time(7, [&] {
    ok = cublas_->multiply(kSide, kSide, kSide, 1, values, kSide, values + kCount, kSide, 0, values + 2 * kCount, kSide,
                           true) &&
         ok;
  });
  note_launch("matrix_rate");
  return ok ? 2.0 * static_cast<double>(kSide) * static_cast<double>(kCount) / seconds : 0;
}

// As much as the plan leaves, up to 2 GB: far more than any cache. 0 when there is too little.
double CudaContext::read_rate() {
  constexpr std::uint64_t kLeast = std::uint64_t{256} << 20, kMost = std::uint64_t{2} << 30;
  const std::uint64_t bytes = std::min(memory().limit / 2, kMost) / 4096 * 4096;
  if (bytes < kLeast) return 0;
  const auto buffer = allocate(bytes, "the measurement of the read rate");
  if (!buffer) return 0;
  const auto count = static_cast<std::int64_t>(bytes / sizeof(uint4));
  const double seconds = time(9, [&] {
    sum_words<<<static_cast<unsigned>(multiprocessors() * 8), kThreads, 0, stream_>>>(
        reinterpret_cast<const uint4*>(buffer->get()), count, reinterpret_cast<std::uint32_t*>(partial_memory()));
  });
  note_launch("read_rate");
  return static_cast<double>(bytes) / seconds;
}

}  // namespace docket::kernels::cuda
