#include "core/load/quant_policy.h"

namespace docket::load {

QuantKind QuantPolicy::kind_of(std::string_view module) const {
  if (module == "language_model.lm_head") return head;
  if (module == "vision_model.patch_embedding") return QuantKind::kNone;  // a convolution, spec 7.5
  if (skip_vision && module.starts_with("vision_model.")) return QuantKind::kNone;
  if (skip_projector && module.starts_with("multi_modal_projector")) return QuantKind::kNone;
  if (skip_cross && module.find(".cross_attn.") != std::string_view::npos) return QuantKind::kNone;
  return linears;
}

Result<QuantPolicy> parse_quant_policy(std::string_view name) {
  QuantPolicy policy;
  if (name == "none") return policy;
  if (name == "nf4" || name == "fp4") {
    policy.linears = name == "nf4" ? QuantKind::kNf4 : QuantKind::kFp4;
    return policy;
  }
  if (name == "int8" || name == "int8-skip-vision") {
    policy.linears = QuantKind::kInt8;
    policy.skip_vision = policy.skip_projector = name == "int8-skip-vision";
    return policy;
  }
  return make_error(ErrorCode::kInvalidArgument,
                    "\"" + std::string(name) + "\" is not one of none, int8, int8-skip-vision, nf4, fp4", "--quant");
}

}  // namespace docket::load
