// Checkpoint in, the same quantised out, in the files that bitsandbytes and transformers load: X.weight packed beside
// its absmax, quant_map and quant_state (4 bits), or int8 beside SCB. One tensor is in memory at a time.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "core/base/result.h"
#include "core/load/quant_policy.h"

namespace docket::convert {

// Called before each tensor with its name and how many of all are done.
using Progress = std::function<void(const std::string& name, std::size_t done, std::size_t all)>;

// Quantises the linears that `policy` names (which must not be kNone for all) and copies everything else, also the
// tokenizer and the configuration, which gains its quantization_config. `out` is created; files in it are replaced.
// Errors: as Checkpoint::open; kUnsupported for a checkpoint that is quantised already, or a weight beyond fp16's
// range; kInvalidArgument when `out` is `folder`; kIo.
Status quantize_checkpoint(const std::filesystem::path& folder, const load::QuantPolicy& policy,
                           const std::filesystem::path& out, const Progress& progress);

// Whether `name` (4.45) is the weight of a linear module, and that module's name.
bool is_linear_weight(const std::string& name, std::string& module);

}  // namespace docket::convert
