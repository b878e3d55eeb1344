// Ops that touch each element a few times: norms, RoPE, gates, copies. All are bound by their bytes (each input read
// once, each output written once); expected 70 to 80 % of the memory rate for vision's 6405 x 1280 rows, and the length
// of a launch for a decode step's few rows.
#include <cmath>

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

// kWidth threads a row; `bias` null: RMSNorm. Two passes over the row for LayerNorm's variance, as the reference.
template <int kWidth>
__global__ void __launch_bounds__(kThreads)
    norm(MatrixArg x, const float* weight, const float* bias, float eps, MatrixArg out) {
  const int lane = static_cast<int>(threadIdx.x) % kWidth;
  const std::int64_t r = static_cast<std::int64_t>(blockIdx.x) * (kThreads / kWidth) + threadIdx.x / kWidth;
  const bool there = r < x.rows;
  float mean = 0;
  if (bias != nullptr) {
    for (int c = lane; there && c < x.cols; c += kWidth) mean += x.get(r, c);
    mean = sum_over<kWidth>(mean) / static_cast<float>(x.cols);
  }
  float squares = 0;
  for (int c = lane; there && c < x.cols; c += kWidth) {
    const float value = x.get(r, c) - mean;
    squares += value * value;
  }
  const float scale = 1.0F / sqrtf(sum_over<kWidth>(squares) / static_cast<float>(x.cols) + eps);
  for (int c = lane; there && c < x.cols; c += kWidth) {
    const float value = (x.get(r, c) - mean) * scale * weight[c];
    out.put(r, c, bias != nullptr ? value + bias[c] : value);
  }
}

void launch_norm(const Kernels& kernels, const Matrix& x, const float* weight, const float* bias, float eps,
                 const Matrix& out) {
  if (x.rows == 0) return;
  CudaContext& context = context_of(kernels);
  if (x.cols <= 512) {
    norm<32><<<blocks_for(x.rows, kThreads / 32), kThreads, 0, context.stream()>>>(arg_of(x), weight, bias, eps,
                                                                                   arg_of(out));
  } else {
    norm<kThreads><<<blocks_for(x.rows, 1), kThreads, 0, context.stream()>>>(arg_of(x), weight, bias, eps, arg_of(out));
  }
  context.note_launch("norm");
}

// Calls body(r, c) for every element of a matrix of this size.
template <typename Body>
__global__ void __launch_bounds__(kThreads) for_each_element(std::int64_t count, int cols, Body body) {
  const std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (i < count) body(i / cols, static_cast<int>(i % cols));
}
template <typename Body>
void launch_each(const Kernels& kernels, std::int64_t rows, std::int64_t cols, Body body, const char* what) {
  if (rows * cols == 0) return;
  CudaContext& context = context_of(kernels);
  for_each_element<<<blocks_for(rows * cols, kThreads), kThreads, 0, context.stream()>>>(rows * cols,
                                                                                         static_cast<int>(cols), body);
  context.note_launch(what);
}

// Named functors: an extended lambda would need a compiler flag that changes host code.
struct SiluMul {
  MatrixArg gate, up;
  __device__ void operator()(std::int64_t r, int c) const {
    const float z = gate.get(r, c);
    gate.put(r, c, z / (1.0F + expf(-z)) * up.get(r, c));
  }
};
struct Gelu {
  MatrixArg x;
  __device__ void operator()(std::int64_t r, int c) const {
    const float z = x.get(r, c);
    x.put(r, c, 0.5F * z * (1.0F + erff(z * 0.70710678118654752440F)));
  }
};
struct AddScaled {
  MatrixArg x, y;
  float factor;
  __device__ void operator()(std::int64_t r, int c) const {
    x.put(r, c, x.get(r, c) + factor * y.get(y.rows == 1 ? 0 : r, c));
  }
};
struct Fill {
  MatrixArg x;
  float value;
  __device__ void operator()(std::int64_t r, int c) const { x.put(r, c, value); }
};
struct Interleave {
  MatrixArg x, out;
  std::int64_t first, step;
  __device__ void operator()(std::int64_t r, int c) const { out.put(r, first + c * step, x.get(r, c)); }
};
// One pair of one head: columns of the launch are heads * head_dim / 2.
struct Rope {
  MatrixArg x;
  const std::int64_t* positions;
  const float* frequencies;
  int half;
  __device__ void operator()(std::int64_t r, int pair) const {
    const int head = pair / half, j = pair % half, at = head * 2 * half + j;
    const float angle = static_cast<float>(positions[r]) * frequencies[j];
    float sine = 0, cosine = 0;
    sincosf(angle, &sine, &cosine);
    const float a = x.get(r, at), b = x.get(r, at + half);
    x.put(r, at, a * cosine - b * sine);
    x.put(r, at + half, b * cosine + a * sine);
  }
};
struct Unfold {
  const float* image;
  MatrixArg out;
  int side, patch;
  __device__ void operator()(std::int64_t p, int i) const {
    const int c = i / (patch * patch), ky = i / patch % patch, kx = i % patch, width = side * patch;
    const std::int64_t y = p / side * patch + ky, x = p % side * patch + kx;
    out.put(p, i, image[(c * static_cast<std::int64_t>(width) + y) * width + x]);
  }
};
struct Gather {
  const void* table;
  DType dtype;
  const std::int64_t* ids;
  MatrixArg out;
  __device__ void operator()(std::int64_t r, int c) const {
    const std::int64_t at = ids[r] * out.cols + c;
    float value = 0;
    if (dtype == DType::kF32) value = static_cast<const float*>(table)[at];
    if (dtype == DType::kF16) value = __half2float(static_cast<const half*>(table)[at]);
    if (dtype == DType::kBF16) value = __uint_as_float(static_cast<const std::uint16_t*>(table)[at] * 65536U);
    out.put(r, c, value);
  }
};

}  // namespace

