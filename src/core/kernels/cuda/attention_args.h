// What the attention kernels are given. Plain data: it travels as a kernel parameter.
#pragma once

#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <cstdint>

namespace docket::kernels::cuda {

inline constexpr int kMaxJobs = 32;  // sequences of one launch; more take several

// Some query rows over one key/value store.
struct AttentionJobArgs {
  const half* k;  // [kv heads][capacity][head_dim]
  const half* v;
  const float* key_bias;  // natural log, or null
  int first_row, rows;    // of q and out
  int num_keys;           // at most these are read
};

struct AttentionArgs {
  const half* q;  // [rows of all jobs, num_heads * head_dim]
  half* out;
  std::int64_t q_stride, out_stride;
  std::int64_t head_stride;   // of a store
  const std::int32_t* begin;  // [rows of all jobs], or null
  const std::int32_t* end;
  int head_dim, num_kv_heads, group;  // group = query heads of a kv head
  int total_rows;
  float scale;         // of the scores, times log2(e)
  int splits;          // parts of the keys, each its own CTA
  int keys_per_split;  // a multiple of the key tile
  float* partial;      // [splits][total_rows][num_heads][head_dim + 2], when splits > 1
  int num_jobs;
  AttentionJobArgs jobs[kMaxJobs];
};

// Query rows (tokens times group) of one CTA, and keys of one tile.
struct AttentionTile {
  int rows, keys;
};

// The widest heads that the kernels take.
inline constexpr int kMaxCudaHeadDim = 128;

// `small`: one warp to a CTA, for a few query rows.
AttentionTile attention_tile_sm70(bool small);
AttentionTile attention_tile_sm80(bool small);
void launch_attention_sm70(const AttentionArgs& args, bool small, cudaStream_t stream);
void launch_attention_sm80(const AttentionArgs& args, bool small, cudaStream_t stream);
// Joins the splits.
void launch_attention_combine(const AttentionArgs& args, cudaStream_t stream);

}  // namespace docket::kernels::cuda
