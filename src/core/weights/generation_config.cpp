#include "core/base/file.h"
#include "core/weights/config.h"
#include "core/weights/json_fields.h"

namespace docket::weights {
namespace {

constexpr std::size_t kMaxConfigBytes = 4 << 20;
constexpr std::int64_t kMaxToken = 1 << 24;

void read_token_ids(JsonFields& f, GenerationConfig& g) {
  g.eos_token_id = f.integers_or_one("eos_token_id", 0, kMaxToken);
  if (f.has("bos_token_id")) g.bos_token_id = f.integer("bos_token_id", 0, kMaxToken);
  if (f.has("pad_token_id")) g.pad_token_id = f.integer("pad_token_id", -1, kMaxToken);
}

}  // namespace

Result<GenerationConfig> parse_generation_config(std::string_view json_text, const std::string& where) {
  JsonFields f = JsonFields::parse(json_text, where);
  GenerationConfig g;
  g.do_sample = f.boolean_or("do_sample", g.do_sample);
  g.temperature = f.number_or("temperature", g.temperature, 0, 1e6);
  g.top_p = f.number_or("top_p", g.top_p, 0, 1);
  g.top_k = f.integer_or("top_k", g.top_k, 0, kMaxToken);
  g.min_p = f.number_or("min_p", g.min_p, 0, 1);
  g.repetition_penalty = f.number_or("repetition_penalty", g.repetition_penalty, 1e-6, 1e6);
  f.supports(f.integer_or("num_beams", 1, 1, 1 << 20) == 1, "num_beams", "is above 1: docket has no beam search");
  read_token_ids(f, g);
  if (!f.ok()) return f.status().failure();
  return g;
}

Result<GenerationConfig> read_generation_config(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "generation_config.json";
  const auto own = read_text_file(path, kMaxConfigBytes);
  if (own) return parse_generation_config(*own, path.string());
  if (own.error().code != ErrorCode::kNotFound) return own.failure();

  const std::filesystem::path model_path = folder / "config.json";
  DOCKET_TRY(const std::string text, read_text_file(model_path, kMaxConfigBytes));
  JsonFields f = JsonFields::parse(text, model_path.string());
  GenerationConfig g;
  JsonFields inner = f.object("text_config");
  if (inner.ok()) read_token_ids(inner, g);
  f.absorb(inner);
  if (!f.ok()) return f.status().failure();
  return g;
}

}  // namespace docket::weights
