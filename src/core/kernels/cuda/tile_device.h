// What linear_tile knows of a device: asked once, when its context is made.
#pragma once

#include <cstddef>

namespace docket::kernels::cuda {

inline constexpr int kTileSharedBytes = 163 << 10;  // that a CTA can have: A100, H100 and newer of their kind
inline constexpr int kMaxSlices = 8;                // of k, and CTAs of a cluster

struct TileDevice {
  int multiprocessors;
  int clusters[kMaxSlices + 1];  // how many of so many CTAs run at once; 0: the device has none
  float* partial;                // for the sums of slices of k
  std::size_t partial_bytes;
};
// Fills `clusters`.
void count_tile_clusters(TileDevice& device);

}  // namespace docket::kernels::cuda
