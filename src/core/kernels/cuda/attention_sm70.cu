// Attention on m8n8k4, sm_70 and up: online softmax in fp32; queries, keys and values in shared memory.
//
// A warp has 32 query rows, 8 for each quad pair, so that one load of keys or values serves all four quad pairs by
// broadcast; a CTA of 4 warps shares each tile of 32 keys. sm_70 has neither ldmatrix nor asynchronous copies: two CTAs
// on a multiprocessor cover each other's loads. One 16-byte shared load feeds two instructions, so that the tensor
// cores wait for shared memory about half of the time: 40 to 45 % of the matrix peak is expected on a V100.
#include "core/kernels/cuda/attention_common.cuh"

namespace docket::kernels::cuda {
namespace {

constexpr int kKeys = 32;      // of a tile
constexpr int kWarpRows = 32;  // of queries

template <int kDim, int kWarps>
struct Shared {
  half q[kWarps * kWarpRows][padded_row(kDim)];
  half k[kKeys][padded_row(kDim)];
  half v[kKeys][padded_row(kDim)];
  float bias[kKeys];
};

// What a lane keeps: two rows of its quad pair, cells as cell_sm70 says.
template <int kDim>
struct Rows {
  float sums[kDim / 16][2][8];
  KeyRange range[2];
  float largest[2], total[2];
};

// The CTA's row that is row `r` of this lane's quad pair.
__device__ __forceinline__ int row_of(int warp, int lane, int r) {
  return warp * kWarpRows + attention_row_sm70(slot_sm70(lane).t, r);
}
// The two rows of a lane's cells.
__device__ __forceinline__ int cell_row(int lane, int h) { return cell_sm70(lane, 2 * h).row; }

__device__ __forceinline__ void copy_unit(half* to, const half* from, bool valid) {
  const uint4 zero = {0, 0, 0, 0};
  *reinterpret_cast<uint4*>(to) = valid ? *reinterpret_cast<const uint4*>(from) : zero;
}

template <int kDim, int kWarps>
__device__ void load_queries(Shared<kDim, kWarps>& shared, const AttentionArgs& args, const AttentionJobArgs& job,
                             const AttentionPart& part) {
  constexpr int kUnits = kDim / 8;
  for (int i = static_cast<int>(threadIdx.x); i < kWarps * kWarpRows * kUnits; i += kWarps * 32) {
    const int row = i / kUnits, col = i % kUnits * 8, r = part.first_row + row;
    const bool valid = r < job.rows * args.group && col < args.head_dim;
    const int m = valid ? job.first_row + r / args.group : 0, head = part.kv_head * args.group + r % args.group;
    copy_unit(&shared.q[row][col], args.q + m * args.q_stride + (valid ? head * args.head_dim + col : 0), valid);
  }
}

template <int kDim, int kWarps>
__device__ void load_tile(Shared<kDim, kWarps>& shared, const AttentionArgs& args, const AttentionJobArgs& job,
                          int kv_head, int first, int limit) {
  constexpr int kUnits = kDim / 8;
  const half* k = store_head(job.k, args, kv_head);
  const half* v = store_head(job.v, args, kv_head);
#pragma unroll 4
  for (int i = static_cast<int>(threadIdx.x); i < kKeys * kUnits; i += kWarps * 32) {
    const int row = i / kUnits, col = i % kUnits * 8, key = first + row;
    const bool valid = key < limit && col < args.head_dim;
    const std::int64_t at = valid ? static_cast<std::int64_t>(key) * args.row_stride + col : 0;
    copy_unit(&shared.k[row][col], k + at, valid);
    copy_unit(&shared.v[row][col], v + at, valid);
  }
  for (int i = static_cast<int>(threadIdx.x); i < kKeys; i += kWarps * 32)
    shared.bias[i] = job.key_bias != nullptr && first + i < limit ? job.key_bias[first + i] * kLog2e : 0.0F;
}

template <int kDim, int kWarps>
__device__ void score_tile(const Shared<kDim, kWarps>& shared, int warp, int lane, float (*scores)[8]) {
  const int g = slot_sm70(lane).g;
  const half* query = shared.q[row_of(warp, lane, g)];
#pragma unroll
  for (int n = 0; n < kKeys / 8; ++n)
#pragma unroll
    for (int i = 0; i < 8; ++i) scores[n][i] = 0;
#pragma unroll
  for (int d = 0; d < kDim; d += 8) {
    const uint4 a = *reinterpret_cast<const uint4*>(query + d);
#pragma unroll
    for (int n = 0; n < kKeys / 8; ++n) {
      const uint4 b = *reinterpret_cast<const uint4*>(&shared.k[8 * n + g][d]);
      mma_sm70(scores[n], a.x, a.y, b.x, b.y);
      mma_sm70(scores[n], a.z, a.w, b.z, b.w);
    }
  }
}

// Scores to weights; rescales what was summed so far. Cells 2h, 2h + 1, 2h + 4 and 2h + 5 are row h.
template <int kDim, int kWarps>
__device__ void soften_tile(const Shared<kDim, kWarps>& shared, Rows<kDim>& rows, int lane, int first, float scale,
                            float (*scores)[8]) {
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    float largest = rows.largest[h];
#pragma unroll
    for (int n = 0; n < kKeys / 8; ++n) {
#pragma unroll
      for (int i = 0; i < 8; ++i) {
        if ((i & 2) != 2 * h) continue;
        const int col = 8 * n + cell_sm70(lane, i).col, key = first + col;
        const bool seen = key >= rows.range[h].begin && key < rows.range[h].end;
        scores[n][i] = seen ? scores[n][i] * scale + shared.bias[col] : -INFINITY;
        largest = fmaxf(largest, scores[n][i]);
      }
    }
    largest = fmaxf(largest, __shfl_xor_sync(0xFFFFFFFFU, largest, 2));
    const float shrink = weight_of(rows.largest[h], largest);
    float total = rows.total[h] * shrink;
#pragma unroll
    for (int n = 0; n < kKeys / 8; ++n) {
#pragma unroll
      for (int i = 0; i < 8; ++i) {
        if ((i & 2) != 2 * h) continue;
        scores[n][i] = weight_of(scores[n][i], largest);
        total += scores[n][i];
      }
    }
#pragma unroll
    for (int d = 0; d < kDim / 16; ++d)
#pragma unroll
      for (int u = 0; u < 2; ++u)
#pragma unroll
        for (int i = 0; i < 8; ++i) {
          if ((i & 2) == 2 * h) rows.sums[d][u][i] *= shrink;
        }
    rows.largest[h] = largest;
    rows.total[h] = total;
  }
}

// The weights of 8 keys, as cells, become the operands of two steps of 4 keys: lanes l and l ^ 2 hold half of each
// other's row.
__device__ __forceinline__ void weights_to_operands(const float* w, int lane, std::uint32_t (*a)[2]) {
  const std::uint32_t top0 = as_bits(__floats2half2_rn(w[0], w[1])), low0 = as_bits(__floats2half2_rn(w[2], w[3]));
  const std::uint32_t top1 = as_bits(__floats2half2_rn(w[4], w[5])), low1 = as_bits(__floats2half2_rn(w[6], w[7]));
  const bool upper = (lane & 2) != 0;
  const std::uint32_t got0 = __shfl_xor_sync(0xFFFFFFFFU, upper ? top0 : low0, 2);
  const std::uint32_t got1 = __shfl_xor_sync(0xFFFFFFFFU, upper ? top1 : low1, 2);
  a[0][0] = upper ? got0 : top0;
  a[0][1] = upper ? low0 : got0;
  a[1][0] = upper ? got1 : top1;
  a[1][1] = upper ? low1 : got1;
}

template <int kDim, int kWarps>
__device__ void add_values(const Shared<kDim, kWarps>& shared, Rows<kDim>& rows, int lane, const float (*weights)[8]) {
#pragma unroll
  for (int n = 0; n < kKeys / 8; ++n) {
    std::uint32_t a[2][2];
    weights_to_operands(weights[n], lane, a);
#pragma unroll
    for (int step = 0; step < 2; ++step) {
      const half* row = shared.v[8 * n + 4 * step + (lane & 3)] + 8 * (lane >> 4);
#pragma unroll
      for (int d = 0; d < kDim / 16; ++d) {
        const uint4 b = *reinterpret_cast<const uint4*>(row + 16 * d);
        mma_sm70_row(rows.sums[d][0], a[step][0], a[step][1], b.x, b.y);
        mma_sm70_row(rows.sums[d][1], a[step][0], a[step][1], b.z, b.w);
      }
    }
  }
}

template <int kDim>
__device__ void start_rows(Rows<kDim>& rows, const AttentionArgs& args, const AttentionJobArgs& job, int first_row,
                           int warp, int lane) {
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    rows.range[h] = range_of_row(args, job, first_row + row_of(warp, lane, cell_row(lane, h)));
    rows.largest[h] = -INFINITY;
    rows.total[h] = 0;
  }
#pragma unroll
  for (int d = 0; d < kDim / 16; ++d)
#pragma unroll
    for (int u = 0; u < 2; ++u)
#pragma unroll
      for (int i = 0; i < 8; ++i) rows.sums[d][u][i] = 0;
}

