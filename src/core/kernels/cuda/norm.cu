// RMSNorm and LayerNorm. Bound by their bytes: a row is read once, into the registers of the threads that share it, and
// its sums are taken from there; expected 80 % of the memory rate for vision's 6405 rows of 1280 (fp32 in, fp16 out: 49
// MB, 20 us on an H100). A row too wide or not aligned is read again for every sum.
#include "core/kernels/cuda/launch.cuh"
#include "core/kernels/cuda/matrix_arg.cuh"
#include "core/kernels/cuda/op_list.h"

namespace docket::kernels::cuda {
namespace {

constexpr int kThreads = 256;

// The sum over kWidth neighbouring threads of a CTA of kThreads, in every one of them.
template <int kWidth>
__device__ float sum_over(float value) {
#pragma unroll
  for (int step = 16; step > 0; step /= 2) value += __shfl_xor_sync(0xFFFFFFFFU, value, step);
  if constexpr (kWidth == 32) return value;
  __shared__ float parts[kThreads / 32];
  __syncthreads();  // an earlier sum has been read
  if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = value;
  __syncthreads();
  float total = 0;
#pragma unroll
  for (int i = 0; i < kThreads / 32; ++i) total += parts[i];
  return total;
}

struct NormArgs {
  MatrixArg x;
  const float* weight;
  const float* bias;  // null: RMSNorm
  float eps;
  MatrixArg out;
  const float* add;  // null, or: x += factor * add once it is read, in norm_wide
  float factor;

