// Which weights are quantised while they are loaded, and how.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace docket::load {

enum class QuantKind : std::uint8_t { kNone, kInt8, kNf4, kFp4 };

struct QuantPolicy {
  QuantKind linears = QuantKind::kNone;  // every linear but the head; what a checkpoint has quantised stays as it is
  QuantKind head = QuantKind::kNone;     // lm_head
  bool double_quantize = true;
  bool skip_vision = false;     // vision_model stays as it is stored
  bool skip_projector = false;  // multi_modal_projector
  bool skip_cross = false;      // cross_attn of the text layers

  // `module` by its 4.45 name, e.g. "language_model.model.layers.3.cross_attn.k_proj".
  QuantKind kind_of(std::string_view module) const;
};

// "none", "int8", "int8-skip-vision", "nf4", "fp4". Errors: kInvalidArgument.
Result<QuantPolicy> parse_quant_policy(std::string_view name);

}  // namespace docket::load