template <int kDim>
__device__ void store_rows(const Rows<kDim>& rows, const AttentionArgs& args, const AttentionJobArgs& job,
                           const AttentionPart& part, int warp, int lane) {
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    const float total = rows.total[h] + __shfl_xor_sync(0xFFFFFFFFU, rows.total[h], 2);
    const int r = part.first_row + row_of(warp, lane, cell_row(lane, h));
    const RowTarget target = RowTarget::of_row(args, job, part, r);
    const float inverse = total > 0 ? 1.0F / total : 0.0F;
#pragma unroll
    for (int d = 0; d < kDim / 16; ++d) {
#pragma unroll
      for (int u = 0; u < 2; ++u) {
#pragma unroll
        for (int i = 0; i < 8; ++i) {
          if ((i & 2) != 2 * h) continue;
          const int col = 16 * d + value_col_sm70(u, cell_sm70(lane, i).col);
          if (col < args.head_dim) target.put(col, rows.sums[d][u][i], inverse);
        }
      }
    }
    if ((lane & 2) == 0) target.put_statistics(args.head_dim, rows.largest[h], total);
  }
}

template <int kDim, int kWarps>
__global__ void __launch_bounds__(kWarps * 32) attention_sm70(const __grid_constant__ AttentionArgs args) {
  extern __shared__ __align__(16) unsigned char bytes[];
  auto& shared = *reinterpret_cast<Shared<kDim, kWarps>*>(bytes);
  constexpr int kThreads = kWarps * 32, kRows = kWarps * kWarpRows;
  const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
  const AttentionPart part = AttentionPart::of_block(args, kRows);
  const AttentionJobArgs job = args.jobs[part.job];
  if (part.first_row >= job.rows * args.group) return;
  load_queries(shared, args, job, part);
  const KeyRange seen = ranges_of_cta<kThreads, kRows>(args, job, part.first_row).some;  // a barrier: queries are there
  const int first_key = max(seen.begin / kKeys * kKeys, part.split * args.keys_per_split);
  const int last_key = min(seen.end, (part.split + 1) * args.keys_per_split);
  Rows<kDim> rows;
  start_rows(rows, args, job, part.first_row, warp, lane);
  for (int key = first_key; key < last_key; key += kKeys) {
    load_tile(shared, args, job, part.kv_head, key, last_key);
    __syncthreads();
    float scores[kKeys / 8][8];
    score_tile(shared, warp, lane, scores);
    soften_tile(shared, rows, lane, key, args.scale, scores);
    add_values(shared, rows, lane, scores);
    __syncthreads();
  }
  store_rows(rows, args, job, part, warp, lane);
}

