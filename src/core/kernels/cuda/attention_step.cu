// Attention of a decode step: a few query rows (tokens times the heads of a group, up to 16) over many keys, for heads
// of 64 and 128 on sm_80 and up.
//
// Bound by reading keys and values once: 26 MB a layer of cross-attention over four tiles, 8.4 us at 3.1 TB/s; over a
// short text by the length of a launch. A CTA is one kv head and one split of the keys; each of its four warps takes
// every fourth block of 16 keys, straight from device memory into the registers of the products: the order of k inside
// q k and the order of columns inside p v are free (fragments.h), so that a lane reads 32 adjacent bytes of a row. The
// warps join in shared memory, and the last CTA of a kv head joins the splits, in their order: the sum does not depend
// on who was last.
#include "core/kernels/cuda/attention_common.cuh"
#include "core/kernels/cuda/launch.cuh"

namespace docket::kernels::cuda {
namespace {

constexpr int kWarps = 4, kThreads = kWarps * 32, kRows = 16, kKeys = 16;

// Sums of some keys' values for each row, with the largest score (in log2) and the total weight. Columns lie as the
// products leave them: column 8 * tile + c is column kDim / 8 * c + tile of the head. Rows are 8 banks apart.
template <int kDim>
struct Joined {
  float sums[kWarps][kRows][kDim + 8];
  float largest[kWarps][kRows], total[kWarps][kRows];
};

// 32 adjacent bytes as 8 registers.
__device__ __forceinline__ void load_row_part(std::uint32_t* r, const half* source) {
  const uint4 low = *reinterpret_cast<const uint4*>(source), high = *reinterpret_cast<const uint4*>(source + 8);
  r[0] = low.x, r[1] = low.y, r[2] = low.z, r[3] = low.w;
  r[4] = high.x, r[5] = high.y, r[6] = high.z, r[7] = high.w;
}

template <int kDim>
struct StepRows {
  static constexpr int kParts = kDim / 64;  // of a query or key row: 16 dims a lane in each
  static constexpr int kTiles = kDim / 8;   // of 8 output columns
  static constexpr int kCols = kDim / 8;    // adjacent columns of a value row that a lane reads: 16, or 8
  std::uint32_t q[2][kParts][8];            // rows g and g + 8
  float sums[kTiles][4];
  float largest[2], total[2];
};

template <int kDim>
__device__ __forceinline__ void load_queries(StepRows<kDim>& rows, const AttentionArgs& args,
                                             const AttentionJobArgs& job, int kv_head, Slot slot) {
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    const int r = slot.g + 8 * h;
    rows.largest[h] = -INFINITY;
    rows.total[h] = 0;
    const bool there = r < job.rows * args.group;
    const half* q = args.q + (job.first_row + r / args.group) * args.q_stride +
                    (kv_head * args.group + r % args.group) * static_cast<std::int64_t>(kDim);
#pragma unroll
    for (int part = 0; part < StepRows<kDim>::kParts; ++part) {
      if (there) {
        load_row_part(rows.q[h][part], q + 64 * part + 16 * slot.t);
      } else {
#pragma unroll
        for (int i = 0; i < 8; ++i) rows.q[h][part][i] = 0;
      }
    }
  }
#pragma unroll
  for (int tile = 0; tile < StepRows<kDim>::kTiles; ++tile)
#pragma unroll
    for (int i = 0; i < 4; ++i) rows.sums[tile][i] = 0;
}

// scores[n]: queries by keys first + 8n .. + 7; keys past the last repeat it, and are masked later.
template <int kDim>
__device__ __forceinline__ void score_block(const StepRows<kDim>& rows, const half* k, int first, int last, Slot slot,
                                            float (*scores)[4]) {
  std::uint32_t b[2][StepRows<kDim>::kParts][8];
#pragma unroll
  for (int n = 0; n < 2; ++n) {
    const half* row = k + static_cast<std::int64_t>(min(first + 8 * n + slot.g, last)) * kDim + 16 * slot.t;
#pragma unroll
    for (int part = 0; part < StepRows<kDim>::kParts; ++part) load_row_part(b[n][part], row + 64 * part);
  }
#pragma unroll
  for (int n = 0; n < 2; ++n) {
#pragma unroll
    for (int i = 0; i < 4; ++i) scores[n][i] = 0;
#pragma unroll
    for (int part = 0; part < StepRows<kDim>::kParts; ++part)
#pragma unroll
      for (int s = 0; s < 4; ++s)
        mma_sm80(scores[n], rows.q[0][part][2 * s], rows.q[1][part][2 * s], rows.q[0][part][2 * s + 1],
                 rows.q[1][part][2 * s + 1], b[n][part][2 * s], b[n][part][2 * s + 1]);
  }
}

// What a lane holds of the value rows of a block: keys 2t, 2t + 1, 2t + 8 and 2t + 9 at its own columns.
template <int kDim>
struct ValueRows {
  static constexpr int kWords = StepRows<kDim>::kCols / 2;
  std::uint32_t words[4][kWords];

