#include <algorithm>
#include <limits>

#include "core/kernels/cuda/linear_tile.h"

namespace docket::kernels::cuda {
namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

// Clocks of the whole. What the CTAs of a multiprocessor wait for is its shared memory (linear_tile.cuh), for 32 rows
// where they are few and 100 where they are many; a CTA alone also waits for its barrier and a chain of latencies in
// every chunk. The start and end of a CTA come on top. Without clusters the slices are written and read once at L2's
// rate of about 3000 bytes a clock, in a launch of their own.
double clocks_of(const LinearArgs& args, const TilePlan& plan, const TileDevice& device) {
  constexpr double kLatency = 400, kStart = 2500, kCluster = 2000, kJoinLaunch = 3000, kL2Bytes = 3000;
  const double token_tiles = args.rows <= kTileFewRows ? 4 : 13;
  const std::int64_t columns = tile_columns(args, plan.warps), groups = columns / (plan.warps * kTileColumns);
  const double work = plan.warps * kTilePanels * (28 + 4 * token_tiles) + 8 * token_tiles;
  const double chunk = std::max(plan.resident * work, work + kLatency);
  const std::int64_t at_once = plan.resident * (plan.clusters ? device.clusters[plan.slices] : device.multiprocessors);
  const std::int64_t rounds = ceil_div(plan.clusters ? groups : groups * plan.slices, at_once);
  const double clocks = static_cast<double>(rounds) * (kStart + plan.chunks * chunk);
  if (plan.slices == 1) return clocks;
  if (plan.clusters) return clocks + static_cast<double>(rounds) * kCluster;
  return clocks + kJoinLaunch + 8.0 * kTileTokens * token_tiles * static_cast<double>(columns) * plan.slices / kL2Bytes;
}

}  // namespace

std::int64_t tile_columns(const LinearArgs& args, int warps) {
  const std::int64_t of_cta = warps * kTileColumns;
  std::int64_t columns = 0;
  for (int i = 0; i < args.num_segments; ++i) columns += ceil_div(args.segments[i].out_features, of_cta) * of_cta;
  return columns;
}

std::size_t partial_bytes(const LinearArgs& args, const TilePlan& plan) {
  return static_cast<std::size_t>(tile_columns(args, plan.warps) * plan.slices * kMaxRowsTile) * sizeof(float);
}

TilePlan plan_tile(const LinearArgs& args, const TileDevice& device) {
  const auto chunks = static_cast<int>(ceil_div(args.in_features, kChunk));
  TilePlan best{};
  double least = std::numeric_limits<double>::infinity();
  for (int warps = kTileMaxWarps; warps >= kTileMinWarps; --warps) {
    for (int slices = 1; slices <= std::min(kMaxSlices, chunks); ++slices) {
      const auto per_slice = static_cast<int>(ceil_div(chunks, slices));
      TilePlan plan{warps, static_cast<int>(ceil_div(chunks, per_slice)), per_slice, 1, false};
      plan.clusters = plan.slices > 1 && device.clusters[plan.slices] > 0;
      const std::int64_t ctas = tile_columns(args, warps) / (warps * kTileColumns) * plan.slices;
      if (args.rows <= kTileFewRows && ctas > device.multiprocessors) plan.resident = 2;
      if (plan.slices > 1 && !plan.clusters && partial_bytes(args, plan) > device.partial_bytes) continue;
      const double clocks = clocks_of(args, plan, device);
      if (clocks < least) least = clocks, best = plan;
    }
  }
  return best;
}

}  // namespace docket::kernels::cuda
