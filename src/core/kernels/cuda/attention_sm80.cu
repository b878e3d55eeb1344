// Attention on m16n8k16, sm_80 and up: online softmax in fp32, scores and weights in registers, keys and values through
// two shared-memory stages filled by asynchronous copies.
//
// A warp has 16 query rows; a CTA of 4 warps shares each tile of 64 keys. Work: 4 rows * keys * head_dim FLOP a head.
// Vision (6405 rows, 16 heads of 80): 210 GFLOP a layer, matrix-bound; mma.sync reaches about 60 % of what wgmma can on
// sm_90, so 35 to 45 % of that card's peak is expected. Decode (one warp, splits over keys): bound by reading keys and
// values once, 26 MB a layer of cross-attention; expected 70 % of the memory rate.
#include "core/kernels/cuda/attention_common.cuh"

namespace docket::kernels::cuda {
namespace {

constexpr int kKeys = 64;  // of a tile

template <int kDim>
struct Stage {
  half k[kKeys][padded_row(kDim)];
  half v[kKeys][padded_row(kDim)];
  float bias[kKeys];
};

// Keys [first, first + 64) of one head; rows from `limit` on become zeros, as do columns past head_dim.
template <int kDim, int kThreads>
__device__ void fetch_tile(Stage<kDim>& stage, const AttentionArgs& args, const AttentionJobArgs& job, int kv_head,
                           int first, int limit) {
  constexpr int kUnits = kDim / 8;  // of 16 bytes in a row
  const half* k = store_head(job.k, args, kv_head);
  const half* v = store_head(job.v, args, kv_head);
  for (int i = static_cast<int>(threadIdx.x); i < kKeys * kUnits; i += kThreads) {
    const int row = i / kUnits, col = i % kUnits * 8, key = first + row;
    const bool valid = key < limit && col < args.head_dim;
    const std::int64_t at = valid ? static_cast<std::int64_t>(key) * args.head_dim + col : 0;
    copy_async(&stage.k[row][col], k + at, valid);
    copy_async(&stage.v[row][col], v + at, valid);
  }
  for (int i = static_cast<int>(threadIdx.x); i < kKeys; i += kThreads)
    stage.bias[i] = job.key_bias != nullptr && first + i < limit ? job.key_bias[first + i] * kLog2e : 0.0F;
  commit_copies();
}

__device__ __forceinline__ std::uint32_t load_pair(const half* row, int d, int head_dim) {
  return row != nullptr && d < head_dim ? *reinterpret_cast<const std::uint32_t*>(row + d) : 0U;
}

// What a warp keeps of its 16 rows: lane (g, t) has rows g and g + 8.
template <int kDim>
struct Rows {
  std::uint32_t q[kDim / 16][4];
  float sums[kDim / 8][4];
  KeyRange range[2];
  float largest[2], total[2];
};

template <int kDim>
__device__ void score_tile(const Stage<kDim>& stage, const Rows<kDim>& rows, int lane, float (*scores)[4]) {
#pragma unroll
  for (int n = 0; n < kKeys / 8; ++n)
#pragma unroll
    for (int i = 0; i < 4; ++i) scores[n][i] = 0;
  const int matrix = lane / 8, row = lane % 8;
#pragma unroll
  for (int d = 0; d < kDim / 16; ++d) {
#pragma unroll
    for (int n = 0; n < kKeys / 16; ++n) {
      std::uint32_t b[4];
      load_matrices(b, &stage.k[16 * n + (matrix >> 1) * 8 + row][16 * d + (matrix & 1) * 8]);
      mma_sm80(scores[2 * n], rows.q[d][0], rows.q[d][1], rows.q[d][2], rows.q[d][3], b[0], b[1]);
      mma_sm80(scores[2 * n + 1], rows.q[d][0], rows.q[d][1], rows.q[d][2], rows.q[d][3], b[2], b[3]);
    }
  }
}

// Scores to weights; rescales what was summed so far.
template <int kDim>
__device__ void soften_tile(const Stage<kDim>& stage, Rows<kDim>& rows, int lane, int first, float scale,
                            float (*scores)[4]) {
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    float largest = rows.largest[h];
#pragma unroll
    for (int n = 0; n < kKeys / 8; ++n) {
#pragma unroll
      for (int i = 2 * h; i < 2 * h + 2; ++i) {
        const int col = 8 * n + cell_sm80(lane, i).col, key = first + col;
        const bool seen = key >= rows.range[h].begin && key < rows.range[h].end;
        scores[n][i] = seen ? scores[n][i] * scale + stage.bias[col] : -INFINITY;
        largest = fmaxf(largest, scores[n][i]);
      }
    }
    largest = fmaxf(largest, __shfl_xor_sync(0xFFFFFFFFU, largest, 1));
    largest = fmaxf(largest, __shfl_xor_sync(0xFFFFFFFFU, largest, 2));
    const float shrink = weight_of(rows.largest[h], largest);
    float total = rows.total[h] * shrink;
#pragma unroll
    for (int n = 0; n < kKeys / 8; ++n) {
#pragma unroll
      for (int i = 2 * h; i < 2 * h + 2; ++i) {
        scores[n][i] = weight_of(scores[n][i], largest);
        total += scores[n][i];
      }
    }
#pragma unroll
    for (int d = 0; d < kDim / 8; ++d) {
      rows.sums[d][2 * h] *= shrink;
      rows.sums[d][2 * h + 1] *= shrink;
    }
    rows.largest[h] = largest;
    rows.total[h] = total;
  }
}

template <int kDim>
__device__ void add_values(const Stage<kDim>& stage, Rows<kDim>& rows, int lane, const float (*weights)[4]) {
  const int matrix = lane / 8, row = lane % 8;
#pragma unroll
  for (int n = 0; n < kKeys / 16; ++n) {
    const float* low = weights[2 * n];
    const float* high = weights[2 * n + 1];
    const std::uint32_t a0 = as_bits(__floats2half2_rn(low[0], low[1])),
                        a1 = as_bits(__floats2half2_rn(low[2], low[3]));
    const std::uint32_t a2 = as_bits(__floats2half2_rn(high[0], high[1]));
    const std::uint32_t a3 = as_bits(__floats2half2_rn(high[2], high[3]));
#pragma unroll
    for (int d = 0; d < kDim / 16; ++d) {
      std::uint32_t b[4];
      load_matrices_transposed(b, &stage.v[16 * n + (matrix & 1) * 8 + row][16 * d + (matrix >> 1) * 8]);
      mma_sm80(rows.sums[2 * d], a0, a1, a2, a3, b[0], b[1]);
      mma_sm80(rows.sums[2 * d + 1], a0, a1, a2, a3, b[2], b[3]);
    }
  }
}

template <int kDim>
__device__ void load_rows(Rows<kDim>& rows, const AttentionArgs& args, const AttentionJobArgs& job, int kv_head,
                          int first_row, int lane) {
  const int g = lane >> 2, t = lane & 3;
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    const int r = first_row + g + 8 * h;
    rows.range[h] = range_of_row(args, job, r);
    rows.largest[h] = -INFINITY;
    rows.total[h] = 0;
    const half* q = nullptr;
    if (r < job.rows * args.group) {
      q = args.q + (job.first_row + r / args.group) * args.q_stride +
          (kv_head * args.group + r % args.group) * static_cast<std::int64_t>(args.head_dim);
    }
#pragma unroll
    for (int d = 0; d < kDim / 16; ++d) {
      rows.q[d][h] = load_pair(q, 16 * d + 2 * t, args.head_dim);
      rows.q[d][2 + h] = load_pair(q, 16 * d + 8 + 2 * t, args.head_dim);
    }
  }
#pragma unroll
  for (int d = 0; d < kDim / 8; ++d)
#pragma unroll
    for (int i = 0; i < 4; ++i) rows.sums[d][i] = 0;
}

