#include "vision/weights.h"

#include <cmath>
#include <string>

namespace docket::vision {
namespace {

LayerWeights load_layer(load::WeightLoader& loader, const std::string& prefix, const weights::VisionConfig& config,
                        bool gated) {
  const std::int64_t width = config.hidden_size;
  LayerWeights w;
  w.input_layernorm_weight = loader.vector(prefix + "input_layernorm.weight", width);
  w.input_layernorm_bias = loader.vector(prefix + "input_layernorm.bias", width);
  w.post_attention_layernorm_weight = loader.vector(prefix + "post_attention_layernorm.weight", width);
  w.post_attention_layernorm_bias = loader.vector(prefix + "post_attention_layernorm.bias", width);
  w.q_proj = loader.linear(prefix + "self_attn.q_proj", width, width);
  w.k_proj = loader.linear(prefix + "self_attn.k_proj", width, width);
  w.v_proj = loader.linear(prefix + "self_attn.v_proj", width, width);
  w.o_proj = loader.linear(prefix + "self_attn.o_proj", width, width);
  w.fc1 = loader.linear(prefix + "mlp.fc1", config.intermediate_size, width, /*has_bias=*/true);
  w.fc2 = loader.linear(prefix + "mlp.fc2", width, config.intermediate_size, /*has_bias=*/true);
  if (gated) {
    w.gate_attn = std::tanh(loader.scalar(prefix + "gate_attn"));
    w.gate_ffn = std::tanh(loader.scalar(prefix + "gate_ffn"));
  }
  return w;
}

// A stored table [A, parts * D] seen as [A * parts, D].
kernels::EmbeddingTable load_parts(load::WeightLoader& loader, const std::string& name,
                                   const weights::VisionConfig& config, std::int64_t parts) {
  const std::int64_t ids = config.max_aspect_ratio_id() + 1;
  kernels::EmbeddingTable table = loader.table(name, ids, parts * config.hidden_size);
  table.rows = ids * parts;
  table.cols = config.hidden_size;
  return table;
}

}  // namespace

Weights load_weights(load::WeightLoader& loader, const weights::ModelConfig& model) {
  const weights::VisionConfig& config = model.vision;
  const std::string prefix = "vision_model.";
  const std::int64_t width = config.hidden_size, tiles = config.max_num_tiles;
  Weights w;
  w.patch_embedding = loader.convolution(prefix + "patch_embedding",
                                         Shape{width, config.num_channels, config.patch_size, config.patch_size});
  w.class_embedding = loader.row_table(prefix + "class_embedding", width);
  w.position_embedding = loader.table(prefix + "gated_positional_embedding.embedding", config.num_patches(), width);
  w.pre_tile_embedding = load_parts(loader, prefix + "pre_tile_positional_embedding.embedding.weight", config, tiles);
  w.post_tile_embedding = load_parts(loader, prefix + "post_tile_positional_embedding.embedding.weight", config, tiles);
  w.position_gate = std::tanh(loader.scalar(prefix + "gated_positional_embedding.gate"));
  if (w.position_gate != 0) {
    w.tile_embedding = load_parts(loader, prefix + "gated_positional_embedding.tile_embedding.weight", config,
                                  tiles * config.num_patches());
  }
  w.pre_tile_gate = std::tanh(loader.scalar(prefix + "pre_tile_positional_embedding.gate"));
  w.post_tile_gate = std::tanh(loader.scalar(prefix + "post_tile_positional_embedding.gate"));
  w.layernorm_pre_weight = loader.vector(prefix + "layernorm_pre.weight", width);
  w.layernorm_pre_bias = loader.vector(prefix + "layernorm_pre.bias", width);
  w.layernorm_post_weight = loader.vector(prefix + "layernorm_post.weight", width);
  w.layernorm_post_bias = loader.vector(prefix + "layernorm_post.bias", width);
  for (std::int64_t i = 0; i < config.num_hidden_layers; ++i)
    w.local.push_back(load_layer(loader, prefix + "transformer.layers." + std::to_string(i) + ".", config, false));
  for (std::int64_t i = 0; i < config.num_global_layers; ++i)
    w.global.push_back(
        load_layer(loader, prefix + "global_transformer.layers." + std::to_string(i) + ".", config, true));
  w.multi_modal_projector =
      loader.linear("multi_modal_projector", model.text.hidden_size, config.vision_output_dim, /*has_bias=*/true);
  return w;
}

void place_weights(load::WeightPlacer& placer, const weights::ModelConfig& model, Weights& w) {
  const std::int64_t width = model.vision.hidden_size;
  placer.linear(w.patch_embedding);
  for (kernels::EmbeddingTable* table :
       {&w.class_embedding, &w.position_embedding, &w.pre_tile_embedding, &w.post_tile_embedding})
    placer.table(*table);
  if (w.position_gate != 0) placer.table(w.tile_embedding);
  for (const float** values :
       {&w.layernorm_pre_weight, &w.layernorm_pre_bias, &w.layernorm_post_weight, &w.layernorm_post_bias})
    placer.vector(*values, width);
  for (std::vector<LayerWeights>* layers : {&w.local, &w.global}) {
    for (LayerWeights& layer : *layers) {
      for (const float** values : {&layer.input_layernorm_weight, &layer.input_layernorm_bias,
                                   &layer.post_attention_layernorm_weight, &layer.post_attention_layernorm_bias})
        placer.vector(*values, width);
      for (kernels::LinearWeight* linear :
           {&layer.q_proj, &layer.k_proj, &layer.v_proj, &layer.o_proj, &layer.fc1, &layer.fc2})
        placer.linear(*linear);
    }
  }
  placer.linear(w.multi_modal_projector);
}

}  // namespace docket::vision
