#include "vision/token_plan.h"

#include <cmath>
#include <cstring>

#include "core/base/check.h"

namespace docket::vision {
namespace {

// Whether parts first, first + 1, ... last - 1 of one aspect ratio's row are equal; a part is `rows` rows of the table.
bool parts_equal(const kernels::EmbeddingTable& table, std::int64_t rows, std::int64_t first, std::int64_t last) {
  const auto part_bytes = static_cast<std::size_t>(rows * table.cols) * size_bytes(table.dtype);
  const char* data = static_cast<const char*>(table.data);
  for (std::int64_t part = first + 1; part < last; ++part) {
    if (std::memcmp(data + static_cast<std::size_t>(first) * part_bytes,
                    data + static_cast<std::size_t>(part) * part_bytes, part_bytes) != 0)
      return false;
  }
  return true;
}

}  // namespace

std::int64_t max_rows(const weights::VisionConfig& config) { return config.max_num_tiles * (config.num_patches() + 1); }

TokenPlan plan_tokens(const weights::VisionConfig& config, const Weights& weights, int aspect_ratio_id) {
  CHECK(aspect_ratio_id >= 1 && aspect_ratio_id <= config.max_aspect_ratio_id(), "aspect ratio id %d", aspect_ratio_id);
  const auto& ratio = config.supported_aspect_ratios[static_cast<std::size_t>(aspect_ratio_id - 1)];
  TokenPlan plan;
  plan.patches = config.num_patches();
  plan.appended = config.padded_patches() - config.num_patches();
  plan.max_num_tiles = static_cast<int>(config.max_num_tiles);
  plan.num_tiles = ratio[0] * ratio[1];
  const std::int64_t first = aspect_ratio_id * config.max_num_tiles + plan.num_tiles;
  const std::int64_t last = (aspect_ratio_id + 1) * config.max_num_tiles;
  const int missing = plan.max_num_tiles - plan.num_tiles;
  const bool equal = parts_equal(weights.pre_tile_embedding, 1, first, last) &&
                     parts_equal(weights.post_tile_embedding, 1, first, last) &&
                     (weights.position_gate == 0 || parts_equal(weights.tile_embedding, plan.patches, first, last));
  plan.hidden_groups = equal ? (missing > 0 ? 1 : 0) : missing;
  plan.hidden_count = plan.hidden_groups > 0 ? missing / plan.hidden_groups : 0;
  return plan;
}

void fill_masks(const TokenPlan& plan, bool global, std::int32_t* ends, float* key_bias) {
  const std::int64_t rows = global ? plan.global_rows() : plan.local_rows();
  for (std::int64_t r = 0; r < rows; ++r) {
    ends[r] = static_cast<std::int32_t>(r < plan.num_visible() ? rows : plan.num_visible());
    key_bias[r] = 0;
    if (r >= plan.num_visible()) key_bias[r] = std::log(static_cast<float>(plan.hidden_count));
    if (r < plan.num_patches()) continue;
    std::int64_t count = plan.appended * plan.max_num_tiles;
    if (global) count = plan.appended * (r - plan.num_patches() < plan.num_tiles ? 1 : plan.hidden_count);
    key_bias[r] = std::log(static_cast<float>(count));
  }
}

}  // namespace docket::vision
