#include "convert/random_checkpoint.h"

#include <algorithm>
#include <cmath>

#include "convert/safetensors_writer.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/quant/codebook.h"
#include "core/weights/config.h"

namespace docket::convert {
namespace {

using load::QuantKind;

constexpr std::string_view k11b =
    R"({"model_type":"mllama","image_token_index":128256,"torch_dtype":"bfloat16","text_config":{
"model_type":"mllama_text_model","vocab_size":128256,"hidden_size":4096,"num_hidden_layers":40,"num_attention_heads":32,
"num_key_value_heads":8,"intermediate_size":14336,"hidden_act":"silu","rms_norm_eps":1e-05,"rope_theta":500000.0,
"rope_scaling":{"rope_type":"llama3","factor":8.0,"low_freq_factor":1.0,"high_freq_factor":4.0,
"original_max_position_embeddings":8192},"max_position_embeddings":131072,"tie_word_embeddings":false,
"cross_attention_layers":[3,8,13,18,23,28,33,38],"bos_token_id":128000,"eos_token_id":[128001,128008,128009],
"pad_token_id":128004},"vision_config":{"model_type":"mllama_vision_model","hidden_size":1280,"attention_heads":16,
"num_hidden_layers":32,"num_global_layers":8,"intermediate_size":5120,"hidden_act":"gelu","num_channels":3,"patch_size":14,
"image_size":560,"max_num_tiles":4,"norm_eps":1e-05,"vision_output_dim":7680,"intermediate_layers_indices":[3,7,15,23,30],
"supported_aspect_ratios":[[1,1],[1,2],[1,3],[1,4],[2,1],[2,2],[3,1],[4,1]]}})";

struct Entry {
  std::string name;
  Shape shape;
  float scale;  // of normal values; for a linear, of its outputs' share
  float offset = 0;
};

// Every tensor of the shape (spec 2.2), 4.45 names.
class Names {
 public:
  explicit Names(const weights::ModelConfig& c) {
    vision(c);
    linear("multi_modal_projector.weight", c.text.hidden_size, c.vision.vision_output_dim);
    vector("multi_modal_projector.bias", c.text.hidden_size, 0);
    text(c.text);
  }
  std::vector<Entry> all;

 private:
  void linear(const std::string& name, std::int64_t out, std::int64_t in) {
    all.push_back({name, Shape{out, in}, 1.0f / std::sqrt(static_cast<float>(in))});
  }
  void vector(const std::string& name, std::int64_t n, float value) { all.push_back({name, Shape{n}, 0, value}); }
  void table(const std::string& name, const Shape& shape) { all.push_back({name, shape, 0.02f}); }

  void vision(const weights::ModelConfig& c) {
    const auto& v = c.vision;
    const std::string p = "vision_model.";
    const std::int64_t d = v.hidden_size, ids = v.max_aspect_ratio_id() + 1;
    table(p + "patch_embedding.weight", Shape{d, v.num_channels, v.patch_size, v.patch_size});
    table(p + "class_embedding", Shape{d});
    table(p + "gated_positional_embedding.embedding", Shape{v.num_patches(), d});
    table(p + "gated_positional_embedding.tile_embedding.weight", Shape{ids, v.max_num_tiles * v.num_patches() * d});
    vector(p + "gated_positional_embedding.gate", 1, 0.3f);
    for (const char* side : {"pre", "post"}) {
      table(p + side + "_tile_positional_embedding.embedding.weight", Shape{ids, v.max_num_tiles * d});
      vector(p + side + "_tile_positional_embedding.gate", 1, 0.3f);
      vector(p + "layernorm_" + side + ".weight", d, 1);
      vector(p + "layernorm_" + side + ".bias", d, 0);
    }
    for (std::int64_t i = 0; i < v.num_hidden_layers; ++i)
      vision_layer(p + "transformer.layers." + std::to_string(i), v, false);
    for (std::int64_t i = 0; i < v.num_global_layers; ++i)
      vision_layer(p + "global_transformer.layers." + std::to_string(i), v, true);
  }

  void vision_layer(const std::string& p, const weights::VisionConfig& v, bool gated) {
    for (const char* x : {"q", "k", "v", "o"})
      linear(p + ".self_attn." + x + "_proj.weight", v.hidden_size, v.hidden_size);
    linear(p + ".mlp.fc1.weight", v.intermediate_size, v.hidden_size);
    vector(p + ".mlp.fc1.bias", v.intermediate_size, 0);
    linear(p + ".mlp.fc2.weight", v.hidden_size, v.intermediate_size);
    vector(p + ".mlp.fc2.bias", v.hidden_size, 0);
    for (const char* norm : {".input_layernorm", ".post_attention_layernorm"}) {
      vector(p + norm + ".weight", v.hidden_size, 1);
      vector(p + norm + ".bias", v.hidden_size, 0);
    }
    if (!gated) return;
    vector(p + ".gate_attn", 1, 0.5f);
    vector(p + ".gate_ffn", 1, 0.5f);
  }