  __device__ __forceinline__ void load(const half* v, int first, int last, Slot slot) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const int key = min(first + 2 * slot.t + (i & 1) + 8 * (i >> 1), last);
      const half* source = v + static_cast<std::int64_t>(key) * kDim + StepRows<kDim>::kCols * slot.g;
#pragma unroll
      for (int w = 0; w < kWords; w += 4) {
        const uint4 four = *reinterpret_cast<const uint4*>(source + 2 * w);
        words[i][w] = four.x, words[i][w + 1] = four.y, words[i][w + 2] = four.z, words[i][w + 3] = four.w;
      }
    }
  }
};

// Output column g of tile j is column kCols * g + j of the head.
template <int kDim>
__device__ __forceinline__ void add_block(StepRows<kDim>& rows, const ValueRows<kDim>& v, const float (*weights)[4]) {
  const std::uint32_t a0 = as_bits(__floats2half2_rn(weights[0][0], weights[0][1]));
  const std::uint32_t a1 = as_bits(__floats2half2_rn(weights[0][2], weights[0][3]));
  const std::uint32_t a2 = as_bits(__floats2half2_rn(weights[1][0], weights[1][1]));
  const std::uint32_t a3 = as_bits(__floats2half2_rn(weights[1][2], weights[1][3]));
#pragma unroll
  for (int w = 0; w < ValueRows<kDim>::kWords; ++w) {
    mma_sm80(rows.sums[2 * w], a0, a1, a2, a3, __byte_perm(v.words[0][w], v.words[1][w], 0x5410),
             __byte_perm(v.words[2][w], v.words[3][w], 0x5410));
    mma_sm80(rows.sums[2 * w + 1], a0, a1, a2, a3, __byte_perm(v.words[0][w], v.words[1][w], 0x7632),
             __byte_perm(v.words[2][w], v.words[3][w], 0x7632));
  }
}

// Scores to weights, masked; what was summed so far shrinks to the new largest score.
template <int kDim>
__device__ __forceinline__ void soften_block(StepRows<kDim>& rows, const KeyRange* range, const float* bias, int first,
                                             int last, float scale, int lane, float (*scores)[4]) {
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    float largest = rows.largest[h];
#pragma unroll
    for (int n = 0; n < 2; ++n) {
#pragma unroll
      for (int i = 2 * h; i < 2 * h + 2; ++i) {
        const int key = first + 8 * n + cell_sm80(lane, i).col;
        const bool seen = key <= last && key >= range[h].begin && key < range[h].end;
        const float added = seen && bias != nullptr ? bias[key] * kLog2e : 0.0F;
        scores[n][i] = seen ? scores[n][i] * scale + added : -INFINITY;
        largest = fmaxf(largest, scores[n][i]);
      }
    }
    largest = fmaxf(largest, __shfl_xor_sync(0xFFFFFFFFU, largest, 1));
    largest = fmaxf(largest, __shfl_xor_sync(0xFFFFFFFFU, largest, 2));
    const float shrink = weight_of(rows.largest[h], largest);
    float total = rows.total[h] * shrink;
#pragma unroll
    for (int n = 0; n < 2; ++n) {
#pragma unroll
      for (int i = 2 * h; i < 2 * h + 2; ++i) {
        scores[n][i] = weight_of(scores[n][i], largest);
        total += scores[n][i];
      }
    }
#pragma unroll
    for (int tile = 0; tile < StepRows<kDim>::kTiles; ++tile) {
      rows.sums[tile][2 * h] *= shrink;
      rows.sums[tile][2 * h + 1] *= shrink;
    }
    rows.largest[h] = largest;
    rows.total[h] = total;
  }
}

