// What the attention kernels are given. Plain data: it travels as a kernel parameter.
#pragma once

#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <cstdint>

#include "core/kernels/cuda/context.h"

namespace docket::kernels::cuda {

inline constexpr int kMaxJobs = 32;  // sequences of one launch; more take several

// Some query rows over one key/value store.
struct AttentionJobArgs {
  const half* k;  // [kv heads][capacity][head_dim], or by rows: [capacity][kv heads][head_dim]
  const half* v;
  const float* key_bias;  // natural log, or null
  int first_row, rows;    // of q and out
  int num_keys;           // at most these are read
};

// The last CTAs of a launch that would leave most of the device idle: each is cut into parts of the keys, so that the
// device is full until the end. CTAs are counted head by head there, those of the last, shorter rows behind all others.
struct AttentionTail {
  int first;           // the first CTA that is cut
  int count;           // how many are: 0, the launch has no tail, and a grid of rows, heads and jobs
  int splits;          // parts of each
  int keys_per_split;  // a multiple of the key tile
};

struct AttentionArgs {
  const half* q;  // [rows of all jobs, num_heads * head_dim]
  half* out;
  std::int64_t q_stride, out_stride;
  std::int64_t head_stride;   // of a store
  int row_stride;             // from a key of a head to the next
  const std::int32_t* begin;  // [rows of all jobs], or null
  const std::int32_t* end;
  int head_dim, num_kv_heads, group;  // group = query heads of a kv head
  int total_rows;
  float scale;         // of the scores, times log2(e)
  int splits;          // parts of the keys, each its own CTA
  int keys_per_split;  // a multiple of the key tile
  // [splits][total_rows][num_heads][head_dim + 2] when splits > 1; [tail.count][tail.splits][rows of a CTA][head_dim +
  // 2] with a tail
  float* partial;
  AttentionTail tail;
  int num_jobs;
  AttentionJobArgs jobs[kMaxJobs];
};

// Query rows (tokens times group) of one CTA, and keys of one tile.
struct AttentionTile {
  int rows, keys;
};

// The widest heads that the kernels take.
inline constexpr int kMaxCudaHeadDim = 128;

// How many query rows there are: kFew, one warp to a CTA; kMany, enough for CTAs of kManyRows to fill the device.
enum class AttentionRows : std::uint8_t { kFew, kSome, kMany };
inline constexpr int kManyRows = 128, kManyCtas = 2;  // of a CTA; on one multiprocessor

AttentionTile attention_tile_sm70(bool small);  // one warp to a CTA, for a few query rows
AttentionTile attention_tile_sm80(AttentionRows rows);
void launch_attention_sm70(const AttentionArgs& args, bool small, cudaStream_t stream);
void launch_attention_sm80(const AttentionArgs& args, AttentionRows rows, cudaStream_t stream);

// Few rows (tokens times group) on sm_80 and up: attention_step.cu. It has partial results of its own form, of so many
// bytes a split.
bool attention_step_takes(const AttentionArgs& args, int max_rows);
std::int64_t attention_step_split_bytes(const AttentionArgs& args);
void launch_attention_step(const AttentionArgs& args, unsigned* counters, const LaunchOptions& options);

}  // namespace docket::kernels::cuda