template <int kDim>
__device__ void store_rows(const Rows<kDim>& rows, const AttentionArgs& args, const AttentionJobArgs& job,
                           const AttentionPart& part, int first_row, int lane) {
  const int g = lane >> 2;
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    float total = rows.total[h];
    total += __shfl_xor_sync(0xFFFFFFFFU, total, 1);
    total += __shfl_xor_sync(0xFFFFFFFFU, total, 2);
    const RowTarget target = RowTarget::of_row(args, job, part, first_row + g + 8 * h);
    const float inverse = total > 0 ? 1.0F / total : 0.0F;
#pragma unroll
    for (int d = 0; d < kDim / 8; ++d) {
#pragma unroll
      for (int i = 2 * h; i < 2 * h + 2; ++i) {
        const int col = 8 * d + cell_sm80(lane, i).col;
        if (col < args.head_dim) target.put(col, rows.sums[d][i], inverse);
      }
    }
    if ((lane & 3) == 0) target.put_statistics(args.head_dim, rows.largest[h], total);
  }
}

template <int kDim, int kWarps>
__global__ void __launch_bounds__(kWarps * 32) attention_sm80(const __grid_constant__ AttentionArgs args) {
#if __CUDA_ARCH__ >= 800
  extern __shared__ __align__(16) unsigned char shared[];
  auto* stages = reinterpret_cast<Stage<kDim>*>(shared);
  constexpr int kThreads = kWarps * 32, kRows = kWarps * 16;
  const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
  const AttentionPart part = AttentionPart::of_block(args, kRows);
  const AttentionJobArgs job = args.jobs[part.job];
  if (part.first_row >= job.rows * args.group) return;
  const KeyRange seen = range_of_cta<kThreads, kRows>(args, job, part.first_row);
  const int first_key = max(seen.begin / kKeys * kKeys, part.split * args.keys_per_split);
  const int last_key = min(seen.end, (part.split + 1) * args.keys_per_split);
  const int first_row = part.first_row + warp * 16;
  Rows<kDim> rows;
  load_rows(rows, args, job, part.kv_head, first_row, lane);
  if (first_key < last_key) fetch_tile<kDim, kThreads>(stages[0], args, job, part.kv_head, first_key, last_key);
  int now = 0;
  for (int key = first_key; key < last_key; key += kKeys) {
    if (key + kKeys < last_key) {
      fetch_tile<kDim, kThreads>(stages[now ^ 1], args, job, part.kv_head, key + kKeys, last_key);
      wait_copies<1>();
    } else {
      wait_copies<0>();
    }
    __syncthreads();
    float scores[kKeys / 8][4];
    score_tile(stages[now], rows, lane, scores);
    soften_tile(stages[now], rows, lane, key, args.scale, scores);
    add_values(stages[now], rows, lane, scores);
    __syncthreads();  // the stage is free for the tile after next
    now ^= 1;
  }
  store_rows(rows, args, job, part, first_row, lane);
#endif
}

