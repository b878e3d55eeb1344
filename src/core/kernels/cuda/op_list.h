// The ops of the CUDA table, each as its contract in kernels/ says.
#pragma once

#include "core/kernels/cuda/context.h"
#include "core/kernels/ops.h"

namespace docket::kernels::cuda {

void linear_parts(const Kernels& kernels, Matrix x, std::span<const LinearPart> parts);
void linear(const Kernels& kernels, Matrix x, const LinearWeight& weight, LinearMode mode, float factor, Matrix y);
bool linear_gated(const Kernels& kernels, Matrix x, const LinearWeight& gate, const LinearWeight& up, Matrix y);
void rms_norm(const Kernels& kernels, Matrix x, const float* weight, float eps, Matrix out);
void layer_norm(const Kernels& kernels, Matrix x, const float* weight, const float* bias, float eps, Matrix out);
bool layer_norm_adding(const Kernels& kernels, Matrix x, const float* weight, const float* bias, float eps, Matrix out,
                       const LinearWeight& next, float factor);
void silu_mul(const Kernels& kernels, Matrix gate, Matrix up);
void gelu(const Kernels& kernels, Matrix x);
void add_scaled(const Kernels& kernels, Matrix x, Matrix y, float factor);
void fill(const Kernels& kernels, Matrix x, float value);
void copy(const Kernels& kernels, Matrix x, Matrix out);
void rope(const Kernels& kernels, Matrix x, const std::int64_t* positions, const float* frequencies,
          std::int64_t head_dim);
void interleave(const Kernels& kernels, Matrix x, std::int64_t first, std::int64_t step, Matrix out);
void unfold_patches(const Kernels& kernels, const float* image, std::int64_t channels, std::int64_t side,
                    std::int64_t patch, Matrix out);
void embed(const Kernels& kernels, const EmbeddingTable& table, const std::int64_t* ids, Matrix out);
void store_kv(const Kernels& kernels, Matrix k, Matrix v, std::int64_t first, const KvStore& store);
void store_kv_jobs(const Kernels& kernels, std::span<const StoreJob> jobs);
void rope_store(const Kernels& kernels, Matrix q, Matrix k, Matrix v, const std::int64_t* positions,
                const float* frequencies, std::int64_t head_dim, std::span<const StoreJob> jobs);
void row_best(const Kernels& kernels, Matrix x, Matrix best);
void copy_kv(const Kernels& kernels, const KvStore& from, const KvStore& to, std::int64_t count);
void attention_jobs(const Kernels& kernels, Matrix q, std::int64_t num_heads, std::span<const AttentionJob> jobs,
                    const AttentionMask& mask, float scale, Matrix out);
void attention(const Kernels& kernels, Matrix q, std::int64_t num_heads, const KvStore& store, std::int64_t num_keys,
               const AttentionMask& mask, float scale, Matrix out);

}  // namespace docket::kernels::cuda
