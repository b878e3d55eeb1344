#include "core/kernels/lora.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/kernels/linear.h"

namespace docket::kernels {

const Lora* Adapter::find(const LinearWeight& weight) const {
  if (weight.module < 0) return nullptr;
  CHECK(static_cast<std::size_t>(weight.module) < modules.size(), "module %d of %zu", weight.module, modules.size());
  const Lora& lora = modules[static_cast<std::size_t>(weight.module)];
  return lora.a.out_features > 0 ? &lora : nullptr;
}

void add_lora(const Kernels& kernels, Matrix x, const Lora* lora, float factor, Matrix scratch, Matrix y) {
  if (lora == nullptr) return;
  const std::int64_t rank = lora->a.out_features;
  CHECK(scratch.rows >= 1 && scratch.cols >= rank, "scratch [%ld, %ld] for rank %ld", scratch.rows, scratch.cols, rank);
  for (std::int64_t first = 0; first < x.rows; first += scratch.rows) {
    const std::int64_t rows = std::min(scratch.rows, x.rows - first);
    const Matrix inner = scratch.slice_rows(0, rows).slice_cols(0, rank);  // [rows, r]
    linear(kernels, x.slice_rows(first, rows), lora->a, inner);
    linear_add(kernels, inner, lora->b, factor * lora->scale, y.slice_rows(first, rows));
  }
}

}  // namespace docket::kernels
