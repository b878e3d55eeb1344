// The table of a device: one entry for each op, arguments as in the op's header, shapes already checked.
#pragma once

#include "core/kernels/attention.h"
#include "core/kernels/elementwise.h"
#include "core/kernels/linear.h"
#include "core/kernels/norm.h"

namespace docket::kernels {

struct Ops {
  // Null for the next and for those named _jobs: one after the other, by the single form.
  void (*linear_parts)(const Kernels&, Matrix x, std::span<const LinearPart> parts);
  void (*linear)(const Kernels&, Matrix x, const LinearWeight&, LinearMode, float factor, Matrix y);
  void (*rms_norm)(const Kernels&, Matrix x, const float* weight, float eps, Matrix out);
  void (*layer_norm)(const Kernels&, Matrix x, const float* weight, const float* bias, float eps, Matrix out);
  void (*silu_mul)(const Kernels&, Matrix gate, Matrix up);
  void (*gelu)(const Kernels&, Matrix x);
  void (*add_scaled)(const Kernels&, Matrix x, Matrix y, float factor);
  void (*fill)(const Kernels&, Matrix x, float value);
  void (*copy)(const Kernels&, Matrix x, Matrix out);
  void (*rope)(const Kernels&, Matrix x, const std::int64_t* positions, const float* frequencies,
               std::int64_t head_dim);
  void (*interleave)(const Kernels&, Matrix x, std::int64_t first, std::int64_t step, Matrix out);
  void (*unfold_patches)(const Kernels&, const float* image, std::int64_t channels, std::int64_t side,
                         std::int64_t patch, Matrix out);
  void (*embed)(const Kernels&, const EmbeddingTable&, const std::int64_t* ids, Matrix out);
  void (*store_kv)(const Kernels&, Matrix k, Matrix v, std::int64_t first, const KvStore&);
  void (*store_kv_jobs)(const Kernels&, std::span<const StoreJob> jobs);
  void (*copy_kv)(const Kernels&, const KvStore& from, const KvStore& to, std::int64_t count);
  void (*attention_jobs)(const Kernels&, Matrix q, std::int64_t num_heads, std::span<const AttentionJob> jobs,
                         const AttentionMask&, float scale, Matrix out);
  void (*attention)(const Kernels&, Matrix q, std::int64_t num_heads, const KvStore&, std::int64_t num_keys,
                    const AttentionMask&, float scale, Matrix out);
  // Fused forms; null, or false from linear_gated: by the single ops.
  bool (*linear_gated)(const Kernels&, Matrix x, const LinearWeight& gate, const LinearWeight& up, Matrix y) = nullptr;
  void (*rope_store)(const Kernels&, Matrix q, Matrix k, Matrix v, const std::int64_t* positions,
                     const float* frequencies, std::int64_t head_dim, std::span<const StoreJob> jobs) = nullptr;
  void (*row_best)(const Kernels&, Matrix x, Matrix best) = nullptr;
  bool (*layer_norm_adding)(const Kernels&, Matrix x, const float* weight, const float* bias, float eps, Matrix out,
                            const LinearWeight& next, float factor) = nullptr;
};

const Ops& reference_ops();
const Ops& cpu_ops(CpuIsa isa);  // kAvx2 or kAvx512
const Ops& cuda_ops();           // for a Kernels with a device alone

}  // namespace docket::kernels
