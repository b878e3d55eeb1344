// Attention on m16n8k16, sm_80 and up: online softmax in fp32, scores and weights in registers, keys and values through
// two shared-memory stages filled by asynchronous copies.
//
// A CTA shares each tile of 64 keys; a warp has kTiles times 16 query rows. Work: 4 rows * keys * head_dim FLOP a head.
//   many rows (vision: 6405 of 16 heads of 80, 210 GFLOP a layer): 32 rows a warp, so that a fragment of keys or values
//     read from shared memory feeds four products: 160 products (1030 clocks of a tensor core of sm_90, where mma.sync
//     reaches 62 % of wgmma), 160 clocks of shared memory and about 560 instructions a warp and tile; two warps for
//     each of the four schedulers cover one another's softmax
//   few rows (a decode step: one warp, splits over the keys): bound by reading keys and values once, 26 MB a layer of
//     cross-attention; expected 70 % of the memory rate
//
// Softmax costs what products cannot hide, so it is kept short: scores keep their scale until the exponent (one
// multiply and add), tiles that all rows see whole compare no ranges, and the largest score that weights refer to moves
// only when a score is 2^8 beyond it: weights stay below 2^8, which fp16 holds as well as 1.
#include "core/kernels/cuda/attention_common.cuh"

namespace docket::kernels::cuda {
namespace {

constexpr int kKeys = 64;  // of a tile
// Of 16 rows, for a warp of many rows: 2, four warps a CTA of 251 registers; 1, eight of 128, which read shared memory
// twice as often (2900 clocks of a multiprocessor for what takes the tensor cores 2060) but cover one another's latency
// four at a time.
constexpr int kManyTiles = 2;
[[maybe_unused]] constexpr float kSlack = 8;  // log2; unused below sm_80

template <int kDim>
struct Stage {
  half k[kKeys][padded_row(kDim)];
  half v[kKeys][padded_row(kDim)];
  float bias[kKeys];  // natural log; unset when the job has none
};

// Columns [8 * kFirst, 8 * (kFirst + kUnits)) of 64 keys and values, rows from `valid` on as zeros: a few neighbouring
// threads a row, so that they read whole sectors, and every step of a thread is a constant away from the one before.
template <int kDim, int kThreads, int kFirst, int kUnits>
__device__ __forceinline__ void fetch_columns(Stage<kDim>& stage, const half* k, const half* v, int head_dim,
                                              int row_stride, int valid) {
  constexpr int kStep = kThreads / kUnits < kKeys ? kThreads / kUnits : kKeys;  // rows
  static_assert(kThreads % kUnits == 0 && kKeys % kStep == 0);
  const int row = static_cast<int>(threadIdx.x) / kUnits;
  const int col = (kFirst + static_cast<int>(threadIdx.x) % kUnits) * 8;
  if (kThreads / kUnits > kKeys && row >= kKeys) return;
  if (col >= head_dim) valid = 0;
  k += row * row_stride + col;
  v += row * row_stride + col;
#pragma unroll
  for (int r = 0; r < kKeys; r += kStep, k += kStep * row_stride, v += kStep * row_stride) {
    copy_async(&stage.k[row + r][col], k, row + r < valid);
    copy_async(&stage.v[row + r][col], v, row + r < valid);
  }
}

// Keys [first, first + 64) of one head; rows from `limit` on become zeros, as do columns past head_dim.
template <int kDim, int kThreads>
__device__ __forceinline__ void fetch_tile(Stage<kDim>& stage, const AttentionArgs& args, const AttentionJobArgs& job,
                                           int kv_head, int first, int limit) {
  const std::int64_t from = static_cast<std::int64_t>(first) * args.row_stride;
  const half* k = store_head(job.k, args, kv_head) + from;
  const half* v = store_head(job.v, args, kv_head) + from;
  if constexpr (kDim == 80) {
    fetch_columns<kDim, kThreads, 0, 8>(stage, k, v, args.head_dim, args.row_stride, limit - first);
    fetch_columns<kDim, kThreads, 8, 2>(stage, k, v, args.head_dim, args.row_stride, limit - first);
  } else {
    fetch_columns<kDim, kThreads, 0, kDim / 8>(stage, k, v, args.head_dim, args.row_stride, limit - first);
  }
  if (job.key_bias != nullptr) {
#pragma unroll
    for (int start = 0; start < kKeys; start += kThreads) {
      const int i = start + static_cast<int>(threadIdx.x);
      if (i < kKeys) copy_word_async(&stage.bias[i], job.key_bias + first + i, first + i < limit);
    }
  }
  commit_copies();
}

[[maybe_unused]] __device__ __forceinline__ std::uint32_t load_pair(const half* row, int d, int head_dim) {
  return row != nullptr && d < head_dim ? *reinterpret_cast<const std::uint32_t*>(row + d) : 0U;
}

// What a warp keeps of its rows: lane (g, t) has rows g and g + 8 of every 16.
template <int kDim, int kTiles>
struct Rows {
  std::uint32_t q[kTiles][kDim / 16][4];
  float sums[kTiles][kDim / 8][4];
  float largest[kTiles][2];  // what weights refer to: scaled, in log2
  float total[kTiles][2];
};
template <int kTiles>
using Scores = float[kTiles][kKeys / 8][4];

template <int kDim, int kTiles>
__device__ __forceinline__ void score_tile(const Stage<kDim>& stage, const Rows<kDim, kTiles>& rows, int lane,
                                           Scores<kTiles>& scores) {
#pragma unroll
  for (int m = 0; m < kTiles; ++m)
#pragma unroll
    for (int n = 0; n < kKeys / 8; ++n)
#pragma unroll
      for (int i = 0; i < 4; ++i) scores[m][n][i] = 0;
  const int matrix = lane / 8, row = lane % 8;
#pragma unroll
  for (int d = 0; d < kDim / 16; ++d) {
#pragma unroll
    for (int n = 0; n < kKeys / 16; ++n) {
      std::uint32_t b[4];
      load_matrices(b, &stage.k[16 * n + (matrix >> 1) * 8 + row][16 * d + (matrix & 1) * 8]);
#pragma unroll
      for (int m = 0; m < kTiles; ++m) {
        const std::uint32_t* q = rows.q[m][d];
        mma_sm80(scores[m][2 * n], q[0], q[1], q[2], q[3], b[0], b[1]);
        mma_sm80(scores[m][2 * n + 1], q[0], q[1], q[2], q[3], b[2], b[3]);
      }
    }
  }
}

// Bias and ranges (of the warp's rows), where the tile has any: returns what is left to multiply the scores with.
template <int kDim, int kTiles>
__device__ __forceinline__ float mask_tile(const Stage<kDim>& stage, const KeyRange* ranges, int lane, int first,
                                           bool whole, bool biased, float scale, Scores<kTiles>& scores) {
  if (whole && !biased) return scale;
#pragma unroll
  for (int n = 0; n < kKeys / 8; ++n) {
    const int col = 8 * n + cell_sm80(lane, 0).col;
    const float2 bias = biased ? *reinterpret_cast<const float2*>(&stage.bias[col]) : float2{0, 0};
#pragma unroll
    for (int m = 0; m < kTiles; ++m)
#pragma unroll
      for (int i = 0; i < 4; ++i) scores[m][n][i] = scores[m][n][i] * scale + (i % 2 == 0 ? bias.x : bias.y) * kLog2e;
  }
  if (whole) return 1;
#pragma unroll
  for (int m = 0; m < kTiles; ++m) {
#pragma unroll
    for (int h = 0; h < 2; ++h) {
      const KeyRange range = ranges[16 * m + 8 * h + cell_sm80(lane, 0).row];
#pragma unroll
      for (int n = 0; n < kKeys / 8; ++n) {
#pragma unroll
        for (int i = 2 * h; i < 2 * h + 2; ++i) {
          const int key = first + 8 * n + cell_sm80(lane, i).col;
          if (key < range.begin || key >= range.end) scores[m][n][i] = -INFINITY;
        }
      }
    }
  }
  return 1;
}

// Moves the largest scores where they must, and rescales what was summed so far.
template <int kDim, int kTiles>
__device__ __forceinline__ void move_largest(Rows<kDim, kTiles>& rows, const Scores<kTiles>& scores, float factor) {
  float most[kTiles][2];
  bool beyond = false;
#pragma unroll
  for (int m = 0; m < kTiles; ++m) {
#pragma unroll
    for (int h = 0; h < 2; ++h) {
      float value = fmaxf(scores[m][0][2 * h], scores[m][0][2 * h + 1]);
#pragma unroll
      for (int n = 1; n < kKeys / 8; ++n) value = fmaxf(value, fmaxf(scores[m][n][2 * h], scores[m][n][2 * h + 1]));
      most[m][h] = value * factor;
      beyond = beyond || most[m][h] > rows.largest[m][h] + kSlack;  // also the first that is seen at all
    }
  }
  if (!__any_sync(0xFFFFFFFFU, beyond)) return;
#pragma unroll
  for (int m = 0; m < kTiles; ++m) {
#pragma unroll
    for (int h = 0; h < 2; ++h) {
      float value = most[m][h];
      value = fmaxf(value, __shfl_xor_sync(0xFFFFFFFFU, value, 1));
      value = fmaxf(value, __shfl_xor_sync(0xFFFFFFFFU, value, 2));
      value = fmaxf(value, rows.largest[m][h]);
      // Nothing was seen before, so nothing was summed, when it was -inf: any factor will do but NaN.
      const float shrink = value == -INFINITY ? 1.0F : exp2_approximate(rows.largest[m][h] - value);
      rows.largest[m][h] = value;
      rows.total[m][h] *= shrink;
#pragma unroll
      for (int d = 0; d < kDim / 8; ++d) {
        rows.sums[m][d][2 * h] *= shrink;
        rows.sums[m][d][2 * h + 1] *= shrink;
      }
    }
  }
}

// Scores to weights while values are summed: the weights of 16 keys are made between the products of the 16 before, so
// that exponents and products run side by side.
template <int kDim, int kTiles>
__device__ __forceinline__ void add_values(const Stage<kDim>& stage, Rows<kDim, kTiles>& rows, int lane, float factor,
                                           const Scores<kTiles>& scores) {
  constexpr int kChunks = kKeys / 16, kSteps = kDim / 16, kPairs = 4 * kTiles;  // pairs: registers of a chunk
  const int matrix = lane / 8, row = lane % 8;
  float base[kTiles][2];
#pragma unroll
  for (int m = 0; m < kTiles; ++m)
#pragma unroll
    for (int h = 0; h < 2; ++h) base[m][h] = rows.largest[m][h] == -INFINITY ? 0.0F : -rows.largest[m][h];
  std::uint32_t a[kChunks][kPairs];
  const auto soften = [&](int n, int pair) {
    const int m = pair / 4, h = pair % 2, tile = 2 * n + pair % 4 / 2;
    const float low = exp2_approximate(scores[m][tile][2 * h] * factor + base[m][h]);
    const float high = exp2_approximate(scores[m][tile][2 * h + 1] * factor + base[m][h]);
    rows.total[m][h] += low + high;
    a[n][pair] = as_bits(__floats2half2_rn(low, high));
  };
#pragma unroll
  for (int pair = 0; pair < kPairs; ++pair) soften(0, pair);
#pragma unroll
  for (int n = 0; n < kChunks; ++n) {
#pragma unroll
    for (int d = 0; d < kSteps; ++d) {
      std::uint32_t b[4];
      load_matrices_transposed(b, &stage.v[16 * n + (matrix & 1) * 8 + row][16 * d + (matrix >> 1) * 8]);
#pragma unroll
      for (int m = 0; m < kTiles; ++m) {
        const std::uint32_t* p = a[n] + 4 * m;
        mma_sm80(rows.sums[m][2 * d], p[0], p[1], p[2], p[3], b[0], b[1]);
        mma_sm80(rows.sums[m][2 * d + 1], p[0], p[1], p[2], p[3], b[2], b[3]);
      }
      if (n + 1 == kChunks) continue;
#pragma unroll
      for (int pair = d * kPairs / kSteps; pair < (d + 1) * kPairs / kSteps; ++pair) soften(n + 1, pair);
    }
  }
}

template <int kDim, int kTiles>
__device__ void load_rows(Rows<kDim, kTiles>& rows, const AttentionArgs& args, const AttentionJobArgs& job, int kv_head,
                          int first_row, int lane) {
  const int g = lane >> 2, t = lane & 3;
#pragma unroll
  for (int m = 0; m < kTiles; ++m) {
#pragma unroll
    for (int h = 0; h < 2; ++h) {
      const int r = first_row + 16 * m + g + 8 * h;
      rows.largest[m][h] = -INFINITY;
      rows.total[m][h] = 0;
      const half* q = nullptr;
      if (r < job.rows * args.group) {
        q = args.q + (job.first_row + r / args.group) * args.q_stride +
            (kv_head * args.group + r % args.group) * static_cast<std::int64_t>(args.head_dim);
      }
#pragma unroll
      for (int d = 0; d < kDim / 16; ++d) {
        rows.q[m][d][h] = load_pair(q, 16 * d + 2 * t, args.head_dim);
        rows.q[m][d][2 + h] = load_pair(q, 16 * d + 8 + 2 * t, args.head_dim);
      }
    }
#pragma unroll
    for (int d = 0; d < kDim / 8; ++d)
#pragma unroll
      for (int i = 0; i < 4; ++i) rows.sums[m][d][i] = 0;
  }
}

template <int kDim, int kTiles>
__device__ void store_rows(const Rows<kDim, kTiles>& rows, const AttentionArgs& args, const AttentionJobArgs& job,
                           const AttentionPart& part, int first_row, int lane) {
  const int g = lane >> 2;
#pragma unroll
  for (int m = 0; m < kTiles; ++m) {
#pragma unroll
    for (int h = 0; h < 2; ++h) {
      float total = rows.total[m][h];
      total += __shfl_xor_sync(0xFFFFFFFFU, total, 1);
      total += __shfl_xor_sync(0xFFFFFFFFU, total, 2);
      const RowTarget target = RowTarget::of_row(args, job, part, first_row + 16 * m + g + 8 * h);
      const float inverse = total > 0 ? 1.0F / total : 0.0F;
#pragma unroll
      for (int d = 0; d < kDim / 8; ++d) {
#pragma unroll
        for (int i = 2 * h; i < 2 * h + 2; ++i) {
          const int col = 8 * d + cell_sm80(lane, i).col;
          if (col < args.head_dim) target.put(col, rows.sums[m][d][i], inverse);
        }
      }
      if ((lane & 3) == 0) target.put_statistics(args.head_dim, rows.largest[m][h], total);
    }
  }
}

template <int kDim>
__device__ __forceinline__ bool has_bias(const Stage<kDim>& stage, const AttentionJobArgs& job, int lane) {
  if (job.key_bias == nullptr) return false;
  static_assert(kKeys == 64);
  return __any_sync(0xFFFFFFFFU, stage.bias[lane] != 0 || stage.bias[lane + 32] != 0);
}

// The block's number, as if unknown before: what is computed from it is not carried through the loop over keys, for
// which there are no registers.
[[maybe_unused]] __device__ __forceinline__ int block_again() {
  int block = 0;
  asm volatile("mov.u32 %0, %%ctaid.x;" : "=r"(block));
  return block;
}

template <int kRows, bool kMany>
__device__ __forceinline__ AttentionPart part_of(const AttentionArgs& args, int block) {
  if constexpr (kMany) {
    if (args.tail.count > 0) return AttentionPart::of_tail_block(args, kRows, block);
  }
  AttentionPart part = AttentionPart::of_block(args, kRows);
  part.first_row = block * kRows;
  return part;
}

template <int kDim, int kWarps, int kTiles, int kCtas>
__global__ void __launch_bounds__(kWarps * 32, kCtas) attention_sm80(const __grid_constant__ AttentionArgs args) {
#if __CUDA_ARCH__ >= 800
  extern __shared__ __align__(16) unsigned char shared[];
  auto* stages = reinterpret_cast<Stage<kDim>*>(shared);
  constexpr int kThreads = kWarps * 32, kRows = kWarps * kTiles * 16;
  const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
  const AttentionPart part = part_of<kRows, (kCtas > 1)>(args, static_cast<int>(blockIdx.x));
  const AttentionJobArgs job = args.jobs[part.job];
  const int last_row = job.rows * args.group, first_row = part.first_row + warp * kTiles * 16;
  if (part.first_row >= last_row) return;
  __shared__ KeyRange of_rows[kRows];
  const CtaRanges ranges = ranges_of_cta<kThreads, kRows>(args, job, part.first_row, of_rows);
  const int first_key = max(ranges.some.begin / kKeys * kKeys, part.keys.begin);
  const int last_key = min(ranges.some.end, part.keys.end);
  Rows<kDim, kTiles> rows;
  load_rows(rows, args, job, part.kv_head, first_row, lane);
  if (first_key < last_key) fetch_tile<kDim, kThreads>(stages[0], args, job, part.kv_head, first_key, last_key);
  int now = 0;
  for (int key = first_key; key < last_key; key += kKeys, now ^= 1) {
    wait_copies<0>();
    __syncthreads();  // this tile is there, and everyone is done with the stage of the tile before: it takes the next
    if (key + kKeys < last_key)
      fetch_tile<kDim, kThreads>(stages[now ^ 1], args, job, part.kv_head, key + kKeys, last_key);
    if (first_row >= last_row) continue;  // a warp without rows only helps to copy
    const Stage<kDim>& stage = stages[now];
    Scores<kTiles> scores;
    score_tile(stage, rows, lane, scores);
    // Scores that keep their scale must keep their order.
    const bool whole = key >= ranges.all.begin && key + kKeys <= min(ranges.all.end, last_key) && args.scale > 0;
    const float factor = mask_tile<kDim, kTiles>(stage, of_rows + warp * kTiles * 16, lane, key, whole,
                                                 has_bias(stage, job, lane), args.scale, scores);
    move_largest(rows, scores, factor);
    add_values(stage, rows, lane, factor, scores);
  }
  const AttentionPart done = part_of<kRows, (kCtas > 1)>(args, block_again());
  store_rows(rows, args, job, done, done.first_row + warp * kTiles * 16, lane);
#endif
}

template <int kDim, int kWarps, int kTiles, int kCtas>
void launch(const AttentionArgs& args, int max_rows, cudaStream_t stream) {
  constexpr int kBytes = 2 * static_cast<int>(sizeof(Stage<kDim>)), kRows = kWarps * kTiles * 16;
  const auto kernel = attention_sm80<kDim, kWarps, kTiles, kCtas>;
  cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, kBytes);
  dim3 grid(static_cast<unsigned>((max_rows + kRows - 1) / kRows),
            static_cast<unsigned>(args.num_kv_heads * args.splits), static_cast<unsigned>(args.num_jobs));
  if (args.tail.count > 0) grid = dim3(static_cast<unsigned>(args.tail.first + args.tail.count * args.tail.splits));
  kernel<<<grid, kWarps * 32, kBytes, stream>>>(args);
}

template <int kDim>
void launch_dim(const AttentionArgs& args, AttentionRows rows, int max_rows, cudaStream_t stream) {
  if (rows == AttentionRows::kFew) return launch<kDim, 1, 1, 1>(args, max_rows, stream);
  if constexpr (kDim == 64 || kDim == 80) {
    if (rows == AttentionRows::kMany)
      return launch<kDim, kManyRows / (16 * kManyTiles), kManyTiles, kManyCtas>(args, max_rows, stream);
  }
  launch<kDim, 4, 1, 1>(args, max_rows, stream);
}

}  // namespace

AttentionTile attention_tile_sm80(AttentionRows rows) {
  if (rows == AttentionRows::kFew) return {16, kKeys};
  return {rows == AttentionRows::kMany ? kManyRows : 64, kKeys};
}

void launch_attention_sm80(const AttentionArgs& args, AttentionRows rows, cudaStream_t stream) {
  int max_rows = 0;
  for (int i = 0; i < args.num_jobs; ++i) max_rows = max_rows > args.jobs[i].rows ? max_rows : args.jobs[i].rows;
  max_rows *= args.group;
  if (args.head_dim <= 32) return launch_dim<32>(args, rows, max_rows, stream);
  if (args.head_dim <= 64) return launch_dim<64>(args, rows, max_rows, stream);
  if (args.head_dim <= 80) return launch_dim<80>(args, rows, max_rows, stream);
  launch_dim<128>(args, rows, max_rows, stream);
}

}  // namespace docket::kernels::cuda
