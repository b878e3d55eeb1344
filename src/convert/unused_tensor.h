// Tensors that a written checkpoint may leave out because the model multiplies them by zero.
#pragma once

#include <string>

#include "core/weights/checkpoint.h"

namespace docket::convert {

// Whether `name` is the per-tile position table [A, T * P * D] of a vision model whose gate for it is 0. It is by far
// the largest tensor of a small model, and one trained without it carries zeros.
bool is_unused(const weights::Checkpoint& checkpoint, const std::string& name);

}  // namespace docket::convert
