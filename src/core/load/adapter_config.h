// adapter_config.json of a PEFT LoRA adapter: the numbers that its scale is made of. Which modules it changes is told
// by the tensors' names, not by target_modules.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"

namespace docket::load {

struct LoraConfig {
  std::int64_t r = 8;
  double lora_alpha = 8;
  bool use_rslora = false;
  // Exceptions, in the file's order: the first whose pattern is the tail of a module's path counts.
  std::vector<std::pair<std::string, double>> rank_pattern, alpha_pattern;
};

// The rank that a module of this path has, and the factor of B (A x): alpha / r, with rsLoRA alpha / sqrt(r).
struct LoraScale {
  std::int64_t r = 0;
  double scale = 0;
};

// Errors: kMalformed for a wrong type, a rank below 1 or a number that is none; kUnsupported, naming the key, for what
// would change the result and is not computed: another peft_type, DoRA, modules_to_save, biases of the base, adapters
// of embeddings or bare parameters, and initialisations that change the base weights.
Result<LoraConfig> parse_lora_config(std::string_view json_text, const std::string& where);

// `path` is the module's as the adapter's file spells it, without "base_model.model.". Patterns are regular expressions
// as PEFT applies them: (.*\.)?(KEY)$ from the beginning. Errors: kMalformed for a pattern that is none, naming
// `where`.
Result<LoraScale> scale_of(const LoraConfig& config, const std::string& path, const std::string& where);

}  // namespace docket::load
