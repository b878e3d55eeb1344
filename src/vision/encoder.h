// The vision encoder and the projector (spec 4): tiles in, vision tokens out.
#pragma once

#include <cstdint>
#include <vector>

#include "core/kernels/attention.h"
#include "core/kernels/kernels.h"
#include "core/kernels/lora.h"
#include "core/tensor/arena.h"
#include "core/tensor/trace.h"
#include "tiles/tiles.h"
#include "vision/token_plan.h"
#include "vision/vision_tokens.h"
#include "vision/weights.h"

namespace docket::vision {

// All memory of an encoder, sized for the largest image and the configuration: nothing is allocated afterwards.
// R = max_rows(config), D = hidden_size, C = chunk rows: rows go through the wide layers a chunk at a time.
struct State {
  Matrix x;                      // [R, D] residual stream
  Matrix q;                      // [R, D] queries, then attention's output
  kernels::KvStore kv;           // of the layer at hand
  Matrix norm;                   // [C, D]
  Matrix wide;                   // [C, max(I, 2 D, patch values)]
  Matrix taps;                   // [T * P, vision_output_dim] input of the projector
  Matrix tokens;                 // [T * P, text hidden_size]
  Matrix embedding;              // [P, D] a table's rows on their way into x
  Matrix lora;                   // [C, max_lora_rank] inside of adapters
  std::int64_t* ids = nullptr;   // [P] row numbers 0, 1, ...
  std::int32_t* ends = nullptr;  // [R] attention mask
  float* key_bias = nullptr;     // [R rounded up]
};

// Rows that go through the wide layers at once on the CPU: more would not be faster and take memory. A device takes all
// of an image's.
inline constexpr std::int64_t kChunkRows = 1024;

// Cuts the state from `arena`; a measuring arena gives its size.
State make_state(Arena& arena, const weights::ModelConfig& config, std::int64_t max_lora_rank = 0,
                 std::int64_t chunk_rows = kChunkRows);

// Encodes one image, with what `adapter` adds unless it is null. `tiles` must be of config's tile size with an id that
// it supports. The result is a view into `state`. With `trace`: "vision.local.<i>" and "vision.global.<i>" (rows of the
// TokenPlan), "vision" (the projector's input) and "projector".
VisionTokens encode(const kernels::Kernels& kernels, const weights::ModelConfig& config, const Weights& weights,
                    State& state, const tiles::Tiles& tiles, Trace* trace = nullptr,
                    const kernels::Adapter* adapter = nullptr);

}  // namespace docket::vision
