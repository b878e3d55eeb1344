#include "language/weights.h"

#include <cmath>
#include <string>

namespace docket::language {
namespace {

LayerWeights load_layer(load::WeightLoader& loader, const std::string& prefix, const weights::TextConfig& config,
                        bool is_cross) {
  const std::int64_t width = config.hidden_size;
  const std::int64_t queries = config.num_attention_heads * config.head_dim;
  const std::int64_t keys = config.num_key_value_heads * config.head_dim;
  const std::string attention = prefix + (is_cross ? "cross_attn." : "self_attn.");
  LayerWeights w;
  w.is_cross = is_cross;
  w.input_layernorm = loader.vector(prefix + "input_layernorm.weight", width);
  w.post_attention_layernorm = loader.vector(prefix + "post_attention_layernorm.weight", width);
  w.q_proj = loader.linear(attention + "q_proj", queries, width);
  w.k_proj = loader.linear(attention + "k_proj", keys, width);
  w.v_proj = loader.linear(attention + "v_proj", keys, width);
  w.o_proj = loader.linear(attention + "o_proj", width, queries);
  w.gate_proj = loader.linear(prefix + "mlp.gate_proj", config.intermediate_size, width);
  w.up_proj = loader.linear(prefix + "mlp.up_proj", config.intermediate_size, width);
  w.down_proj = loader.linear(prefix + "mlp.down_proj", width, config.intermediate_size);
  if (is_cross) {
    w.q_norm = loader.vector(attention + "q_norm.weight", config.head_dim);
    w.k_norm = loader.vector(attention + "k_norm.weight", config.head_dim);
    w.cross_attn_attn_gate = std::tanh(loader.scalar(prefix + "cross_attn_attn_gate"));
    w.cross_attn_mlp_gate = std::tanh(loader.scalar(prefix + "cross_attn_mlp_gate"));
  }
  return w;
}

float scaled_frequency(float frequency, const weights::RopeScaling& scaling) {
  const float pi = 3.14159265358979323846F;
  const auto factor = static_cast<float>(scaling.factor);
  const auto original = static_cast<float>(scaling.original_max_position_embeddings);
  const auto low = static_cast<float>(scaling.low_freq_factor);
  const auto high = static_cast<float>(scaling.high_freq_factor);
  const float wavelength = 2 * pi / frequency;
  if (wavelength < original / high) return frequency;
  if (wavelength > original / low) return frequency / factor;
  const float smooth = (original / wavelength - low) / (high - low);
  return (1 - smooth) * frequency / factor + smooth * frequency;
}

}  // namespace

std::vector<float> rope_frequencies(const weights::TextConfig& config) {
  std::vector<float> out;
  for (std::int64_t i = 0; i < config.head_dim / 2; ++i) {
    const float exponent = static_cast<float>(2 * i) / static_cast<float>(config.head_dim);
    const float frequency = 1.0F / std::pow(static_cast<float>(config.rope_theta), exponent);
    out.push_back(config.rope_scaling ? scaled_frequency(frequency, *config.rope_scaling) : frequency);
  }
  return out;
}

Weights load_weights(load::WeightLoader& loader, const weights::TextConfig& config) {
  const std::string prefix = "language_model.model.";
  Weights w;
  w.embed_tokens =
      loader.table(prefix + "embed_tokens.weight", config.vocab_size + weights::kExtraEmbeddings, config.hidden_size);
  for (std::int64_t i = 0; i < config.num_hidden_layers; ++i) {
    w.layers.push_back(
        load_layer(loader, prefix + "layers." + std::to_string(i) + ".", config, config.is_cross_attention_layer(i)));
  }
  w.norm = loader.vector(prefix + "norm.weight", config.hidden_size);
  w.lm_head = loader.linear("language_model.lm_head", config.vocab_size, config.hidden_size);
  w.rope_frequencies = loader.values(rope_frequencies(config));
  return w;
}

void place_weights(load::WeightPlacer& placer, const weights::TextConfig& config, Weights& w) {
  for (LayerWeights& layer : w.layers) {
    placer.vector(layer.input_layernorm, config.hidden_size);
    placer.vector(layer.post_attention_layernorm, config.hidden_size);
    for (kernels::LinearWeight* linear : {&layer.q_proj, &layer.k_proj, &layer.v_proj, &layer.o_proj, &layer.gate_proj,
                                          &layer.up_proj, &layer.down_proj})
      placer.linear(*linear);
    if (!layer.is_cross) continue;
    placer.vector(layer.q_norm, config.head_dim);
    placer.vector(layer.k_norm, config.head_dim);
  }
  placer.vector(w.norm, config.hidden_size);
  placer.linear(w.lm_head);
  placer.vector(w.rope_frequencies, config.head_dim / 2);
}

}  // namespace docket::language
