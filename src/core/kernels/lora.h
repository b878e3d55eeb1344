// Lora: what an adapter adds to a linear weight (PEFT): y = y + factor * scale * B (A x). The weight itself
// stays as it is, in whatever format, so that adapters can be chosen for each request and 4-bit weights keep their
// codes.
#pragma once

#include <vector>

#include "core/kernels/kernels.h"
#include "core/kernels/linear_weight.h"
#include "core/tensor/matrix.h"

namespace docket::kernels {

struct Lora {
  LinearWeight a;   // [r, K]
  LinearWeight b;   // [N, r]
  float scale = 0;  // lora_alpha / r, or lora_alpha / sqrt(r)
};

// An adapter of a whole model. Borrowed from the arena it was loaded into; never changed afterwards.
struct Adapter {
  std::vector<Lora> modules;  // by LinearWeight::module; an empty `a` where the adapter has none

  // What it adds to `weight`, or null.
  const Lora* find(const LinearWeight& weight) const;
};

// y [M, N] += factor * scale * B (A x), x [M, K]. `scratch` holds A x, scratch.rows rows at a time; it needs r
// columns and at least one row. Null: nothing is added.
void add_lora(const Kernels& kernels, Matrix x, const Lora* lora, float factor, Matrix scratch, Matrix y);

}  // namespace docket::kernels