void rms_norm(const Kernels& kernels, Matrix x, const float* weight, float eps, Matrix out) {
  launch_norm(kernels, x, weight, nullptr, eps, out);
}
void layer_norm(const Kernels& kernels, Matrix x, const float* weight, const float* bias, float eps, Matrix out) {
  launch_norm(kernels, x, weight, bias, eps, out);
}
void silu_mul(const Kernels& kernels, Matrix gate, Matrix up) {
  launch_each(kernels, gate.rows, gate.cols, SiluMul{arg_of(gate), arg_of(up)}, "silu_mul");
}
void gelu(const Kernels& kernels, Matrix x) { launch_each(kernels, x.rows, x.cols, Gelu{arg_of(x)}, "gelu"); }
void add_scaled(const Kernels& kernels, Matrix x, Matrix y, float factor) {
  launch_each(kernels, x.rows, x.cols, AddScaled{arg_of(x), arg_of(y), factor}, "add_scaled");
}
void fill(const Kernels& kernels, Matrix x, float value) {
  launch_each(kernels, x.rows, x.cols, Fill{arg_of(x), value}, "fill");
}
void copy(const Kernels& kernels, Matrix x, Matrix out) {
  launch_each(kernels, x.rows, x.cols, Interleave{arg_of(x), arg_of(out), 0, 1}, "copy");
}
void interleave(const Kernels& kernels, Matrix x, std::int64_t first, std::int64_t step, Matrix out) {
  launch_each(kernels, x.rows, x.cols, Interleave{arg_of(x), arg_of(out), first, step}, "interleave");
}
void rope(const Kernels& kernels, Matrix x, const std::int64_t* positions, const float* frequencies,
          std::int64_t head_dim) {
  const Rope body{arg_of(x), context_of(kernels).control(positions), frequencies, static_cast<int>(head_dim / 2)};
  launch_each(kernels, x.rows, x.cols / 2, body, "rope");
}

void unfold_patches(const Kernels& kernels, const float* image, std::int64_t channels, std::int64_t side,
                    std::int64_t patch, Matrix out) {
  CudaContext& context = context_of(kernels);
  const auto bytes = static_cast<std::size_t>(channels * side * patch * side * patch) * sizeof(float);
  CHECK(bytes <= CudaContext::kExpandBytes, "an image of %zu bytes", bytes);
  context.note(context.staging().copy(context.expand_memory(), image, bytes, context.stream()), "unfold_patches");
  const Unfold body{reinterpret_cast<const float*>(context.expand_memory()), arg_of(out), static_cast<int>(side),
                    static_cast<int>(patch)};
  launch_each(kernels, out.rows, out.cols, body, "unfold_patches");
}

// A table on the device is gathered there; one that stayed in the mapped file on the host, some rows at a time.
void embed(const Kernels& kernels, const EmbeddingTable& table, const std::int64_t* ids, Matrix out) {
  CudaContext& context = context_of(kernels);
  if (table.device != nullptr) {
    launch_each(kernels, out.rows, out.cols, Gather{table.device, table.dtype, context.control(ids), arg_of(out)},
                "embed");
    return;
  }
  CHECK(out.dtype == DType::kF32, "rows of the host become fp32, not %s", to_string(out.dtype));
  const auto row_bytes = static_cast<std::size_t>(out.cols) * sizeof(float);
  const auto stored_bytes = static_cast<std::size_t>(table.cols) * size_bytes(table.dtype);
  for (std::int64_t r = 0; r < out.rows; ++r) {
    std::byte* room = context.staging().reserve(row_bytes, context.stream());
    convert_to_f32(table.dtype, static_cast<const char*>(table.data) + static_cast<std::size_t>(ids[r]) * stored_bytes,
                   reinterpret_cast<float*>(room), static_cast<std::size_t>(table.cols));
    context.note(context.staging().send(out.row(r), room, row_bytes, context.stream()), "embed");
  }
}

}  // namespace docket::kernels::cuda
