// The weights of the vision model and the projector, in the names of the checkpoint (spec 2.2).
#pragma once

#include <vector>

#include "core/kernels/elementwise.h"
#include "core/kernels/linear_weight.h"
#include "core/load/weight_loader.h"
#include "core/load/weight_placer.h"
#include "core/weights/config.h"

namespace docket::vision {

// D = hidden_size, I = intermediate_size, P = num_patches, T = max_num_tiles, A = max_aspect_ratio_id + 1.
struct LayerWeights {
  const float* input_layernorm_weight = nullptr;           // [D]
  const float* input_layernorm_bias = nullptr;             // [D]
  const float* post_attention_layernorm_weight = nullptr;  // [D]
  const float* post_attention_layernorm_bias = nullptr;    // [D]
  kernels::LinearWeight q_proj, k_proj, v_proj, o_proj;    // [D, D]
  kernels::LinearWeight fc1;                               // [I, D] and bias
  kernels::LinearWeight fc2;                               // [D, I] and bias
  float gate_attn = 1;                                     // tanh applied; 1 in local layers
  float gate_ffn = 1;
};

struct Weights {
  kernels::LinearWeight patch_embedding;        // [D, 3 * 14 * 14]
  kernels::EmbeddingTable class_embedding;      // [1, D]
  kernels::EmbeddingTable position_embedding;   // [P, D]
  kernels::EmbeddingTable tile_embedding;       // [A * T * P, D]: the table of [A, T * P * D]; empty where
                                                // position_gate is 0, which multiplies it
  kernels::EmbeddingTable pre_tile_embedding;   // [A * T, D]
  kernels::EmbeddingTable post_tile_embedding;  // [A * T, D]
  float position_gate = 0;                      // tanh applied, as the two below
  float pre_tile_gate = 0;
  float post_tile_gate = 0;
  const float* layernorm_pre_weight = nullptr;   // [D]
  const float* layernorm_pre_bias = nullptr;     // [D]
  const float* layernorm_post_weight = nullptr;  // [D]
  const float* layernorm_post_bias = nullptr;    // [D]
  std::vector<LayerWeights> local, global;
  kernels::LinearWeight multi_modal_projector;  // [text hidden_size, vision_output_dim] and bias
};

// Ask `loader.status()` afterwards.
Weights load_weights(load::WeightLoader& loader, const weights::ModelConfig& config);

// Moves them to a device, tables included.
void place_weights(load::WeightPlacer& placer, const weights::ModelConfig& config, Weights& weights);

}  // namespace docket::vision