  void text(const weights::TextConfig& t) {
    const std::string p = "language_model.model.";
    const std::int64_t h = t.hidden_size, kv = t.num_key_value_heads * t.head_dim;
    table(p + "embed_tokens.weight", Shape{t.vocab_size + weights::kExtraEmbeddings, h});
    for (std::int64_t i = 0; i < t.num_hidden_layers; ++i) {
      const bool cross = t.is_cross_attention_layer(i);
      const std::string layer = p + "layers." + std::to_string(i),
                        attention = layer + (cross ? ".cross_attn." : ".self_attn.");
      linear(attention + "q_proj.weight", t.num_attention_heads * t.head_dim, h);
      linear(attention + "k_proj.weight", kv, h);
      linear(attention + "v_proj.weight", kv, h);
      linear(attention + "o_proj.weight", h, t.num_attention_heads * t.head_dim);
      linear(layer + ".mlp.gate_proj.weight", t.intermediate_size, h);
      linear(layer + ".mlp.up_proj.weight", t.intermediate_size, h);
      linear(layer + ".mlp.down_proj.weight", h, t.intermediate_size);
      vector(layer + ".input_layernorm.weight", h, 1);
      vector(layer + ".post_attention_layernorm.weight", h, 1);
      if (!cross) continue;
      vector(attention + "q_norm.weight", t.head_dim, 1);
      vector(attention + "k_norm.weight", t.head_dim, 1);
      vector(layer + ".cross_attn_attn_gate", 1, 0.5f);
      vector(layer + ".cross_attn_mlp_gate", 1, 0.5f);
    }
    vector(p + "norm.weight", h, 1);
    linear("language_model.lm_head.weight", t.vocab_size, h);
  }
};