template <int kDim>
__device__ void publish_warp(Joined<kDim>& joined, const StepRows<kDim>& rows, int warp, int lane) {
  const Slot slot = slot_sm80(lane);
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    float total = rows.total[h];
    total += __shfl_xor_sync(0xFFFFFFFFU, total, 1);
    total += __shfl_xor_sync(0xFFFFFFFFU, total, 2);
    const int r = slot.g + 8 * h;
    if (slot.t == 0) joined.largest[warp][r] = rows.largest[h], joined.total[warp][r] = total;
#pragma unroll
    for (int tile = 0; tile < StepRows<kDim>::kTiles; ++tile)
      *reinterpret_cast<float2*>(&joined.sums[warp][r][8 * tile + 2 * slot.t]) = {rows.sums[tile][2 * h],
                                                                                  rows.sums[tile][2 * h + 1]};
  }
}

// A row's place in the partial results of a launch: [job][kv head][split][row], each kDim sums, the largest score and
// the total.
template <int kDim>
__device__ __forceinline__ float* partial_row(const AttentionArgs& args, int job, int kv_head, int split, int row) {
  constexpr int kWidth = kDim + 4;  // rows stay 16-byte aligned
  return args.partial +
         (((static_cast<std::int64_t>(job) * args.num_kv_heads + kv_head) * args.splits + split) * kRows + row) *
             kWidth;
}

// Column `at` of a row as the products leave it, in the head.
template <int kDim>
__device__ __forceinline__ int column_of(int at) {
  return kDim / 8 * (at % 8) + at / 8;
}

// The splits of this CTA's kv head, by the CTA that came last.
template <int kDim>
__device__ void join_splits(const AttentionArgs& args, const AttentionJobArgs& job, int job_index, int kv_head) {
  const int count = job.rows * args.group;
  for (int i = static_cast<int>(threadIdx.x); i < count * (kDim / 4); i += kThreads) {
    const int r = i / (kDim / 4), d = i % (kDim / 4) * 4;
    float largest = -INFINITY;
#pragma unroll 8
    for (int s = 0; s < args.splits; ++s)
      largest = fmaxf(largest, __ldcg(partial_row<kDim>(args, job_index, kv_head, s, r) + kDim));
    float4 sum{};
    float total = 0;
#pragma unroll 8
    for (int s = 0; s < args.splits; ++s) {
      const float* part = partial_row<kDim>(args, job_index, kv_head, s, r);
      const float2 statistics = __ldcg(reinterpret_cast<const float2*>(part + kDim));
      const float4 value = __ldcg(reinterpret_cast<const float4*>(part + d));
      const float weight = weight_of(statistics.x, largest);  // 0 for a split that saw nothing
      total += weight * statistics.y;
      sum.x += weight * value.x, sum.y += weight * value.y, sum.z += weight * value.z, sum.w += weight * value.w;
    }
    const float inverse = total > 0 ? 1.0F / total : 0.0F;
    half* out =
        args.out + (job.first_row + r / args.group) * args.out_stride + (kv_head * args.group + r % args.group) * kDim;
    out[column_of<kDim>(d)] = to_half(sum.x * inverse);
    out[column_of<kDim>(d + 1)] = to_half(sum.y * inverse);
    out[column_of<kDim>(d + 2)] = to_half(sum.z * inverse);
    out[column_of<kDim>(d + 3)] = to_half(sum.w * inverse);
  }
}

// Joins the warps; writes the rows, or this split's partial results.
template <int kDim>
__device__ void join_warps(const Joined<kDim>& joined, const AttentionArgs& args, const AttentionJobArgs& job,
                           int job_index, int kv_head, int split) {
  const int count = job.rows * args.group;
  for (int i = static_cast<int>(threadIdx.x); i < count * kDim; i += kThreads) {
    const int r = i / kDim, d = i % kDim;
    float largest = -INFINITY, total = 0, sum = 0;
#pragma unroll
    for (int w = 0; w < kWarps; ++w) largest = fmaxf(largest, joined.largest[w][r]);
#pragma unroll
    for (int w = 0; w < kWarps; ++w) {
      const float weight = weight_of(joined.largest[w][r], largest);
      total += weight * joined.total[w][r];
      sum += weight * joined.sums[w][r][d];
    }
    if (args.splits == 1) {
      args.out[(job.first_row + r / args.group) * args.out_stride + (kv_head * args.group + r % args.group) * kDim +
               column_of<kDim>(d)] = to_half(total > 0 ? sum / total : 0.0F);
      continue;
    }
    float* part = partial_row<kDim>(args, job_index, kv_head, split, r);
    part[d] = sum;
    if (d == 0) part[kDim] = largest, part[kDim + 1] = total;
  }
}

