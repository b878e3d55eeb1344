#include "core/weights/config.h"

#include <algorithm>

#include "core/base/file.h"
#include "core/weights/json_fields.h"

namespace docket::weights {
namespace {

// Extents beyond these are not models but attacks: they bound every product of a memory plan.
constexpr std::int64_t kMaxWidth = 1 << 20;
constexpr std::int64_t kMaxLayers = 1024;
constexpr std::int64_t kMaxVocab = 1 << 24;
constexpr std::size_t kMaxConfigBytes = 4 << 20;

RopeScaling read_llama3(JsonFields& f) {
  RopeScaling s;
  s.factor = f.number("factor", 1, 1e6);
  s.low_freq_factor = f.number("low_freq_factor", 1e-6, 1e6);
  s.high_freq_factor = f.number("high_freq_factor", 1e-6, 1e6);
  s.original_max_position_embeddings = f.integer("original_max_position_embeddings", 1, 1 << 30);
  f.require(s.high_freq_factor > s.low_freq_factor, "high_freq_factor", "is not above low_freq_factor");
  return s;
}

// 4.x: rope_theta beside rope_scaling; 5.x: both inside rope_parameters. `type` is the old spelling of rope_type.
void read_rope(JsonFields& f, TextConfig& text) {
  const bool joined = f.has("rope_parameters");
  const char* key = joined ? "rope_parameters" : "rope_scaling";
  text.rope_theta = joined ? 0 : f.number("rope_theta", 1, 1e12);
  if (!f.has(key)) return;
  JsonFields inner = f.object(key);
  if (joined) text.rope_theta = inner.number("rope_theta", 1, 1e12);
  const std::string kind = inner.text_or("rope_type", inner.text_or("type", "default"));
  if (kind == "llama3") {
    text.rope_scaling = read_llama3(inner);
  } else {
    inner.supports(kind == "default", "rope_type", "is \"" + kind + "\", docket computes \"llama3\" and \"default\"");
  }
  f.absorb(inner);
}

TextConfig read_text(JsonFields& f) {
  TextConfig t;
  t.vocab_size = f.integer("vocab_size", 1, kMaxVocab);
  t.hidden_size = f.integer("hidden_size", 1, kMaxWidth);
  t.num_hidden_layers = f.integer("num_hidden_layers", 1, kMaxLayers);
  t.num_attention_heads = f.integer("num_attention_heads", 1, kMaxWidth);
  t.num_key_value_heads = f.integer("num_key_value_heads", 1, kMaxWidth);
  t.intermediate_size = f.integer("intermediate_size", 1, kMaxWidth);
  t.max_position_embeddings = f.integer("max_position_embeddings", 1, 1 << 30);
  t.rms_norm_eps = f.number("rms_norm_eps", 0, 1);
  t.cross_attention_layers = f.integers("cross_attention_layers", 0, t.num_hidden_layers - 1);
  f.require(std::is_sorted(t.cross_attention_layers.begin(), t.cross_attention_layers.end(), std::less_equal<>()) ||
                t.cross_attention_layers.size() < 2,
            "cross_attention_layers", "is not in ascending order");
  f.require(t.hidden_size % t.num_attention_heads == 0, "num_attention_heads", "does not divide hidden_size");
  t.head_dim = t.hidden_size / t.num_attention_heads;
  f.require(t.head_dim % 2 == 0, "num_attention_heads", "gives heads of an odd width, which RoPE cannot turn");
  f.require(t.num_attention_heads % t.num_key_value_heads == 0, "num_key_value_heads",
            "does not divide num_attention_heads");
  f.supports(f.integer_or("head_dim", t.head_dim, 1, kMaxWidth) == t.head_dim, "head_dim",
             "is not hidden_size / num_attention_heads");
  const std::string act = f.text_or("hidden_act", "silu");
  f.supports(act == "silu", "hidden_act", "is \"" + act + "\", docket computes \"silu\"");
  f.supports(!f.boolean_or("tie_word_embeddings", false), "tie_word_embeddings", "is true: Mllama's head is its own");
  read_rope(f, t);
  return t;
}

// The ratios that the processor enumerates for `max_num_tiles` (spec 3.2): ids are positions in this very list.
std::vector<std::array<int, 2>> enumerate_ratios(std::int64_t max_num_tiles) {
  std::vector<std::array<int, 2>> out;
  for (int rows = 1; rows <= max_num_tiles; ++rows) {
    for (int cols = 1; rows * cols <= max_num_tiles; ++cols) out.push_back({rows, cols});
  }
  return out;
}

void read_ratios(JsonFields& f, VisionConfig& v) {
  v.supported_aspect_ratios = enumerate_ratios(v.max_num_tiles);
  const auto* listed = f.raw("supported_aspect_ratios");
  if (listed == nullptr) return;
  nlohmann::json expected = nlohmann::json::array();
  for (const auto& ratio : v.supported_aspect_ratios) expected.push_back({ratio[0], ratio[1]});
  f.supports(*listed == expected, "supported_aspect_ratios",
             "is not the list of all (rows, cols) with rows * cols <= max_num_tiles");
}

VisionConfig read_vision(JsonFields& f) {
  VisionConfig v;
  v.hidden_size = f.integer("hidden_size", 1, kMaxWidth);
  v.attention_heads = f.integer("attention_heads", 1, kMaxWidth);
  v.num_hidden_layers = f.integer("num_hidden_layers", 1, kMaxLayers);
  v.num_global_layers = f.integer("num_global_layers", 0, kMaxLayers);
  v.intermediate_size = f.integer("intermediate_size", 1, kMaxWidth);
  v.num_channels = f.integer_or("num_channels", 3, 3, 3);
  v.patch_size = f.integer_or("patch_size", 14, 1, 1024);
  v.image_size = f.integer("image_size", 1, 1 << 14);
  v.max_num_tiles = f.integer_or("max_num_tiles", 4, 1, 64);
  v.norm_eps = f.number_or("norm_eps", 1e-5, 0, 1);
  v.vision_output_dim = f.integer("vision_output_dim", 1, kMaxWidth);
  v.intermediate_layers_indices = f.integers("intermediate_layers_indices", 0, v.num_hidden_layers - 1);
  f.require(
      std::is_sorted(v.intermediate_layers_indices.begin(), v.intermediate_layers_indices.end(), std::less_equal<>()) ||
          v.intermediate_layers_indices.size() < 2,
      "intermediate_layers_indices", "is not in ascending order");
  f.require(v.hidden_size % v.attention_heads == 0, "attention_heads", "does not divide hidden_size");
  f.require(v.image_size % v.patch_size == 0, "image_size", "is not a multiple of patch_size");
  const auto taps = static_cast<std::int64_t>(v.intermediate_layers_indices.size());
  f.require(v.vision_output_dim == v.hidden_size * (1 + taps), "vision_output_dim",
            "is not hidden_size * (1 + the number of intermediate_layers_indices)");
  const std::string act = f.text_or("hidden_act", "gelu");
  f.supports(act == "gelu", "hidden_act", "is \"" + act + "\", docket computes \"gelu\" (erf)");
  read_ratios(f, v);
  return v;
}

QuantizationConfig read_quantization(JsonFields& f) {
  QuantizationConfig q;
  const std::string method = f.text_or("quant_method", "bitsandbytes");
  f.supports(method == "bitsandbytes", "quant_method", "is \"" + method + "\", docket reads \"bitsandbytes\"");
  q.load_in_4bit = f.boolean_or("load_in_4bit", f.boolean_or("_load_in_4bit", false));
  q.load_in_8bit = f.boolean_or("load_in_8bit", f.boolean_or("_load_in_8bit", false));
  q.bnb_4bit_quant_type = f.text_or("bnb_4bit_quant_type", "");
  q.bnb_4bit_use_double_quant = f.boolean_or("bnb_4bit_use_double_quant", false);
  q.llm_int8_threshold = f.number_or("llm_int8_threshold", 6, 0, 1e9);
  q.llm_int8_skip_modules = f.texts_or_empty("llm_int8_skip_modules");
  return q;
}

}  // namespace

bool TextConfig::is_cross_attention_layer(std::int64_t layer) const {
  return std::binary_search(cross_attention_layers.begin(), cross_attention_layers.end(), layer);
}

Result<ModelConfig> parse_model_config(std::string_view json_text, const std::string& where) {
  JsonFields f = JsonFields::parse(json_text, where);
  ModelConfig out;
  const std::string kind = f.text_or("model_type", "");
  if (f.ok()) f.supports(kind == "mllama", "model_type", "is \"" + kind + "\", docket runs \"mllama\"");
  JsonFields text = f.object("text_config");
  if (text.ok()) out.text = read_text(text);
  f.absorb(text);
  JsonFields vision = f.object("vision_config");
  if (vision.ok()) out.vision = read_vision(vision);
  f.absorb(vision);
  if (!f.ok()) return f.status().failure();
  const char* key = f.has("image_token_index") ? "image_token_index" : "image_token_id";
  out.image_token_index = f.integer(key, 0, out.text.vocab_size + kExtraEmbeddings - 1);
  out.torch_dtype = f.text_or("torch_dtype", f.text_or("dtype", ""));
  if (f.has("quantization_config")) {
    JsonFields quantization = f.object("quantization_config");
    out.quantization = read_quantization(quantization);
    f.absorb(quantization);
  }
  if (!f.ok()) return f.status().failure();
  return out;
}

Result<ModelConfig> read_model_config(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "config.json";
  DOCKET_TRY(const std::string text, read_text_file(path, kMaxConfigBytes));
  return parse_model_config(text, path.string());
}

}  // namespace docket::weights
