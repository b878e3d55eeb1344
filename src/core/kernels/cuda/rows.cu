// Ops that touch each element once: RoPE, gates, sums, copies. All are bound by their bytes (each input read once, each
// output written once), and go 8 elements at a time where alignment allows; expected 80 % of the memory rate for
// vision's 6405 x 1280 rows, and the length of a launch for a decode step's few rows.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/kernels/cuda/matrix_arg.cuh"
#include "core/kernels/cuda/op_list.h"

namespace docket::kernels::cuda {
namespace {

template <typename Body>
void launch_each(const Kernels& kernels, std::int64_t rows, std::int64_t cols, bool wide, const Body& body,
                 const char* what) {
  CudaContext& context = context_of(kernels);
  cuda::launch_each(context.stream(), rows, cols, wide, body);
  context.note_launch(what);
}
// For bodies that run one element at a time.
template <typename Body>
void launch_one_by_one(const Kernels& kernels, std::int64_t rows, std::int64_t cols, const Body& body,
                       const char* what) {
  CudaContext& context = context_of(kernels);
  launch_units<1>(context.stream(), rows, cols, body);
  context.note_launch(what);
}

// Named functors: an extended lambda would need a compiler flag that changes host code.
struct SiluMul {
  MatrixArg gate, up;
  template <int kCount>
  __device__ void run(std::int64_t r, int c) const {
    Values<kCount> z = gate.load<kCount>(r, c);
    const Values<kCount> by = up.load<kCount>(r, c);
#pragma unroll
    for (int i = 0; i < kCount; ++i) z.at[i] = z.at[i] / (1.0F + expf(-z.at[i])) * by.at[i];
    gate.store<kCount>(r, c, z);
  }
};
struct Gelu {
  MatrixArg x;
  template <int kCount>
  __device__ void run(std::int64_t r, int c) const {
    Values<kCount> z = x.load<kCount>(r, c);
#pragma unroll
    for (int i = 0; i < kCount; ++i) z.at[i] = gelu_of(z.at[i]);
    x.store<kCount>(r, c, z);
  }
};
struct AddScaled {
  MatrixArg x, y;
  float factor;
  template <int kCount>
  __device__ void run(std::int64_t r, int c) const {
    Values<kCount> sum = x.load<kCount>(r, c);
    const Values<kCount> by = y.load<kCount>(y.rows == 1 ? 0 : r, c);
#pragma unroll
    for (int i = 0; i < kCount; ++i) sum.at[i] += factor * by.at[i];
    x.store<kCount>(r, c, sum);
  }
};
struct Fill {
  MatrixArg x;
  float value;
  template <int kCount>
  __device__ void run(std::int64_t r, int c) const {
    Values<kCount> all;
#pragma unroll
    for (int i = 0; i < kCount; ++i) all.at[i] = value;
    x.store<kCount>(r, c, all);
  }
};
struct Copy {
  MatrixArg x, out;
  template <int kCount>
  __device__ void run(std::int64_t r, int c) const {
    out.store<kCount>(r, c, x.load<kCount>(r, c));
  }
};
struct Interleave {
  MatrixArg x, out;
  std::int64_t first, step;
  template <int>
  __device__ void run(std::int64_t r, int c) const {
    out.put(r, first + c * step, x.get(r, c));
  }
};
// One pair of one head: columns of the launch are heads * head_dim / 2.
struct Rope {
  MatrixArg x;
  const std::int64_t* positions;
  const float* frequencies;
  int half;
  template <int>
  __device__ void run(std::int64_t r, int pair) const {
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
  MatrixArg image;  // one row
  MatrixArg out;
  int side, patch;
  template <int>
  __device__ void run(std::int64_t row, int i) const {
    const int p = static_cast<int>(row), c = i / (patch * patch), ky = i / patch % patch, kx = i % patch;
    const int width = side * patch, y = p / side * patch + ky, x = p % side * patch + kx;
    out.put(p, i, image.get(0, (c * static_cast<std::int64_t>(width) + y) * width + x));
  }
};
struct Gather {
  const void* table;
  DType dtype;
  const std::int64_t* ids;  // null: row by row
  MatrixArg out;
  template <int>
  __device__ void run(std::int64_t r, int c) const {
    const std::int64_t at = (ids != nullptr ? ids[r] : r) * out.cols + c;
    float value = 0;
    if (dtype == DType::kF32) value = static_cast<const float*>(table)[at];
    if (dtype == DType::kF16) value = __half2float(static_cast<const half*>(table)[at]);
    if (dtype == DType::kF64) value = static_cast<float>(static_cast<const double*>(table)[at]);
    if (dtype == DType::kBF16) value = __uint_as_float(static_cast<const std::uint16_t*>(table)[at] * 65536U);
    out.put(r, c, value);
  }
};

}  // namespace

void silu_mul(const Kernels& kernels, Matrix gate, Matrix up) {
  const SiluMul body{arg_of(gate), arg_of(up)};
  launch_each(kernels, gate.rows, gate.cols, body.gate.is_wide() && body.up.is_wide(), body, "silu_mul");
}
void gelu(const Kernels& kernels, Matrix x) {
  const Gelu body{arg_of(x)};
  launch_each(kernels, x.rows, x.cols, body.x.is_wide(), body, "gelu");
}
void add_scaled(const Kernels& kernels, Matrix x, Matrix y, float factor) {
  const AddScaled body{arg_of(x), arg_of(y), factor};
  launch_each(kernels, x.rows, x.cols, body.x.is_wide() && body.y.is_wide(), body, "add_scaled");
}
void fill(const Kernels& kernels, Matrix x, float value) {
  const Fill body{arg_of(x), value};
  launch_each(kernels, x.rows, x.cols, body.x.is_wide(), body, "fill");
}
void copy(const Kernels& kernels, Matrix x, Matrix out) {
  const Copy body{arg_of(x), arg_of(out)};
  launch_each(kernels, x.rows, x.cols, body.x.is_wide() && body.out.is_wide(), body, "copy");
}
void interleave(const Kernels& kernels, Matrix x, std::int64_t first, std::int64_t step, Matrix out) {
  if (first == 0 && step == 1) return cuda::copy(kernels, x, out.slice_cols(0, x.cols));
  launch_one_by_one(kernels, x.rows, x.cols, Interleave{arg_of(x), arg_of(out), first, step}, "interleave");
}
void rope(const Kernels& kernels, Matrix x, const std::int64_t* positions, const float* frequencies,
          std::int64_t head_dim) {
  const Rope body{arg_of(x), context_of(kernels).control(positions), frequencies, static_cast<int>(head_dim / 2)};
  launch_one_by_one(kernels, x.rows, x.cols / 2, body, "rope");
}

// The image goes to the device in the type of `out` where the host can round: half the bytes, and the same bits.
void unfold_patches(const Kernels& kernels, const float* image, std::int64_t channels, std::int64_t side,
                    std::int64_t patch, Matrix out) {
  CudaContext& context = context_of(kernels);
  Staging& staging = context.staging();
  const bool rounded = out.dtype == DType::kF16 && staging.rounds();
  const Matrix sent(context.expand_memory(), rounded ? DType::kF16 : DType::kF32, 1,
                    channels * side * patch * side * patch);
  const std::size_t count = static_cast<std::size_t>(sent.cols), bytes = count * size_bytes(sent.dtype);
  CHECK(bytes <= CudaContext::kExpandBytes, "an image of %zu bytes", bytes);
  context.note(rounded ? staging.copy_rounded(sent.data, image, count, context.stream())
                       : staging.copy(sent.data, image, bytes, context.stream()),
               "unfold_patches");
  const Unfold body{arg_of(sent), arg_of(out), static_cast<int>(side), static_cast<int>(patch)};
  launch_one_by_one(kernels, out.rows, out.cols, body, "unfold_patches");
}

namespace {

std::size_t stored_bytes(const EmbeddingTable& table) {
  return static_cast<std::size_t>(table.cols) * size_bytes(table.dtype);
}
const char* stored_row(const EmbeddingTable& table, std::int64_t id) {
  return static_cast<const char*>(table.data) + static_cast<std::size_t>(id) * stored_bytes(table);
}

// A step's few rows: converted here, so that nothing is launched.
void send_converted(CudaContext& context, const EmbeddingTable& table, const std::int64_t* ids, const Matrix& out) {
  const auto row_bytes = static_cast<std::size_t>(out.cols) * sizeof(float);
  for (std::int64_t r = 0; r < out.rows; ++r) {
    std::byte* room = context.staging().reserve(row_bytes, context.stream());
    convert_to_f32(table.dtype, stored_row(table, ids[r]), reinterpret_cast<float*>(room),
                   static_cast<std::size_t>(table.cols));
    context.note(context.staging().send(out.row(r), room, row_bytes, context.stream()), "embed");
  }
}

// A prompt's many rows as they are stored, in few copies: one for each row would take longer than a layer.
void send_stored(CudaContext& context, const EmbeddingTable& table, const std::int64_t* ids, const Matrix& out) {
  const std::size_t row_bytes = stored_bytes(table);
  const auto most = static_cast<std::int64_t>(Staging::kPartBytes / row_bytes);
  CHECK(most > 0, "rows of %zu bytes", row_bytes);
  for (std::int64_t first = 0; first < out.rows; first += most) {
    const std::int64_t rows = std::min(most, out.rows - first);
    const std::size_t bytes = static_cast<std::size_t>(rows) * row_bytes;
    std::byte* room = context.staging().reserve(bytes, context.stream());
    for (std::int64_t r = 0; r < rows; ++r)
      std::memcpy(room + static_cast<std::size_t>(r) * row_bytes, stored_row(table, ids[first + r]), row_bytes);
    context.note(context.staging().send(context.expand_memory(), room, bytes, context.stream()), "embed");
    const Gather body{context.expand_memory(), table.dtype, nullptr, arg_of(out.slice_rows(first, rows))};
    launch_units<1>(context.stream(), rows, out.cols, body);
  }
}

}  // namespace

// A table on the device is gathered there; of one that stayed in the mapped file on the host, the rows are sent.
void embed(const Kernels& kernels, const EmbeddingTable& table, const std::int64_t* ids, Matrix out) {
  constexpr std::int64_t kFewRows = 4;
  CudaContext& context = context_of(kernels);
  if (table.device != nullptr) {
    const Gather body{table.device, table.dtype, context.control(ids), arg_of(out)};
    launch_one_by_one(kernels, out.rows, out.cols, body, "embed");
    return;
  }
  if (out.rows <= kFewRows && out.dtype == DType::kF32) {
    send_converted(context, table, ids, out);
  } else {
    send_stored(context, table, ids, out);
  }
  context.note_launch("embed");
}

}  // namespace docket::kernels::cuda
