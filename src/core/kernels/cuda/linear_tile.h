// How a product of linear_tile is cut into CTAs, as plain functions that any machine can test.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/kernels/cuda/fragments.h"
#include "core/kernels/cuda/linear_args.h"

namespace docket::kernels::cuda {

inline constexpr int kTilePanels = 2;                         // of a warp
inline constexpr int kTileColumns = kTilePanels * kFeatures;  // features of a warp: one for each lane at the end
inline constexpr int kTileMinWarps = 4, kTileMaxWarps = 8;    // of a CTA

// What the kernel is told about slices of k.
struct TileSlices {
  float* partial;  // [slices][rows][all columns]; null: one slice, or a cluster's
  int chunks;      // of 64 k in a slice
  bool clusters;   // the slices of a group of features are one cluster
};

struct TilePlan {
  int warps;     // of a CTA, 32 features each
  int slices;    // of k; none is empty
  int chunks;    // of a slice
  int resident;  // CTAs that a multiprocessor has at once
  bool clusters;
};

// The columns of all segments together, each filled up to whole CTAs of `warps`.
std::int64_t tile_columns(const LinearArgs& args, int warps);

// Bytes of the sums of kMaxRowsTile rows.
std::size_t partial_bytes(const LinearArgs& args, const TilePlan& plan);

// Up to this many rows two CTAs share a multiprocessor, one at work while the other waits.
inline constexpr int kTileFewRows = 64;

// The plan depends on the weights, the device and whether the rows are few; on nothing else: so a row among 9 and the
// same row among 64 go through the same sums in the same order, and give the same bits. 65 to 256 rows likewise.
// Slices of no cluster only where their sums fit into the device's memory for them.
TilePlan plan_tile(const LinearArgs& args, const TileDevice& device);

}  // namespace docket::kernels::cuda
