#define PCRE2_CODE_UNIT_WIDTH 8
#include "core/load/adapter_config.h"

#include <pcre2.h>

#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "core/weights/json_fields.h"

namespace docket::load {
namespace {

using weights::JsonFields;
using Patterns = std::vector<std::pair<std::string, double>>;

constexpr std::int64_t kMaxRank = 1 << 16;

// A map of positive numbers in the order of the file, which decides between patterns that both match.
Patterns read_patterns(JsonFields& fields, std::string_view json_text, const char* key) {
  const auto* map = fields.raw(key);
  if (map == nullptr) return {};
  fields.require(map->is_object(), key, "is not an object");
  if (!fields.ok()) return {};
  const auto ordered = nlohmann::ordered_json::parse(json_text, nullptr, /*allow_exceptions=*/false);
  Patterns out;
  for (const auto& [pattern, value] : ordered[key].items()) {
    const bool good = value.is_number() && std::isfinite(value.get<double>()) && value.get<double>() > 0;
    fields.require(good, key, "holds " + pattern + ", which is no positive number");
    if (!fields.ok()) return {};
    out.emplace_back(pattern, value.get<double>());
  }
  return out;
}

bool is_empty(const JsonFields& fields, const char* key) {
  const auto* value = fields.raw(key);
  return value == nullptr || (value->is_boolean() && !value->get<bool>()) ||
         ((value->is_array() || value->is_object()) && value->empty());
}

// Initialisations that leave the base weights alone; the others (PiSSA, OLoRA, LoftQ, ...) subtract from them.
bool keeps_base(const JsonFields& fields) {
  const auto* value = fields.raw("init_lora_weights");
  if (value == nullptr || value->is_boolean()) return true;
  return *value == "gaussian" || *value == "eva" || *value == "orthogonal";
}

void refuse_unsupported(JsonFields& fields) {
  fields.supports(fields.text_or("peft_type", "LORA") == "LORA", "peft_type", "only LORA is supported");
  fields.supports(!fields.boolean_or("use_dora", false), "use_dora", "DoRA is not supported");
  fields.supports(!fields.boolean_or("fan_in_fan_out", false), "fan_in_fan_out", "must be false for this model");
  fields.supports(fields.text_or("bias", "none") == "none", "bias",
                  "adapters that train the base's biases are not "
                  "supported");
  fields.supports(keeps_base(fields), "init_lora_weights",
                  "changes the base weights, which is not supported; convert "
                  "the adapter to an ordinary LoRA");
  for (const char* key : {"modules_to_save", "trainable_token_indices", "target_parameters", "layer_replication",
                          "alora_invocation_tokens", "use_qalora"}) {
    fields.supports(is_empty(fields, key), key, "is not supported, expected null");
  }
}

struct PcreFree {
  void operator()(pcre2_code* code) const { pcre2_code_free(code); }
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};

Result<bool> is_tail(const std::string& pattern, const std::string& path, const std::string& where) {
  const std::string whole = "(?:.*\\.)?(?:" + pattern + ")$";
  int error = 0;
  PCRE2_SIZE offset = 0;
  const std::unique_ptr<pcre2_code, PcreFree> code(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(whole.data()),
                                                                 whole.size(), PCRE2_ANCHORED | PCRE2_NEVER_UTF, &error,
                                                                 &offset, nullptr));
  if (code == nullptr) return make_error(ErrorCode::kMalformed, "\"" + pattern + "\" is no regular expression", where);
  const std::unique_ptr<pcre2_match_data, PcreFree> match(pcre2_match_data_create_from_pattern(code.get(), nullptr));
  const int found =
      pcre2_match(code.get(), reinterpret_cast<PCRE2_SPTR>(path.data()), path.size(), 0, 0, match.get(), nullptr);
  if (found < 0 && found != PCRE2_ERROR_NOMATCH)
    return make_error(ErrorCode::kLimitExceeded, "\"" + pattern + "\" takes too long to match", where);
  return found >= 0;
}

Result<double> first_match(const Patterns& patterns, double otherwise, const std::string& path,
                           const std::string& where) {
  for (const auto& [pattern, value] : patterns) {
    DOCKET_TRY(const bool found, is_tail(pattern, path, where));
    if (found) return value;
  }
  return otherwise;
}

}  // namespace

Result<LoraConfig> parse_lora_config(std::string_view json_text, const std::string& where) {
  JsonFields fields = JsonFields::parse(json_text, where);
  LoraConfig out;
  refuse_unsupported(fields);
  out.r = fields.integer_or("r", out.r, 1, kMaxRank);
  out.lora_alpha = fields.number_or("lora_alpha", out.lora_alpha, -1e6, 1e6);
  out.use_rslora = fields.boolean_or("use_rslora", false);
  out.rank_pattern = read_patterns(fields, json_text, "rank_pattern");
  out.alpha_pattern = read_patterns(fields, json_text, "alpha_pattern");
  for (const auto& [pattern, rank] : out.rank_pattern) {
    const bool whole = rank == std::floor(rank) && rank <= static_cast<double>(kMaxRank);
    fields.require(whole, "rank_pattern", "holds " + pattern + ", which is no rank");
  }
  DOCKET_TRY_VOID(fields.status());
  return out;
}

Result<LoraScale> scale_of(const LoraConfig& config, const std::string& path, const std::string& where) {
  DOCKET_TRY(const double rank, first_match(config.rank_pattern, static_cast<double>(config.r), path, where));
  DOCKET_TRY(const double alpha, first_match(config.alpha_pattern, config.lora_alpha, path, where));
  return LoraScale{static_cast<std::int64_t>(rank), alpha / (config.use_rslora ? std::sqrt(rank) : rank)};
}

}  // namespace docket::load
