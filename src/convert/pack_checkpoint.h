// Checkpoint in, the same out in the kernels' own order (core/load/packed_weight.h): docket maps it and is ready, other
// programs cannot read it.
#pragma once

#include <filesystem>

#include "core/base/result.h"
#include "core/load/quant_policy.h"

namespace docket::convert {

// Writes `out`/model.safetensors and copies the other files of `folder` (configuration, tokenizer). Linears are
// quantised as `policy` says, or stay as they are stored. One weight is in memory at a time. Errors: as
// Checkpoint::open and WeightLoader; kInvalidArgument when `out` is `folder` or the checkpoint is packed already; kIo.
Status pack_checkpoint(const std::filesystem::path& folder, const load::QuantPolicy& policy,
                       const std::filesystem::path& out);

}  // namespace docket::convert