template <int kDim, int kWarps>
void launch(const AttentionArgs& args, int max_rows, cudaStream_t stream) {
  constexpr int kBytes = static_cast<int>(sizeof(Shared<kDim, kWarps>)), kRows = kWarps * kWarpRows;
  cudaFuncSetAttribute(attention_sm70<kDim, kWarps>, cudaFuncAttributeMaxDynamicSharedMemorySize, kBytes);
  const dim3 grid(static_cast<unsigned>((max_rows + kRows - 1) / kRows),
                  static_cast<unsigned>(args.num_kv_heads * args.splits), static_cast<unsigned>(args.num_jobs));
  attention_sm70<kDim, kWarps><<<grid, kWarps * 32, kBytes, stream>>>(args);
}

template <int kDim>
void launch_dim(const AttentionArgs& args, bool small, int max_rows, cudaStream_t stream) {
  if (small) return launch<kDim, 1>(args, max_rows, stream);
  launch<kDim, 4>(args, max_rows, stream);
}

}  // namespace

AttentionTile attention_tile_sm70(bool small) { return {small ? kWarpRows : 4 * kWarpRows, kKeys}; }

void launch_attention_sm70(const AttentionArgs& args, bool small, cudaStream_t stream) {
  int max_rows = 0;
  for (int i = 0; i < args.num_jobs; ++i) max_rows = max_rows > args.jobs[i].rows ? max_rows : args.jobs[i].rows;
  max_rows *= args.group;
  if (args.head_dim <= 32) return launch_dim<32>(args, small, max_rows, stream);
  if (args.head_dim <= 64) return launch_dim<64>(args, small, max_rows, stream);
  if (args.head_dim <= 80) return launch_dim<80>(args, small, max_rows, stream);
  launch_dim<128>(args, small, max_rows, stream);
}

}  // namespace docket::kernels::cuda
