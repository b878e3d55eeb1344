// Ops that touch each element once.
#pragma once

#include "core/kernels/kernels.h"
#include "core/tensor/matrix.h"

namespace docket::kernels {

// gate = silu(gate) * up, silu(z) = z / (1 + exp(-z)). Both [R, C].
void silu_mul(const Kernels& kernels, Matrix gate, Matrix up);

// x = gelu(x), as linear_gelu.
void gelu(const Kernels& kernels, Matrix x);

// x = x + factor * y. Both [R, C]; a y of one row is added to every row.
void add_scaled(const Kernels& kernels, Matrix x, Matrix y, float factor);

void fill(const Kernels& kernels, Matrix x, float value);

// out = x, both [R, C]; they must not overlap in part.
void copy(const Kernels& kernels, Matrix x, Matrix out);

// best[r] = {the column of row r's largest value, the first on a tie; that value; ln(sum(exp(x[r])))}, all as fp32:
// columns are exact up to 2^24. False, and nothing done, where the values are on the host anyway.
inline constexpr std::int64_t kBestColumns = 3;
bool row_best(const Kernels& kernels, Matrix x, Matrix best);

// Turns the heads of x [R, num_heads * head_dim] by RoPE, half-split: pair (j, j + head_dim / 2), angle
// positions[r] * frequencies[j] computed in fp32 as transformers does. frequencies is [head_dim / 2].
void rope(const Kernels& kernels, Matrix x, const std::int64_t* positions, const float* frequencies,
          std::int64_t head_dim);

// out[r, c * step + first] = x[r, c]: one of `step` interleaved channels.
void interleave(const Kernels& kernels, Matrix x, std::int64_t first, std::int64_t step, Matrix out);

// out[y * side + x, (c * patch + ky) * patch + kx] = image[c, y * patch + ky, x * patch + kx]: the patches of one
// square image [channels, side * patch, side * patch] as rows, in the order of a convolution's weight.
void unfold_patches(const Kernels& kernels, const float* image, std::int64_t channels, std::int64_t side,
                    std::int64_t patch, Matrix out);

// A table of rows as the checkpoint stores it (any floating type, any alignment), usually still in the mapped file.
struct EmbeddingTable {
  const void* data = nullptr;  // [rows, cols] row-major
  DType dtype = DType::kF32;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  const void* device = nullptr;  // the same bytes in a device's memory; null: its ops gather the rows on the host

  // The table from row `first` on.
  EmbeddingTable from_row(std::int64_t first) const {
    const auto offset = static_cast<std::size_t>(first * cols) * size_bytes(dtype);
    EmbeddingTable out = *this;
    out.data = static_cast<const char*>(data) + offset;
    if (device != nullptr) out.device = static_cast<const char*>(device) + offset;
    out.rows -= first;
    return out;
  }
};

// out[r] = table[ids[r]]; 0 <= ids[r] < table.rows.
void embed(const Kernels& kernels, const EmbeddingTable& table, const std::int64_t* ids, Matrix out);

}  // namespace docket::kernels