// grid: splits, kv heads, jobs.
template <int kDim>
__global__ void __launch_bounds__(kThreads)
    attention_step(const __grid_constant__ AttentionArgs args, unsigned* counters) {
#if __CUDA_ARCH__ >= 800
  __shared__ Joined<kDim> joined;
  __shared__ bool last_cta;
  allow_next();
  wait_for_previous();
  const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
  const int split = static_cast<int>(blockIdx.x), kv_head = static_cast<int>(blockIdx.y),
            job_index = static_cast<int>(blockIdx.z);
  const AttentionJobArgs& job = args.jobs[job_index];
  const Slot slot = slot_sm80(lane);
  const KeyRange range[2] = {range_of_row(args, job, slot.g), range_of_row(args, job, slot.g + 8)};
  const int first_key = split * args.keys_per_split;
  int end_key = 0;  // of the rows that see anything
#pragma unroll
  for (int h = 0; h < 2; ++h)
    if (range[h].begin < range[h].end) end_key = max(end_key, range[h].end);
#pragma unroll
  for (int step = 4; step < 32; step *= 2) end_key = max(end_key, __shfl_xor_sync(0xFFFFFFFFU, end_key, step));
  const int last = min(end_key, first_key + args.keys_per_split) - 1;
  const half* k = store_head(job.k, args, kv_head);
  const half* v = store_head(job.v, args, kv_head);
  StepRows<kDim> rows;
  load_queries(rows, args, job, kv_head, slot);
  for (int first = first_key + warp * kKeys; first <= last; first += kWarps * kKeys) {
    ValueRows<kDim> values;
    values.load(v, first, last, slot);
    float scores[2][4];
    score_block(rows, k, first, last, slot, scores);
    soften_block(rows, range, job.key_bias, first, last, args.scale, lane, scores);
    add_block(rows, values, scores);
  }
  publish_warp(joined, rows, warp, lane);
  __syncthreads();
  join_warps(joined, args, job, job_index, kv_head, split);
  if (args.splits == 1) return;
  __threadfence();  // the partial results before the count
  __syncthreads();
  if (threadIdx.x == 0) {
    unsigned* counter = counters + job_index * args.num_kv_heads + kv_head;
    last_cta = atomicInc(counter, static_cast<unsigned>(args.splits - 1)) == static_cast<unsigned>(args.splits - 1);
  }
  __syncthreads();
  if (!last_cta) return;
  __threadfence();
  join_splits<kDim>(args, job, job_index, kv_head);
#endif
}

}  // namespace

bool attention_step_takes(const AttentionArgs& args, int max_rows) {
  return (args.head_dim == 64 || args.head_dim == 128) && args.row_stride == args.head_dim && max_rows <= kRows &&
         static_cast<std::size_t>(args.num_jobs * args.num_kv_heads) * sizeof(unsigned) <= CudaContext::kCounterBytes;
}

std::int64_t attention_step_split_bytes(const AttentionArgs& args) {
  return std::int64_t{args.num_jobs} * args.num_kv_heads * kRows * (args.head_dim + 4) *
         static_cast<std::int64_t>(sizeof(float));
}

void launch_attention_step(const AttentionArgs& args, unsigned* counters, const LaunchOptions& options) {
  const dim3 grid(static_cast<unsigned>(args.splits), static_cast<unsigned>(args.num_kv_heads),
                  static_cast<unsigned>(args.num_jobs));
  if (args.head_dim == 64) return launch(options, attention_step<64>, grid, kThreads, 0, args, counters);
  launch(options, attention_step<128>, grid, kThreads, 0, args, counters);
}

}  // namespace docket::kernels::cuda
