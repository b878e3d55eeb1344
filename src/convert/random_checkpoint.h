// A checkpoint with random weights in the shape of a configuration: to measure speed and memory where no weights are at
// hand.
#pragma once

#include <filesystem>
#include <string_view>

#include "convert/quantize_checkpoint.h"

namespace docket::convert {

// config.json of a published shape: "llama-3.2-11b-vision". Errors: kInvalidArgument naming the known ones.
Result<std::string> published_config(std::string_view name);

// Writes `out`/config.json and model.safetensors: linears as `policy` says with random codes or values, everything else
// in bf16; no tokenizer. Values have the size that keeps activations in range. Errors: as parse_model_config; kIo.
Status random_checkpoint(std::string_view config_json, const load::QuantPolicy& policy,
                         const std::filesystem::path& out, const Progress& progress);

}  // namespace docket::convert
