// linear_tile on m16n8k16: A100 and newer.
#include <algorithm>
#include <cstddef>

#include "core/kernels/cuda/linear_tile.cuh"

namespace docket::kernels::cuda {
namespace {

cudaLaunchAttribute cluster_of(int slices) {
  cudaLaunchAttribute out{};
  out.id = cudaLaunchAttributeClusterDimension;
  out.val.clusterDim.x = 1;
  out.val.clusterDim.y = static_cast<unsigned>(slices);
  out.val.clusterDim.z = 1;
  return out;
}

// A launch's attributes lie beside it: the launch points to them.
struct TileLaunch {
  cudaLaunchAttribute attributes[2];
  cudaLaunchConfig_t config;

  TileLaunch(dim3 grid, int warps, int shared_bytes, const LaunchOptions& options, int cluster_slices)
      : attributes{}, config{} {
    config.gridDim = grid;
    config.blockDim = dim3(static_cast<unsigned>(warps) * 32);
    config.dynamicSmemBytes = static_cast<std::size_t>(shared_bytes);
    config.stream = options.stream;
    config.attrs = attributes;
    if (cluster_slices > 1) attributes[config.numAttrs++] = cluster_of(cluster_slices);
    if (!options.overlap) return;
    cudaLaunchAttribute& overlap = attributes[config.numAttrs++];
    overlap.id = cudaLaunchAttributeProgrammaticStreamSerialization;
    overlap.val.programmaticStreamSerializationAllowed = 1;
  }
  TileLaunch(const TileLaunch&) = delete;
  TileLaunch& operator=(const TileLaunch&) = delete;
};

template <class Format, int kTiles>
void launch_tiles(const LinearArgs& args, const TilePlan& plan, const TileSlices& slices,
                  const LaunchOptions& options) {
  const TileShared<Format, kTiles> layout{plan.warps};
  static_assert(TileShared<Format, kTiles>{kTileMaxWarps}.bytes() <= kTileSharedBytes, "more than an A100 has");
  cudaFuncSetAttribute(linear_tile<Format, kTiles>, cudaFuncAttributeMaxDynamicSharedMemorySize, layout.bytes());
  constexpr int kTokens = kTiles * kTileTokens;
  const auto groups = static_cast<unsigned>(tile_columns(args, plan.warps) / (plan.warps * kTileColumns));
  const dim3 grid(groups, static_cast<unsigned>(plan.slices),
                  static_cast<unsigned>((args.rows + kTokens - 1) / kTokens));
  const TileLaunch tile(grid, plan.warps, layout.bytes(), options, plan.clusters ? plan.slices : 1);
  cudaLaunchKernelEx(&tile.config, linear_tile<Format, kTiles>, args, slices);
  if (plan.clusters || slices.partial == nullptr) return;
  launch(options, linear_join<Format>, dim3(groups, static_cast<unsigned>(args.rows)), plan.warps * kTileColumns, 0,
         args, slices, plan.slices);
}

// The fewest tiles that take all rows in the fewest passes: a tile without tokens costs as much as a full one.
template <class Format>
void launch_format(const LinearArgs& args, const TilePlan& plan, const TileSlices& slices,
                   const LaunchOptions& options) {
  constexpr int kMostTiles = 16;
  const int tiles = (args.rows + kTileTokens - 1) / kTileTokens, passes = (tiles + kMostTiles - 1) / kMostTiles;
  const int of_pass = (tiles + passes - 1) / passes;
  if (of_pass <= 2) return launch_tiles<Format, 2>(args, plan, slices, options);
  if (of_pass <= 4) return launch_tiles<Format, 4>(args, plan, slices, options);
  if (of_pass <= 8) return launch_tiles<Format, 8>(args, plan, slices, options);
  if (of_pass <= 13) return launch_tiles<Format, 13>(args, plan, slices, options);
  launch_tiles<Format, 16>(args, plan, slices, options);
}

}  // namespace

// Of the largest CTAs, one on a multiprocessor: a lower bound for all. None where this program's code for the device is
// the intermediate one of an architecture without clusters.
void count_tile_clusters(TileDevice& device) {
  const auto kernel = linear_tile<Code4Format, 16>;
  cudaFuncAttributes attributes{};
  if (cudaFuncGetAttributes(&attributes, kernel) != cudaSuccess || attributes.ptxVersion < 90) return;
  const int bytes = TileShared<Code4Format, 16>{kTileMaxWarps}.bytes();
  cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes);
  for (int slices = 2; slices <= kMaxSlices; ++slices) {
    const TileLaunch tile(dim3(1, static_cast<unsigned>(slices)), kTileMaxWarps, bytes, LaunchOptions{}, slices);
    const bool known = cudaOccupancyMaxActiveClusters(&device.clusters[slices], kernel, &tile.config) == cudaSuccess;
    if (!known) device.clusters[slices] = 0;
  }
  cudaGetLastError();  // a refusal was an answer
}

void launch_linear_tile_sm80(LinearArgs args, DeviceFormat format, const TileDevice& device,
                             const LaunchOptions& options) {
  const TilePlan plan = plan_tile(args, device);
  // A residual's old value is read where many threads wait for it, not row by row at the end of a CTA.
  const bool join = plan.slices > 1 ? !plan.clusters : (args.add && partial_bytes(args, plan) <= device.partial_bytes);
  const TileSlices slices{join ? device.partial : nullptr, plan.chunks, plan.clusters};
  int blocks = 0;
  for (int i = 0; i < args.num_segments; ++i) {
    const int of_cta = plan.warps * kTileColumns;
    args.segments[i].first_block = blocks;
    blocks += (args.segments[i].out_features + of_cta - 1) / of_cta;
  }
  const int rows = args.rows;
  for (int first = 0; first < rows; first += kMaxRowsTile) {
    LinearArgs part = args;
    part.rows = std::min(rows - first, kMaxRowsTile);
    part.x += first * args.x_stride;
    for (int i = 0; i < args.num_segments; ++i) {
      LinearSegment& s = part.segments[i];
      s.y = static_cast<std::byte*>(s.y) + first * s.y_stride * (args.y_half ? 2 : 4);
    }
    if (format == DeviceFormat::kCode4) launch_format<Code4Format>(part, plan, slices, options);
    if (format == DeviceFormat::kI8) launch_format<Int8Format>(part, plan, slices, options);
    if (format == DeviceFormat::kF16) launch_format<HalfFormat>(part, plan, slices, options);
  }
}

}  // namespace docket::kernels::cuda
