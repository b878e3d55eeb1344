// The weights of the text decoder, in the names of the checkpoint (spec 2.2).
#pragma once

#include <vector>

#include "core/kernels/elementwise.h"
#include "core/kernels/linear_weight.h"
#include "core/load/weight_loader.h"
#include "core/load/weight_placer.h"
#include "core/weights/config.h"

namespace docket::language {

// H = hidden_size, I = intermediate_size, Q = num_attention_heads * head_dim = H, K = num_key_value_heads * head_dim.
struct LayerWeights {
  bool is_cross = false;
  const float* input_layernorm = nullptr;           // [H]
  const float* post_attention_layernorm = nullptr;  // [H]
  kernels::LinearWeight q_proj;                     // [Q, H]
  kernels::LinearWeight k_proj, v_proj;             // [K, H]
  kernels::LinearWeight o_proj;                     // [H, Q]
  kernels::LinearWeight gate_proj, up_proj;         // [I, H]
  kernels::LinearWeight down_proj;                  // [H, I]
  // Cross layers only:
  const float* q_norm = nullptr;   // [head_dim]
  const float* k_norm = nullptr;   // [head_dim]
  float cross_attn_attn_gate = 1;  // tanh applied, as the next
  float cross_attn_mlp_gate = 1;
};

struct Weights {
  kernels::EmbeddingTable embed_tokens;  // [vocab_size + 8, H]
  std::vector<LayerWeights> layers;
  const float* norm = nullptr;              // [H]
  kernels::LinearWeight lm_head;            // [vocab_size, H]
  const float* rope_frequencies = nullptr;  // [head_dim / 2]; spec 5.2
};

// Ask `loader.status()` afterwards.
Weights load_weights(load::WeightLoader& loader, const weights::TextConfig& config);

// Moves them to a device; embed_tokens, of which a pass reads a few rows, stays in the mapped file on the host.
void place_weights(load::WeightPlacer& placer, const weights::TextConfig& config, Weights& weights);

// RoPE's frequencies with the "llama3" scaling, in fp32 as transformers computes them.
std::vector<float> rope_frequencies(const weights::TextConfig& config);

}  // namespace docket::language
