// What a decode step does besides products and attention, with few launches: RoPE together with the key store, and the
// likeliest token of each row, so that half a megabyte of logits need not leave the device for a greedy reply.
#include <cmath>

#include "core/kernels/cuda/attention_args.h"
#include "core/kernels/cuda/launch.cuh"
#include "core/kernels/cuda/matrix_arg.cuh"
#include "core/kernels/cuda/op_list.h"

namespace docket::kernels::cuda {
namespace {

constexpr int kThreads = 256;

struct RopePart {
  half* k_store;
  half* v_store;
  const std::int64_t* positions;  // of the job's rows, or null: first + row
  std::int64_t first;
  int first_row;
};
struct RopeArgs {
  MatrixArg q, k, v;
  const std::int64_t* positions;  // of all rows
  const float* frequencies;
  std::int64_t head_stride;
  int half_dim, num_parts;
  RopePart parts[kMaxJobs];
};

__device__ __forceinline__ float2 turned(const MatrixArg& x, int r, int at, int half_dim, float position,
                                         float frequency) {
  float sine = 0, cosine = 0;
  sincosf(position * frequency, &sine, &cosine);
  const float a = x.get(r, at), b = x.get(r, at + half_dim);
  return {a * cosine - b * sine, b * cosine + a * sine};
}

// grid: x pairs of a row of q, then of k, then of v; y rows.
__global__ void __launch_bounds__(kThreads) rope_rows(const __grid_constant__ RopeArgs args) {
  allow_next();
  wait_for_previous();
  const int r = static_cast<int>(blockIdx.y), q_pairs = args.q.cols / 2, k_pairs = args.k.cols / 2;
  int i = static_cast<int>(blockIdx.x * kThreads + threadIdx.x);
  if (i >= q_pairs + 2 * k_pairs) return;
  const bool is_q = i < q_pairs, is_v = i >= q_pairs + k_pairs;
  i -= is_q ? 0 : (is_v ? q_pairs + k_pairs : q_pairs);
  const int head = i / args.half_dim, j = i % args.half_dim, at = head * 2 * args.half_dim + j;
  const auto position = static_cast<float>(args.positions[r]);
  if (is_q) {
    const float2 pair = turned(args.q, r, at, args.half_dim, position, args.frequencies[j]);
    args.q.put(r, at, pair.x);
    args.q.put(r, at + args.half_dim, pair.y);
    return;
  }
  int number = 0;
  while (number + 1 < args.num_parts && r >= args.parts[number + 1].first_row) ++number;
  const RopePart& part = args.parts[number];
  const int row = r - part.first_row;
  const std::int64_t s = part.positions != nullptr ? part.positions[row] : part.first + row;
  half* target = (is_v ? part.v_store : part.k_store) + head * args.head_stride + s * 2 * args.half_dim + j;
  const float2 pair = is_v ? float2{args.v.get(r, at), args.v.get(r, at + args.half_dim)}
                           : turned(args.k, r, at, args.half_dim, position, args.frequencies[j]);
  target[0] = to_half(pair.x);
  target[args.half_dim] = to_half(pair.y);
}

// ---- the likeliest token ------------------------------------------------------------------------------------------

struct Best {
  float value, sum;  // the largest, and the sum of exp(x - value)
  int column;
};

__device__ __forceinline__ Best better(const Best& a, const Best& b) {
  const bool first = a.value > b.value || (a.value == b.value && a.column < b.column);
  const Best& top = first ? a : b;
  const auto share = [&](const Best& x) { return x.value == -INFINITY ? 0.0F : x.sum * expf(x.value - top.value); };
  return {top.value, share(a) + share(b), top.column};
}

__device__ Best better_of_cta(Best mine) {
  __shared__ Best parts[kThreads / 32];
#pragma unroll
  for (int step = 16; step > 0; step /= 2) {
    const Best other{__shfl_xor_sync(0xFFFFFFFFU, mine.value, step), __shfl_xor_sync(0xFFFFFFFFU, mine.sum, step),
                     __shfl_xor_sync(0xFFFFFFFFU, mine.column, step)};
    mine = better(mine, other);
  }
  __syncthreads();
  if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = mine;
  __syncthreads();
  Best all = parts[0];
  for (int i = 1; i < kThreads / 32; ++i) all = better(all, parts[i]);
  return all;
}

constexpr int kBestCtas = 128;  // of a row; a multiple of 32

// Each CTA takes a slice of a row; the last one joins them in their order.
__global__ void __launch_bounds__(kThreads)
    best_of_rows(const float* x, std::int64_t stride, int cols, Best* parts, unsigned* counters, float* out) {
  __shared__ bool last_cta;
  allow_next();
  wait_for_previous();
  const int r = static_cast<int>(blockIdx.y), slice = (cols + kBestCtas - 1) / kBestCtas;
  const int begin = static_cast<int>(blockIdx.x) * slice, end = min(begin + slice, cols);
  const float* row = x + r * stride;
  Best mine{-INFINITY, 0, 0x7FFFFFFF};
  for (int c = begin + static_cast<int>(threadIdx.x); c < end; c += kThreads) {
    const float value = row[c];
    if (value > mine.value) {
      mine.sum = mine.value == -INFINITY ? 1.0F : mine.sum * expf(mine.value - value) + 1.0F;
      mine.value = value;
      mine.column = c;
    } else if (value != -INFINITY) {
      mine.sum += expf(value - mine.value);
    }
  }
  const Best all = better_of_cta(mine);
  if (threadIdx.x == 0) {
    parts[r * kBestCtas + static_cast<int>(blockIdx.x)] = all;
    __threadfence();
    last_cta = atomicInc(counters + r, kBestCtas - 1) == kBestCtas - 1;
  }
  __syncthreads();
  if (!last_cta) return;
  __threadfence();
  const volatile Best* from = parts + r * kBestCtas;
  Best best{-INFINITY, 0, 0x7FFFFFFF};
  if (threadIdx.x < kBestCtas) best = {from[threadIdx.x].value, from[threadIdx.x].sum, from[threadIdx.x].column};
  best = better_of_cta(best);
  if (threadIdx.x != 0) return;
  out[3 * r] = static_cast<float>(best.column == 0x7FFFFFFF ? 0 : best.column);
  out[3 * r + 1] = best.value;
  out[3 * r + 2] = best.value + logf(best.sum);
}

}  // namespace

void rope_store(const Kernels& kernels, Matrix q, Matrix k, Matrix v, const std::int64_t* positions,
                const float* frequencies, std::int64_t head_dim, std::span<const StoreJob> jobs) {
  CudaContext& context = context_of(kernels);
  std::int64_t done = 0;  // rows
  for (std::size_t first = 0; first < jobs.size(); first += kMaxJobs) {
    const auto now = jobs.subspan(first, std::min<std::size_t>(kMaxJobs, jobs.size() - first));
    RopeArgs args{};
    std::int64_t rows = 0;
    for (std::size_t i = 0; i < now.size(); ++i) {
      const StoreJob& job = now[i];
      CHECK(job.store.dtype == DType::kF16 && job.store.head_dim == head_dim &&
                job.store.head_stride() == now[0].store.head_stride(),
            "stores of one kind, fp16 on a device");
      args.parts[i] = {static_cast<half*>(job.store.k), static_cast<half*>(job.store.v), context.control(job.positions),
                       job.first, static_cast<int>(rows)};
      rows += job.k.rows;
    }
    args.q = arg_of(q.slice_rows(done, rows));
    args.k = arg_of(k.slice_rows(done, rows));
    args.v = arg_of(v.slice_rows(done, rows));
    args.positions = context.control(positions) + done;
    args.frequencies = frequencies;
    args.head_stride = now[0].store.head_stride();
    args.half_dim = static_cast<int>(head_dim / 2);
    args.num_parts = static_cast<int>(now.size());
    const dim3 grid(blocks_for(q.cols / 2 + k.cols, kThreads), static_cast<unsigned>(rows));
    launch(context.launch_options(), rope_rows, grid, kThreads, 0, args);
    context.note_launch("rope_store");
    done += rows;
  }
}

void row_best(const Kernels& kernels, Matrix x, Matrix best) {
  CudaContext& context = context_of(kernels);
  CHECK(x.dtype == DType::kF32 && best.dtype == DType::kF32 && best.stride == best.cols, "fp32 rows");
  CHECK(static_cast<std::size_t>(x.rows) * sizeof(unsigned) <= CudaContext::kCounterBytes, "%ld rows", x.rows);
  auto* parts = reinterpret_cast<Best*>(context.partial_memory());
  const dim3 grid(kBestCtas, static_cast<unsigned>(x.rows));
  launch(context.launch_options(), best_of_rows, grid, kThreads, 0, x.f32(), x.stride, static_cast<int>(x.cols), parts,
         context.counters(), best.f32());
  context.note_launch("row_best");
}

}  // namespace docket::kernels::cuda
