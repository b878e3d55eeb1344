// The configuration files of a checkpoint, read once into plain structs and checked there.
//
// Fields keep the names of config.json. Every reader: a key that must be there and is not, a value of the wrong type,
// an impossible value and a variant that docket does not compute (another activation, tied embeddings) are Errors that
// name file and key. Keys that do not change the result are passed over: transformers writes dozens of them.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace docket::weights {

// rope_scaling with rope_type "llama3"; spec: transformers' _compute_llama3_parameters.
struct RopeScaling {
  double factor = 8;
  double low_freq_factor = 1;
  double high_freq_factor = 4;
  std::int64_t original_max_position_embeddings = 8192;
};

struct TextConfig {
  std::int64_t vocab_size = 0;  // rows of lm_head; embed_tokens has 8 more (spec 2.2)
  std::int64_t hidden_size = 0;
  std::int64_t num_hidden_layers = 0;  // self and cross layers together
  std::int64_t num_attention_heads = 0;
  std::int64_t num_key_value_heads = 0;
  std::int64_t head_dim = 0;  // derived: hidden_size / num_attention_heads
  std::int64_t intermediate_size = 0;
  std::int64_t max_position_embeddings = 0;
  double rms_norm_eps = 0;
  double rope_theta = 0;
  std::optional<RopeScaling> rope_scaling;           // nullopt: plain RoPE
  std::vector<std::int64_t> cross_attention_layers;  // ascending positions in the whole stack
  bool is_cross_attention_layer(std::int64_t layer) const;
};

struct VisionConfig {
  std::int64_t hidden_size = 0;
  std::int64_t attention_heads = 0;
  std::int64_t num_hidden_layers = 0;  // local layers
  std::int64_t num_global_layers = 0;
  std::int64_t intermediate_size = 0;
  std::int64_t num_channels = 3;
  std::int64_t patch_size = 0;
  std::int64_t image_size = 0;  // pixels of a tile's side; a multiple of patch_size
  std::int64_t max_num_tiles = 0;
  double norm_eps = 0;
  std::int64_t vision_output_dim = 0;                       // hidden_size * (1 + intermediate_layers_indices.size())
  std::vector<std::int64_t> intermediate_layers_indices;    // ascending, below num_hidden_layers
  std::vector<std::array<int, 2>> supported_aspect_ratios;  // (rows, cols) of id 1, 2, ...

  std::int64_t head_dim() const { return hidden_size / attention_heads; }
  std::int64_t patches_per_side() const { return image_size / patch_size; }
  std::int64_t num_patches() const { return patches_per_side() * patches_per_side() + 1; }  // with the class token
  std::int64_t padded_patches() const { return (num_patches() + 7) / 8 * 8; }
  std::int64_t max_aspect_ratio_id() const { return static_cast<std::int64_t>(supported_aspect_ratios.size()); }
};

// quantization_config; what a tensor is gets decided by the tensor itself, so this is for information and checks.
struct QuantizationConfig {
  bool load_in_4bit = false;
  bool load_in_8bit = false;
  std::string bnb_4bit_quant_type;  // "nf4", "fp4" or empty
  bool bnb_4bit_use_double_quant = false;
  double llm_int8_threshold = 6;
  std::vector<std::string> llm_int8_skip_modules;
};

struct ModelConfig {
  TextConfig text;
  VisionConfig vision;
  std::int64_t image_token_index = 0;  // in [0, vocab_size + 8)
  std::string torch_dtype;             // "bfloat16", ...; may be empty
  std::optional<QuantizationConfig> quantization;
};

inline constexpr std::int64_t kExtraEmbeddings = 8;  // learnable rows of embed_tokens after vocab_size

Result<ModelConfig> parse_model_config(std::string_view json_text, const std::string& where);
Result<ModelConfig> read_model_config(const std::filesystem::path& folder);  // folder/config.json

// Absent fields are filled in as transformers does (spec 1.2).
struct GenerationConfig {
  bool do_sample = false;
  double temperature = 1;
  double top_p = 1;
  std::int64_t top_k = 50;
  double min_p = 0;
  double repetition_penalty = 1;
  std::vector<std::int64_t> eos_token_id;  // empty: none given
  std::optional<std::int64_t> bos_token_id, pad_token_id;
};

Result<GenerationConfig> parse_generation_config(std::string_view json_text, const std::string& where);
// folder/generation_config.json; where there is none, the ids that config.json's text_config gives.
Result<GenerationConfig> read_generation_config(const std::filesystem::path& folder);

struct PreprocessorConfig {
  std::int64_t image_size = 0;  // size.height == size.width
  std::int64_t max_image_tiles = 0;
  double rescale_factor = 1.0 / 255.0;
  std::array<double, 3> image_mean = {0.48145466, 0.4578275, 0.40821073};
  std::array<double, 3> image_std = {0.26862954, 0.26130258, 0.27577711};
};

// Only the published kind is computed: every do_* true, resample 2 (bilinear). Errors: kUnsupported for another.
Result<PreprocessorConfig> parse_preprocessor_config(std::string_view json_text, const std::string& where);
// folder/preprocessor_config.json, which must agree with `vision`; where there is none, the published values with
// `vision`'s size and tiles.
Result<PreprocessorConfig> read_preprocessor_config(const std::filesystem::path& folder, const VisionConfig& vision);

}  // namespace docket::weights
