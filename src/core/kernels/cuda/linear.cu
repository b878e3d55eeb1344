// linear: few rows go straight through the packed weights (linear_small; linear_tile from 9 rows on, where the device
// has the shared memory); many rows through plain fp16 rows of the weight, expanded a slice at a time into memory that
// stays in the L2 of a large device, and cuBLAS.
//
// The same row gives the same bits among 1..8 rows, and among 9..256 where linear_tile runs. Between those, and from
// one launch of linear_parts to its weights one by one, sums may be taken in another order: the last bit may differ.
#include <algorithm>

#include "core/kernels/cuda/linear_args.h"
#include "core/kernels/cuda/matrix_arg.cuh"
#include "core/kernels/cuda/op_list.h"

namespace docket::kernels::cuda {
namespace {

// Of one slice of expanded weights: small enough for the L2 of an A100 or H100, large enough to fill the device.
constexpr std::int64_t kSliceBytes = std::int64_t{32} << 20;

// y = act(y + bias), or y += factor * bias, after cuBLAS's product.
struct FinishProduct {
  MatrixArg y;
  const float* bias;
  float factor;  // of the bias
  bool gelu;
  template <int kCount>
  __device__ void run(std::int64_t r, int c) const {
    Values<kCount> values = y.load<kCount>(r, c), by{};
    if constexpr (kCount == kWide) {
      if (bias != nullptr) by = load_floats(bias + c);
    } else {
      if (bias != nullptr) by.at[0] = bias[c];
    }
#pragma unroll
    for (int i = 0; i < kCount; ++i) {
      values.at[i] += factor * by.at[i];
      if (gelu) values.at[i] = gelu_of(values.at[i]);
    }
    y.store<kCount>(r, c, values);
  }
};

// x in fp16: itself, or rounded into the partial results' memory, as only the head's few rows are.
Matrix half_rows(const Kernels& kernels, const Matrix& x) {
  if (x.dtype == DType::kF16) return x;
  CudaContext& context = context_of(kernels);
  const std::int64_t count = x.rows * x.cols;
  CHECK(static_cast<std::size_t>(count) * sizeof(half) <= CudaContext::kPartialBytes, "%ld values to round", count);
  const Matrix out(context.partial_memory(), DType::kF16, x.rows, x.cols);
  cuda::copy(kernels, x, out);
  return out;
}

bool starts_aligned(const Matrix& x) { return reinterpret_cast<std::uintptr_t>(x.data) % 16 == 0 && x.stride % 8 == 0; }

LinearArgs args_of(const Matrix& x, const Matrix& y, LinearMode mode, float factor) {
  LinearArgs args{};
  args.x = static_cast<const half*>(x.data);
  args.x_stride = x.stride;
  args.rows = static_cast<int>(x.rows);
  args.in_features = static_cast<int>(x.cols);
  args.aligned = starts_aligned(x);
  args.y_half = y.dtype == DType::kF16;
  args.add = mode == LinearMode::kAddScaled;
  args.activation = mode == LinearMode::kGelu ? Activation::kGelu : Activation::kNone;
  args.factor = factor;
  return args;
}

void add_segment(LinearArgs& args, const LinearWeight& w, const Matrix& y) {
  CHECK(w.device.panels != nullptr, "a weight [%ld, %ld] that was not placed on the device", w.out_features,
        w.in_features);
  args.segments[args.num_segments++] = {w.device.panels,
                                        w.device.scales,
                                        w.device.code,
                                        w.device.bias,
                                        y.data,
                                        y.stride,
                                        static_cast<int>(w.out_features),
                                        0};
}

void run_packed(CudaContext& context, const LinearArgs& args, DeviceFormat format) {
  if (context.tile() != nullptr && args.rows > kSmallRows) {
    launch_linear_tile_sm80(args, format, *context.tile(), context.launch_options());
  } else if (context.sm70()) {
    launch_linear_sm70(args, format, context.launch_options());
  } else {
    launch_linear_sm80(args, format, context.launch_options());
  }
  context.note_launch("linear");
}

// False when cuBLAS refused a slice; the whole is computed again then.
bool multiply_slices(CudaContext& context, const Matrix& x, const LinearWeight& w, LinearMode mode, float factor,
                     const Matrix& y) {
  const std::int64_t row = (w.in_features + 63) / 64 * 64;
  const std::int64_t panel_bytes = row * kPanel * static_cast<std::int64_t>(sizeof(half));
  const std::int64_t most = std::max<std::int64_t>(1, kSliceBytes / panel_bytes);
  CHECK(panel_bytes <= static_cast<std::int64_t>(CudaContext::kExpandBytes), "rows of %ld", w.in_features);
  const bool add = mode == LinearMode::kAddScaled;
  for (std::int64_t first = 0; first < w.num_panels(); first += most) {
    const std::int64_t panels = std::min(most, w.num_panels() - first);
    launch_expand(w, first, panels, context.expand_memory(), row, context.stream());
    context.note_launch("expand");
    const std::int64_t n = std::min(panels * kPanel, w.out_features - first * kPanel);
    const Matrix part = y.slice_cols(first * kPanel, n);
    if (!context.cublas()->multiply(x.rows, n, w.in_features, add ? factor : 1.0F, x.data, x.stride,
                                    context.expand_memory(), row, add ? 1.0F : 0.0F, part.data, part.stride,
                                    y.dtype == DType::kF16))
      return false;
    context.note_launch("product");
  }
  return true;
}

bool run_cublas(CudaContext& context, const Matrix& x, const LinearWeight& w, LinearMode mode, float factor,
                const Matrix& y) {
  if (!multiply_slices(context, x, w, mode, factor, y)) return false;
  if (w.device.bias == nullptr && mode != LinearMode::kGelu) return true;
  const bool add = mode == LinearMode::kAddScaled, gelu = mode == LinearMode::kGelu;
  const FinishProduct body{arg_of(y), w.device.bias, add ? factor : 1.0F, gelu};
  const bool wide = body.y.is_wide() && reinterpret_cast<std::uintptr_t>(body.bias) % 16 == 0;
  launch_each(context.stream(), y.rows, y.cols, wide, body);
  context.note_launch("finish_product");
  return true;
}

bool takes_cublas(const CudaContext& context, const Matrix& x) {
  const std::int64_t most = context.tile() != nullptr ? kMaxRowsTile : (context.sm70() ? kMaxRowsSm70 : kMaxRowsSm80);
  return context.cublas() != nullptr && x.rows > most;
}

}  // namespace

void linear(const Kernels& kernels, Matrix x, const LinearWeight& weight, LinearMode mode, float factor, Matrix y) {
  CudaContext& context = context_of(kernels);
  const Matrix rows = half_rows(kernels, x);
  // A refusal (an unknown shape, a library without code for this device) shows at the first slice: nothing was added.
  if (takes_cublas(context, rows) && run_cublas(context, rows, weight, mode, factor, y)) return;
  LinearArgs args = args_of(rows, y, mode, factor);
  add_segment(args, weight, y);
  run_packed(context, args, weight.device.format);
}

void linear_parts(const Kernels& kernels, Matrix x, std::span<const LinearPart> parts) {
  CudaContext& context = context_of(kernels);
  bool together = parts.size() <= kMaxSegments && !takes_cublas(context, x);
  for (const LinearPart& part : parts) {
    together =
        together && part.weight->device.format == parts[0].weight->device.format && part.y.dtype == parts[0].y.dtype;
  }
  if (!together) {
    for (const LinearPart& part : parts) cuda::linear(kernels, x, *part.weight, LinearMode::kStore, 1, part.y);
    return;
  }
  const Matrix rows = half_rows(kernels, x);
  LinearArgs args = args_of(rows, parts[0].y, LinearMode::kStore, 1);
  for (const LinearPart& part : parts) add_segment(args, *part.weight, part.y);
  run_packed(context, args, parts[0].weight->device.format);
}

bool linear_gated(const Kernels& kernels, Matrix x, const LinearWeight& gate, const LinearWeight& up, Matrix y) {
  CudaContext& context = context_of(kernels);
  if (x.rows > kSmallRows || gate.device.format != up.device.format) return false;
  if (gate.device.code_key != up.device.code_key) return false;  // one table for both
  LinearArgs args = args_of(half_rows(kernels, x), y, LinearMode::kStore, 1);
  args.gated = true;
  add_segment(args, gate, y);
  add_segment(args, up, y);
  if (!takes_stream(args)) return false;
  run_packed(context, args, gate.device.format);
  return true;
}

}  // namespace docket::kernels::cuda
