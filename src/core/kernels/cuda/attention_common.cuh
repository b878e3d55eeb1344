// What both attention kernels share: which keys the CTA's rows see, and where a row's result goes.
//
// Rows of a CTA are (token, head of the group) pairs of one kv head, tokens outermost: grouped heads read a key once.
#pragma once

#include "core/kernels/cuda/attention_args.h"
#include "core/kernels/cuda/mma.cuh"

namespace docket::kernels::cuda {

inline constexpr float kLog2e = 1.44269504088896340736F;

struct KeyRange {
  int begin, end;
};

// This CTA's share of the work.
struct AttentionPart {
  int job, kv_head, split, first_row;  // first_row: of the job's rows * group
  KeyRange keys;                       // its split's
  float* partial;                      // of its rows, in a tail; else null

  __device__ static AttentionPart of_block(const AttentionArgs& args, int rows_per_cta) {
    const int y = static_cast<int>(blockIdx.y), split = y / args.num_kv_heads;
    return {static_cast<int>(blockIdx.z),
            y % args.num_kv_heads,
            split,
            static_cast<int>(blockIdx.x) * rows_per_cta,
            {split * args.keys_per_split, (split + 1) * args.keys_per_split},
            nullptr};
  }

  // CTA `cta` of a launch with a tail, of which a cut one is several blocks.
  __device__ static AttentionPart of_cta(const AttentionArgs& args, int rows_per_cta, int cta) {
    const int full = args.jobs[0].rows * args.group / rows_per_cta;  // CTAs of a head that have all their rows
    const int head = cta / full, over = cta - full * args.num_kv_heads;
    if (over >= 0) return {0, over, 0, full * rows_per_cta, {0, 0x7FFFFFFF}, nullptr};
    return {0, head, 0, (cta - head * full) * rows_per_cta, {0, 0x7FFFFFFF}, nullptr};
  }
  __device__ static AttentionPart of_tail_block(const AttentionArgs& args, int rows_per_cta, int block) {
    const AttentionTail& tail = args.tail;
    if (block < tail.first) return of_cta(args, rows_per_cta, block);
    const int cut = (block - tail.first) / tail.splits, split = (block - tail.first) % tail.splits;
    AttentionPart part = of_cta(args, rows_per_cta, tail.first + cut);
    part.split = split;
    part.keys = {split * tail.keys_per_split, (split + 1) * tail.keys_per_split};
    part.partial = args.partial + static_cast<std::int64_t>(block - tail.first) * rows_per_cta * (args.head_dim + 2);
    return part;
  }
};

// The keys that row `r` (of the job's rows * group) sees; nothing past the last row.
__device__ __forceinline__ KeyRange range_of_row(const AttentionArgs& args, const AttentionJobArgs& job, int r) {
  if (r >= job.rows * args.group) return {0, 0};
  const int m = job.first_row + r / args.group;
  const int begin = args.begin != nullptr ? max(args.begin[m], 0) : 0;
  const int end = args.end != nullptr ? min(args.end[m], job.num_keys) : job.num_keys;
  return {begin, end};
}

struct CtaRanges {
  KeyRange some;  // the smallest range around those of the CTA's rows; begin >= end when none sees a key
  KeyRange all;   // what every row sees
};

// `of_rows` (shared memory) takes the range of each of the kRows rows, unless null. Ends in a barrier.
template <int kThreads, int kRows>
__device__ CtaRanges ranges_of_cta(const AttentionArgs& args, const AttentionJobArgs& job, int first_row,
                                   KeyRange* of_rows = nullptr) {
  __shared__ int bounds[4];
  if (threadIdx.x == 0) bounds[0] = bounds[3] = 0x7FFFFFFF, bounds[1] = bounds[2] = 0;
  __syncthreads();
  for (int i = static_cast<int>(threadIdx.x); i < kRows; i += kThreads) {
    const KeyRange range = range_of_row(args, job, first_row + i);
    if (of_rows != nullptr) of_rows[i] = range;
    if (first_row + i >= job.rows * args.group) continue;
    atomicMax(&bounds[2], range.begin);
    atomicMin(&bounds[3], range.end);
    if (range.begin >= range.end) continue;
    atomicMin(&bounds[0], range.begin);
    atomicMax(&bounds[1], range.end);
  }
  __syncthreads();
  return {{bounds[0], bounds[1]}, {bounds[2], bounds[3]}};
}

// Where the values of row r go: fp16 out, or the split's partial sums with (max, sum) behind them.
struct RowTarget {
  half* out;       // head_dim values, or null
  float* partial;  // head_dim + 2 values, or null

  __device__ static RowTarget of_row(const AttentionArgs& args, const AttentionJobArgs& job, const AttentionPart& part,
                                     int r) {
    if (r >= job.rows * args.group) return {nullptr, nullptr};
    if (part.partial != nullptr) {
      return {nullptr, part.partial + static_cast<std::int64_t>(r - part.first_row) * (args.head_dim + 2)};
    }
    const std::int64_t m = job.first_row + r / args.group;
    const int head = part.kv_head * args.group + r % args.group;
    if (args.splits == 1) return {args.out + m * args.out_stride + head * args.head_dim, nullptr};
    const std::int64_t row =
        (static_cast<std::int64_t>(part.split) * args.total_rows + m) * (args.num_kv_heads * args.group) + head;
    return {nullptr, args.partial + row * (args.head_dim + 2)};
  }
  __device__ void put(int d, float sum, float inverse) const {
    if (out != nullptr) out[d] = to_half(sum * inverse);
    if (partial != nullptr) partial[d] = sum;
  }
  __device__ void put_statistics(int head_dim, float largest, float total) const {
    if (partial == nullptr) return;
    partial[head_dim] = largest;
    partial[head_dim + 1] = total;
  }
};

// 2^(a - b) for scores in log2, where -inf - -inf gives 0.
__device__ __forceinline__ float weight_of(float score, float largest) {
  return score == -INFINITY ? 0.0F : exp2f(score - largest);
}

__device__ __forceinline__ const half* store_head(const half* base, const AttentionArgs& args, int kv_head) {
  return base + kv_head * args.head_stride;
}

}  // namespace docket::kernels::cuda