// splitmix64: fast, and the same everywhere.
struct Random {
  std::uint64_t state = 20261124;
  std::uint64_t next() {
    std::uint64_t z = (state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
};

class RandomWriter {
 public:
  RandomWriter(SafetensorsWriter& writer, const load::QuantPolicy& policy) : writer_(writer), policy_(policy) {}

  QuantKind kind(const Entry& e) const {
    std::string module;
    return is_linear_weight(e.name, module) ? policy_.kind_of(module) : QuantKind::kNone;
  }

  void declare(const Entry& e) {
    const std::int64_t n = e.shape.count(), blocks = n / quant::kBlockSize;
    const std::string stem = e.name.substr(0, e.name.size() - 6);
    switch (kind(e)) {
      case QuantKind::kNone:
        return writer_.declare(e.name, DType::kBF16, e.shape);
      case QuantKind::kInt8:
        writer_.declare(e.name, DType::kI8, e.shape);
        writer_.declare(stem + "SCB", DType::kF32, Shape{e.shape[0]});
        return;
      default:
        writer_.declare(e.name, DType::kU8, Shape{n / 2, 1});
        writer_.declare(e.name + ".absmax", DType::kU8, Shape{blocks});
        writer_.declare(e.name + ".quant_map", DType::kF32, Shape{16});
        writer_.declare(e.name + ".nested_absmax", DType::kF32, Shape{(blocks + 255) / 256});
        writer_.declare(e.name + ".nested_quant_map", DType::kF32, Shape{256});
        writer_.declare(e.name + ".quant_state.bitsandbytes__" + type(e), DType::kU8,
                        Shape{static_cast<std::int64_t>(state(e).size())});
    }
  }

  Status write(const Entry& e) {
    const std::int64_t n = e.shape.count(), blocks = n / quant::kBlockSize;
    switch (kind(e)) {
      case QuantKind::kNone:
        return write_bf16(e);
      case QuantKind::kInt8:
        // Uniform codes have a spread of 73 steps; SCB makes that the wanted scale.
        DOCKET_TRY_VOID(noise(n));
        return constant(e.shape[0], e.scale * 127 / 73);
      default: {
        // Codes with every nibble alike have a spread of about half an absmax.
        const auto& code = quant::codebook(type(e) == "nf4" ? quant::Code4::kNf4 : quant::Code4::kFp4);
        DOCKET_TRY_VOID(noise(n / 2));
        DOCKET_TRY_VOID(noise(blocks));
        DOCKET_TRY_VOID(writer_.append_values(std::span<const float>(code)));
        DOCKET_TRY_VOID(constant((blocks + 255) / 256, e.scale / 4));
        DOCKET_TRY_VOID(writer_.append_values(std::span<const float>(quant::dynamic_map())));
        const std::string text = state(e);
        return writer_.append_values(std::span<const char>(text));
      }
    }
  }

 private:
  std::string type(const Entry& e) const { return kind(e) == QuantKind::kNf4 ? "nf4" : "fp4"; }
  std::string state(const Entry& e) const {
    return json_line(OrderedJson{{"quant_type", type(e)},
                                 {"blocksize", quant::kBlockSize},
                                 {"dtype", "bfloat16"},
                                 {"shape", e.shape.dims()},
                                 {"nested_blocksize", quant::kNestedBlockSize},
                                 {"nested_dtype", "float32"},
                                 {"nested_offset", 2 * e.scale}});
  }

  // `count` random bytes, a part at a time.
  Status noise(std::int64_t count) {
    std::vector<std::uint64_t> part(1 << 17);
    for (std::int64_t left = count; left > 0;) {
      const std::int64_t take = std::min<std::int64_t>(left, static_cast<std::int64_t>(part.size()) * 8);
      for (std::uint64_t& word : part) word = random_.next();
      DOCKET_TRY_VOID(writer_.append(std::as_bytes(std::span(part)).first(static_cast<std::size_t>(take))));
      left -= take;
    }
    return {};
  }
  Status constant(std::int64_t count, float value) {
    const std::vector<float> values(static_cast<std::size_t>(count), value);
    return writer_.append_values(std::span<const float>(values));
  }

  // The sum of four uniform 16-bit numbers is near enough to a normal one.
  Status write_bf16(const Entry& e) {
    std::vector<std::uint16_t> part(1 << 18);
    for (std::int64_t left = e.shape.count(); left > 0;) {
      const std::int64_t take = std::min<std::int64_t>(left, static_cast<std::int64_t>(part.size()));
      for (std::int64_t i = 0; i < take; ++i) {
        float value = e.offset;
        if (e.scale != 0) {
          const std::uint64_t r = random_.next();
          const auto sum = static_cast<float>((r & 0xFFFF) + (r >> 16 & 0xFFFF) + (r >> 32 & 0xFFFF) + (r >> 48));
          value += e.scale * (sum / 65535.0f - 2) * 1.7320508f;
        }
        part[static_cast<std::size_t>(i)] = f32_to_bf16(value);
      }
      DOCKET_TRY_VOID(writer_.append(std::as_bytes(std::span(part)).first(static_cast<std::size_t>(take) * 2)));
      left -= take;
    }
    return {};
  }

  SafetensorsWriter& writer_;
  load::QuantPolicy policy_;
  Random random_;
};

}  // namespace

Result<std::string> published_config(std::string_view name) {
  if (name == "llama-3.2-11b-vision") return std::string(k11b);
  return make_error(ErrorCode::kInvalidArgument,
                    "\"" + std::string(name) + "\" is not llama-3.2-11b-vision or a config.json");
}

Status random_checkpoint(std::string_view config_json, const load::QuantPolicy& policy,
                         const std::filesystem::path& out, const Progress& progress) {
  DOCKET_TRY(const auto config, weights::parse_model_config(config_json, "config"));
  std::error_code error;
  std::filesystem::create_directories(out, error);
  if (error) return make_error(ErrorCode::kIo, "cannot be created: " + error.message(), out.string());
  const Names names(config);
  SafetensorsWriter file;
  RandomWriter writer(file, policy);
  for (const Entry& e : names.all) {
    const bool four_bits = writer.kind(e) == QuantKind::kNf4 || writer.kind(e) == QuantKind::kFp4;
    if (four_bits && e.shape.count() % quant::kBlockSize != 0) {
      return make_error(ErrorCode::kUnsupported, "a weight of " + e.shape.text() + " has no whole blocks of 64",
                        e.name);
    }
    writer.declare(e);
  }
  DOCKET_TRY_VOID(file.begin(out / "model.safetensors"));
  for (std::size_t i = 0; i < names.all.size(); ++i) {
    if (progress) progress(names.all[i].name, i, names.all.size());
    DOCKET_TRY_VOID(writer.write(names.all[i]));
  }
  DOCKET_TRY_VOID(file.finish());
  return write_file_atomic(out / "config.json", config_json);
}

}  // namespace docket::convert