template <int kDim, int kWarps>
void launch(const AttentionArgs& args, int max_rows, cudaStream_t stream) {
  constexpr int kBytes = 2 * static_cast<int>(sizeof(Stage<kDim>)), kRows = kWarps * 16;
  cudaFuncSetAttribute(attention_sm80<kDim, kWarps>, cudaFuncAttributeMaxDynamicSharedMemorySize, kBytes);
  const dim3 grid(static_cast<unsigned>((max_rows + kRows - 1) / kRows),
                  static_cast<unsigned>(args.num_kv_heads * args.splits), static_cast<unsigned>(args.num_jobs));
  attention_sm80<kDim, kWarps><<<grid, kWarps * 32, kBytes, stream>>>(args);
}

template <int kDim>
void launch_dim(const AttentionArgs& args, bool small, int max_rows, cudaStream_t stream) {
  if (small) return launch<kDim, 1>(args, max_rows, stream);
  launch<kDim, 4>(args, max_rows, stream);
}

}  // namespace

AttentionTile attention_tile_sm80(bool small) { return {small ? 16 : 64, kKeys}; }

void launch_attention_sm80(const AttentionArgs& args, bool small, cudaStream_t stream) {
  int max_rows = 0;
  for (int i = 0; i < args.num_jobs; ++i) max_rows = max_rows > args.jobs[i].rows ? max_rows : args.jobs[i].rows;
  max_rows *= args.group;
  if (args.head_dim <= 32) return launch_dim<32>(args, small, max_rows, stream);
  if (args.head_dim <= 64) return launch_dim<64>(args, small, max_rows, stream);
  if (args.head_dim <= 80) return launch_dim<80>(args, small, max_rows, stream);
  launch_dim<128>(args, small, max_rows, stream);
}

}  // namespace docket::kernels::cuda
