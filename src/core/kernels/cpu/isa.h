// IsaOps: the inner loops that are written once over a 16-lane vector and compiled once per instruction set. They run
// on one thread over a part of the work; cpu/ops.cpp cuts the work and calls them. Plain pointers and numbers only: a
// file compiled for one instruction set must not share an inline function with the others (the linker may keep its
// copy for all).
#pragma once

#include <cstdint>

#include "core/kernels/linear_weight.h"

namespace docket::kernels::cpu {

// Where one (part of a) linear layer writes: the mode of linear.h, split so that no enum operator is shared.
struct LinearOut {
  float* y = nullptr;
  std::int64_t stride = 0;
  bool add_scaled = false;  // y += factor (xWᵀ + b)
  bool gelu = false;
  float factor = 1;
};

struct AttentionTask {
  const float* q = nullptr;  // [rows, num_heads * head_dim], row 0 is the task's first
  std::int64_t q_stride = 0;
  float* out = nullptr;
  std::int64_t out_stride = 0;
  const float* k = nullptr;  // of the kv head, panels
  const float* v = nullptr;  // of the kv head, rows
  std::int64_t head_dim = 0;
  std::int64_t num_keys = 0;
  const std::int32_t* begin = nullptr;  // of the task's rows, or null
  const std::int32_t* end = nullptr;
  const float* key_bias = nullptr;
  float scale = 1;
  int rows = 0;        // query rows
  int group = 1;       // query heads that share the kv head
  int first_head = 0;  // of the group, in q and out
};

struct IsaOps {
  int small_rows;      // linear_small takes up to this many rows
  int block_rows;      // linear_block takes up to this many rows
  int attention_rows;  // rows * group of a task at most; scratch is sized for it

  // Rows x [m, K] against panels [panel_begin, panel_end), straight from the packed weights.
  void (*linear_small)(const LinearWeight& w, const float* x, std::int64_t x_stride, int m, std::int64_t panel_begin,
                       std::int64_t panel_end, const LinearOut& out);
  // The same for many rows, through packed blocks of x and dequantized strips of W in `scratch`.
  void (*linear_block)(const LinearWeight& w, const float* x, std::int64_t x_stride, int m, std::int64_t panel_begin,
                       std::int64_t panel_end, const LinearOut& out, float* scratch);
  void (*rms_norm)(const float* x, const float* weight, float eps, std::int64_t cols, float* out);
  void (*layer_norm)(const float* x, const float* weight, const float* bias, float eps, std::int64_t cols, float* out);
  void (*silu_mul)(float* gate, const float* up, std::int64_t cols);
  void (*gelu)(float* x, std::int64_t cols);
  void (*add_scaled)(float* x, const float* y, float factor, std::int64_t cols);
  void (*attention)(const AttentionTask& task, float* scratch);
};

const IsaOps& avx2_ops();
const IsaOps& avx512_ops();

// avx512_ops().linear_block with products in bf16 (AVX512_BF16): x and W rounded, sums in fp32.
void linear_block_bf16(const LinearWeight& w, const float* x, std::int64_t x_stride, int m, std::int64_t panel_begin,
                       std::int64_t panel_end, const LinearOut& out, float* scratch);
// avx512_ops().linear_small for 4-bit formats, likewise: x and the codes are rounded, the scales are not.
void linear_small_bf16(const LinearWeight& w, const float* x, std::int64_t x_stride, int m, std::int64_t panel_begin,
                       std::int64_t panel_end, const LinearOut& out, float* scratch);

}  // namespace docket::kernels::cpu