  __device__ float scale_of(float squares) const { return 1.0F / sqrtf(squares / static_cast<float>(x.cols) + eps); }
};

// kWidth threads a row, one element at a time. Two passes over the row for LayerNorm's variance, as the reference.
template <int kWidth>
__global__ void __launch_bounds__(kThreads) norm_elements(NormArgs args) {
  allow_next();
  wait_for_previous();
  const int lane = static_cast<int>(threadIdx.x) % kWidth;
  const std::int64_t r = static_cast<std::int64_t>(blockIdx.x) * (kThreads / kWidth) + threadIdx.x / kWidth;
  const bool there = r < args.x.rows;
  const int cols = there ? args.x.cols : 0;
  float mean = 0;
  if (args.bias != nullptr) {
    for (int c = lane; c < cols; c += kWidth) mean += args.x.get(r, c);
    mean = sum_over<kWidth>(mean) / static_cast<float>(args.x.cols);
  }
  float squares = 0;
  for (int c = lane; c < cols; c += kWidth) {
    const float value = args.x.get(r, c) - mean;
    squares += value * value;
  }
  const float scale = args.scale_of(sum_over<kWidth>(squares));
  for (int c = lane; c < cols; c += kWidth) {
    const float value = (args.x.get(r, c) - mean) * scale * args.weight[c];
    args.out.put(r, c, args.bias != nullptr ? value + args.bias[c] : value);
  }
}

__device__ __forceinline__ Values<kWide> sum_of(const Values<kWide>& a, float factor, const Values<kWide>& b) {
  Values<kWide> out;
#pragma unroll
  for (int i = 0; i < kWide; ++i) out.at[i] = a.at[i] + factor * b.at[i];
  return out;
}

// The same with the row in registers: kUnits times 8 elements a thread.
template <int kWidth, int kUnits>
__global__ void __launch_bounds__(kThreads) norm_wide(NormArgs args) {
  allow_next();
  wait_for_previous();
  const int lane = static_cast<int>(threadIdx.x) % kWidth;
  const std::int64_t r = static_cast<std::int64_t>(blockIdx.x) * (kThreads / kWidth) + threadIdx.x / kWidth;
  const int cols = r < args.x.rows ? args.x.cols : 0;
  Values<kWide> values[kUnits];
  float sum = 0;
#pragma unroll
  for (int u = 0; u < kUnits; ++u) {
    const int c = (u * kWidth + lane) * kWide;
    if (c < cols) {
      values[u] = args.x.load<kWide>(r, c);
      if (args.add != nullptr) args.x.store<kWide>(r, c, sum_of(values[u], args.factor, load_floats(args.add + c)));
    } else {
#pragma unroll
      for (int i = 0; i < kWide; ++i) values[u].at[i] = 0;
    }
  }
  float mean = 0;
  if (args.bias != nullptr) {
#pragma unroll
    for (int u = 0; u < kUnits; ++u)
#pragma unroll
      for (int i = 0; i < kWide; ++i) sum += values[u].at[i];
    mean = sum_over<kWidth>(sum) / static_cast<float>(args.x.cols);
  }
  float squares = 0;
#pragma unroll
  for (int u = 0; u < kUnits; ++u) {
    if ((u * kWidth + lane) * kWide >= cols) continue;
#pragma unroll
    for (int i = 0; i < kWide; ++i) {
      values[u].at[i] -= mean;
      squares += values[u].at[i] * values[u].at[i];
    }
  }
  const float scale = args.scale_of(sum_over<kWidth>(squares));
#pragma unroll
  for (int u = 0; u < kUnits; ++u) {
    const int c = (u * kWidth + lane) * kWide;
    if (c >= cols) continue;
    const Values<kWide> weight = load_floats(args.weight + c);
#pragma unroll
    for (int i = 0; i < kWide; ++i) values[u].at[i] *= scale * weight.at[i];
    if (args.bias != nullptr) {
      const Values<kWide> bias = load_floats(args.bias + c);
#pragma unroll
      for (int i = 0; i < kWide; ++i) values[u].at[i] += bias.at[i];
    }
    args.out.store<kWide>(r, c, values[u]);
  }
}

bool aligned(const float* values) { return reinterpret_cast<std::uintptr_t>(values) % 16 == 0; }

template <int kWidth, int kUnits>
void launch_wide(const NormArgs& args, const LaunchOptions& options) {
  launch(options, norm_wide<kWidth, kUnits>, dim3(blocks_for(args.x.rows, kThreads / kWidth)), kThreads, 0, args);
}

constexpr int kMostWide = 8192;  // columns

bool is_wide(const NormArgs& args) {
  return args.x.is_wide() && args.out.is_wide() && aligned(args.weight) && aligned(args.bias) && aligned(args.add);
}

void launch_norm(const NormArgs& args, const LaunchOptions& options) {
  const int cols = args.x.cols;
  const bool wide = is_wide(args);
  if (wide && cols <= 512) return launch_wide<32, 2>(args, options);
  if (wide && cols <= 1280) return launch_wide<32, 5>(args, options);
  if (wide && cols <= 4096) return launch_wide<kThreads, 2>(args, options);
  if (wide && cols <= kMostWide) return launch_wide<kThreads, 4>(args, options);
  if (cols <= 512) {
    norm_elements<32><<<blocks_for(args.x.rows, kThreads / 32), kThreads, 0, options.stream>>>(args);
  } else {
    norm_elements<kThreads><<<blocks_for(args.x.rows, 1), kThreads, 0, options.stream>>>(args);
  }
}

void run_norm(const Kernels& kernels, const Matrix& x, const float* weight, const float* bias, float eps,
              const Matrix& out) {
  if (x.rows == 0) return;
  CudaContext& context = context_of(kernels);
  launch_norm({arg_of(x), weight, bias, eps, arg_of(out), nullptr, 0}, context.launch_options());
  context.note_launch("norm");
}

}  // namespace

void rms_norm(const Kernels& kernels, Matrix x, const float* weight, float eps, Matrix out) {
  run_norm(kernels, x, weight, nullptr, eps, out);
}
void layer_norm(const Kernels& kernels, Matrix x, const float* weight, const float* bias, float eps, Matrix out) {
  run_norm(kernels, x, weight, bias, eps, out);
}
bool layer_norm_adding(const Kernels& kernels, Matrix x, const float* weight, const float* bias, float eps, Matrix out,
                       const LinearWeight& next, float factor) {
  const NormArgs args{arg_of(x), weight, bias, eps, arg_of(out), next.device.bias, factor};
  if (next.device.bias == nullptr || !is_wide(args) || x.cols > kMostWide) return false;
  if (x.rows == 0) return true;
  CudaContext& context = context_of(kernels);
  launch_norm(args, context.launch_options());
  context.note_launch("norm");
  return true;
}

}  // namespace docket::kernels::cuda
