// TokenPlan: which tokens the encoder computes for an image of n tiles, and how many of the model's tokens each stands
// for (spec 4.1).
//
// The model always runs max_num_tiles tiles of num_patches tokens, each with appended zero tokens up to a multiple
// of 8. Appended tokens are all equal inside the local layers, and one per tile in the global layers; missing tiles are
// equal when their tile embeddings are. Equal tokens stay equal through every layer, so one of them with ln(count)
// added to its key's score gives the same result.
//
// Rows:  [0, num_visible)             the image's own tiles
//        [num_visible, num_patches())  missing tiles, num_patches rows for each group of equal ones
//        the rest                      appended tokens: one in the local layers, one for each tile or group in the
//        global
//
// The mask (spec 4.8): a visible row sees every key; any other row, appended ones too, sees the visible keys alone.
#pragma once

#include <cstdint>

#include "core/weights/config.h"
#include "vision/weights.h"

namespace docket::vision {

struct TokenPlan {
  std::int64_t patches = 0;   // num_patches of the config: tokens of a tile
  std::int64_t appended = 0;  // zero tokens of a tile
  int num_tiles = 0;          // of the image
  int max_num_tiles = 0;
  int hidden_groups = 0;  // of missing tiles: 0, 1, or one for each missing tile
  int hidden_count = 0;   // missing tiles that a group stands for

  int tiles_and_groups() const { return num_tiles + hidden_groups; }
  std::int64_t num_visible() const { return num_tiles * patches; }
  std::int64_t num_patches() const { return tiles_and_groups() * patches; }
  std::int64_t local_rows() const { return num_patches() + 1; }
  std::int64_t global_rows() const { return num_patches() + tiles_and_groups(); }
};

// The most rows that any image needs.
std::int64_t max_rows(const weights::VisionConfig& config);

// The plan for an image of `aspect_ratio_id` (1-based). Missing tiles are joined when their rows in the three tile
// tables are byte for byte equal, as the published tables' zero rows are; a model trained otherwise computes each of
// them.
TokenPlan plan_tokens(const weights::VisionConfig& config, const Weights& weights, int aspect_ratio_id);

// ends [rows] and key_bias [rows rounded up to 16] for the local or the global layers.
void fill_masks(const TokenPlan& plan, bool global, std::int32_t* ends, float* key_bias);

}  // namespace docket::vision
