// Writes a packed nf4 checkpoint of random weights in the shape that a config.json gives, fast enough for the 11B
// shape:
//   bench_random_packed CONFIG.json|llama-3.2-11b-vision OUT [--head 16|4]
// Codes are random, scales are of the size that keeps activations near one, norms are ones, tables are small numbers.
// For timings and memory alone: what it computes means nothing.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "convert/random_checkpoint.h"
#include "convert/safetensors_writer.h"
#include "core/base/file.h"
#include "core/load/packed_weight.h"
#include "core/quant/codebook.h"
#include "core/weights/config.h"

namespace docket::bench {
namespace {

using convert::SafetensorsWriter;
using kernels::LinearWeight;
using kernels::WeightFormat;

// A tensor of the file and what fills it.
struct Entry {
  std::string name;
  DType dtype;
  Shape shape;
  std::function<void(std::vector<std::byte>&)> fill;  // sized already
};

void fill_random(std::vector<std::byte>& out) {
  std::uint64_t state = 0x9E3779B97F4A7C15ULL;
  for (std::size_t i = 0; i + 8 <= out.size(); i += 8) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    std::memcpy(out.data() + i, &state, 8);
  }
}

template <typename T>
void fill_values(std::vector<std::byte>& out, T value) {
  for (std::size_t i = 0; i + sizeof(T) <= out.size(); i += sizeof(T)) std::memcpy(out.data() + i, &value, sizeof(T));
}

void add_values(std::vector<Entry>& all, const std::string& name, const Shape& shape, float value) {
  all.push_back({name, DType::kBF16, shape, [value](auto& out) { fill_values(out, f32_to_bf16(value)); }});
}

void add_linear(std::vector<Entry>& all, const std::string& module, std::int64_t n, std::int64_t k, bool bias,
                WeightFormat format = WeightFormat::kCode4Nested) {
  LinearWeight w;
  w.format = format;
  w.out_features = n;
  w.in_features = k;
  load::PackedScalars sizes;
  for (const load::PackedPart& part : load::packed_parts(w, sizes)) {
    const std::string name = part.name;
    const float offset = 2.0F / std::sqrt(static_cast<float>(k));
    const auto fill = [=](std::vector<std::byte>& out) {
      load::PackedScalars scalars;
      load::packed_parts(w, scalars);
      if (name == "about") std::memcpy(out.data(), scalars.about, out.size());
      if (name == "panels" && format == WeightFormat::kCode4Nested) fill_random(out);
      if (name == "panels" && format == WeightFormat::kBF16) fill_values(out, f32_to_bf16(0.01F));
      if (name == "scale_q") fill_random(out);
      if (name == "code") std::memcpy(out.data(), quant::codebook(quant::Code4::kNf4).data(), out.size());
      if (name == "nested_offset") std::memcpy(out.data(), &offset, sizeof offset);
      if (name == "nested_code" || name.starts_with("nested_f") || name == "nested_second") fill_values(out, 0.01F);
    };
    all.push_back({module + ".packed." + name, DType::kU8, Shape{part.size_bytes}, fill});
  }
  if (bias) add_values(all, module + ".bias", Shape{n}, 0.01F);
}

void add_vision_layer(std::vector<Entry>& all, const std::string& p, const weights::VisionConfig& v, bool gated) {
  for (const char* name : {"q_proj", "k_proj", "v_proj", "o_proj"})
    add_linear(all, p + "self_attn." + name, v.hidden_size, v.hidden_size, false);
  add_linear(all, p + "mlp.fc1", v.intermediate_size, v.hidden_size, true);
  add_linear(all, p + "mlp.fc2", v.hidden_size, v.intermediate_size, true);
  for (const char* name : {"input_layernorm", "post_attention_layernorm"}) {
    add_values(all, p + name + ".weight", Shape{v.hidden_size}, 1);
    add_values(all, p + name + ".bias", Shape{v.hidden_size}, 0);
  }
  if (gated) add_values(all, p + "gate_attn", Shape{1}, 0.5F);
  if (gated) add_values(all, p + "gate_ffn", Shape{1}, 0.5F);
}

void add_vision(std::vector<Entry>& all, const weights::ModelConfig& config) {
  const weights::VisionConfig& v = config.vision;
  const std::string p = "vision_model.";
  const std::int64_t ids = v.max_aspect_ratio_id() + 1, tile = v.max_num_tiles * v.hidden_size;
  add_values(all, p + "patch_embedding.weight", Shape{v.hidden_size, v.num_channels, v.patch_size, v.patch_size},
             0.01F);
  add_values(all, p + "class_embedding", Shape{v.hidden_size}, 0.02F);
  add_values(all, p + "gated_positional_embedding.embedding", Shape{v.num_patches(), v.hidden_size}, 0.01F);
  add_values(all, p + "gated_positional_embedding.tile_embedding.weight", Shape{ids, tile * v.num_patches()}, 0);
  for (const char* name : {"pre_tile_positional_embedding", "post_tile_positional_embedding"}) {
    add_values(all, p + name + ".embedding.weight", Shape{ids, tile}, 0);
    add_values(all, p + name + ".gate", Shape{1}, 0.5F);
  }
  add_values(all, p + "gated_positional_embedding.gate", Shape{1}, 0.5F);
  for (const char* name : {"layernorm_pre", "layernorm_post"}) {
    add_values(all, p + name + ".weight", Shape{v.hidden_size}, 1);
    add_values(all, p + name + ".bias", Shape{v.hidden_size}, 0);
  }
  for (std::int64_t i = 0; i < v.num_hidden_layers; ++i)
    add_vision_layer(all, p + "transformer.layers." + std::to_string(i) + ".", v, false);
  for (std::int64_t i = 0; i < v.num_global_layers; ++i)
    add_vision_layer(all, p + "global_transformer.layers." + std::to_string(i) + ".", v, true);
  add_linear(all, "multi_modal_projector", config.text.hidden_size, v.vision_output_dim, true);
}

void add_text(std::vector<Entry>& all, const weights::TextConfig& t, WeightFormat head) {
  const std::string p = "language_model.model.";
  const std::int64_t keys = t.num_key_value_heads * t.head_dim;
  add_values(all, p + "embed_tokens.weight", Shape{t.vocab_size + weights::kExtraEmbeddings, t.hidden_size}, 0.02F);
  for (std::int64_t i = 0; i < t.num_hidden_layers; ++i) {
    const std::string layer = p + "layers." + std::to_string(i) + ".";
    const bool cross = t.is_cross_attention_layer(i);
    const std::string attention = layer + (cross ? "cross_attn." : "self_attn.");
    add_linear(all, attention + "q_proj", t.hidden_size, t.hidden_size, false);
    add_linear(all, attention + "k_proj", keys, t.hidden_size, false);
    add_linear(all, attention + "v_proj", keys, t.hidden_size, false);
    add_linear(all, attention + "o_proj", t.hidden_size, t.hidden_size, false);
    add_linear(all, layer + "mlp.gate_proj", t.intermediate_size, t.hidden_size, false);
    add_linear(all, layer + "mlp.up_proj", t.intermediate_size, t.hidden_size, false);
    add_linear(all, layer + "mlp.down_proj", t.hidden_size, t.intermediate_size, false);
    add_values(all, layer + "input_layernorm.weight", Shape{t.hidden_size}, 1);
    add_values(all, layer + "post_attention_layernorm.weight", Shape{t.hidden_size}, 1);
    if (!cross) continue;
    add_values(all, attention + "q_norm.weight", Shape{t.head_dim}, 1);
    add_values(all, attention + "k_norm.weight", Shape{t.head_dim}, 1);
    add_values(all, layer + "cross_attn_attn_gate", Shape{1}, 0.5F);
    add_values(all, layer + "cross_attn_mlp_gate", Shape{1}, 0.5F);
  }
  add_values(all, p + "norm.weight", Shape{t.hidden_size}, 1);
  add_linear(all, "language_model.lm_head", t.vocab_size, t.hidden_size, false, head);
}

Status run(const std::string& config_path, const std::filesystem::path& out, bool head4) {
  const bool is_file = config_path.ends_with(".json");
  DOCKET_TRY(const std::string text,
             is_file ? read_text_file(config_path, 1 << 22) : convert::published_config(config_path));
  DOCKET_TRY(const weights::ModelConfig config, weights::parse_model_config(text, config_path));
  std::vector<Entry> all;
  add_vision(all, config);
  add_text(all, config.text, head4 ? WeightFormat::kCode4Nested : WeightFormat::kBF16);
  // Packed parts first: each is a multiple of a cache line, so all of them start on one.
  std::stable_partition(all.begin(), all.end(), [](const Entry& e) { return e.dtype == DType::kU8; });
  std::filesystem::create_directories(out);
  SafetensorsWriter writer;
  for (const Entry& entry : all) writer.declare(entry.name, entry.dtype, entry.shape);
  DOCKET_TRY_VOID(writer.begin(out / "model.safetensors"));
  std::vector<std::byte> bytes;
  for (const Entry& entry : all) {
    bytes.assign(static_cast<std::size_t>(entry.shape.count()) * size_bytes(entry.dtype), std::byte{0});
    entry.fill(bytes);
    DOCKET_TRY_VOID(writer.append(bytes));
  }
  DOCKET_TRY_VOID(writer.finish());
  return write_file_atomic(out / "config.json", text);
}

}  // namespace
}  // namespace docket::bench

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: bench_random_packed CONFIG.json|NAME OUT [--head 16|4]\n");
    return 2;
  }
  const bool head4 = argc > 4 && std::string(argv[4]) == "4";
  const auto status = docket::bench::run(argv[1], argv[2], head4);
  if (!status) std::fprintf(stderr, "%s\n", status.error().text().c_str());
  return status ? 0 : 1;
}
