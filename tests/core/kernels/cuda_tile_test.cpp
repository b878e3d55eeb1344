// How products of linear_tile are cut: all of k once, and every multiprocessor of an H100 at work for the model's
// shapes.
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "core/kernels/cuda/linear_tile.h"
#include "core/kernels/linear.h"
#include "tests/core/kernels/cuda_support.h"

namespace docket::kernels::cuda {
namespace {

LinearArgs product(std::vector<int> out_features, int in_features, int rows) {
  LinearArgs out{};
  out.rows = rows;
  out.in_features = in_features;
  out.num_segments = static_cast<int>(out_features.size());
  for (std::size_t i = 0; i < out_features.size(); ++i) out.segments[i].out_features = out_features[i];
  return out;
}

// Eight GPCs, six of 16 multiprocessors and two of 18: so many clusters of CTAs fit at once.
TileDevice h100(bool clusters) {
  TileDevice out{132, {}, nullptr, std::size_t{64} << 20};
  for (int size = 2; clusters && size <= kMaxSlices; ++size) out.clusters[size] = 6 * (16 / size) + 2 * (18 / size);
  return out;
}

TEST(TilePlan, TakesEveryChunkOnceInSlicesThatAreNotEmpty) {
  for (const bool clusters : {false, true})
    for (const int rows : {9, 100})
      for (const int n : {1, 16, 300, 1024, 4096, 14336, 128256})
        for (const int k : {1, 64, 65, 320, 588, 1280, 4096, 4160, 14336}) {
          const LinearArgs args = product({n}, k, rows);
          const TilePlan plan = plan_tile(args, h100(clusters));
          const int chunks = (k + kChunk - 1) / kChunk;
          EXPECT_GE(plan.slices * plan.chunks, chunks) << n << " " << k;
          EXPECT_LT((plan.slices - 1) * plan.chunks, chunks) << n << " " << k;
          EXPECT_TRUE(plan.warps >= kTileMinWarps && plan.warps <= kTileMaxWarps) << plan.warps;
          EXPECT_TRUE(plan.slices >= 1 && plan.slices <= kMaxSlices) << plan.slices;
          EXPECT_EQ(plan.clusters, clusters && plan.slices > 1);
          if (plan.slices > 1 && !plan.clusters) {
            EXPECT_LE(partial_bytes(args, plan), std::size_t{64} << 20);
          }
        }
}

TEST(TilePlan, IsOneForFewRowsAndOneForMany) {
  for (const bool clusters : {false, true})
    for (const auto& [least, most] : {std::pair{9, 64}, std::pair{65, 256}}) {
      const TilePlan a = plan_tile(product({4096}, 14336, least), h100(clusters));
      const TilePlan b = plan_tile(product({4096}, 14336, most), h100(clusters));
      EXPECT_EQ(a.warps, b.warps);
      EXPECT_EQ(a.slices, b.slices);
      EXPECT_EQ(a.chunks, b.chunks);
    }
}

// An even share of columns by chunks against the work of the busiest multiprocessor.
double evenness(const LinearArgs& args, const TileDevice& device) {
  const TilePlan plan = plan_tile(args, device);
  const std::int64_t groups = tile_columns(args, plan.warps) / (plan.warps * kTileColumns);
  const std::int64_t at_once = plan.resident * (plan.clusters ? device.clusters[plan.slices] : device.multiprocessors);
  const std::int64_t rounds = ((plan.clusters ? groups : groups * plan.slices) + at_once - 1) / at_once;
  double columns = 0;
  for (int i = 0; i < args.num_segments; ++i) columns += args.segments[i].out_features;
  const int chunks = (args.in_features + kChunk - 1) / kChunk;
  return columns * chunks / device.multiprocessors /
         static_cast<double>(rounds * plan.resident * plan.chunks * plan.warps * kTileColumns);
}

TEST(TilePlan, KeepsTheDeviceBusyWithTheModelsWeights) {
  for (const bool clusters : {false, true})
    for (const int rows : {32, 100}) {
      const TileDevice device = h100(clusters);
      EXPECT_GE(evenness(product({4096}, 4096, rows), device), 0.85);
      EXPECT_GE(evenness(product({4096}, 14336, rows), device), 0.85);
      EXPECT_GE(evenness(product({14336}, 4096, rows), device), 0.85);
      EXPECT_GE(evenness(product({14336, 14336}, 4096, rows), device), 0.85);
      EXPECT_GE(evenness(product({4096, 1024, 1024}, 4096, rows), device), 0.7);
      EXPECT_GE(evenness(product({128256}, 4096, rows), device), 0.85);
    }
}

class TileOnDevice : public Cuda {};

TEST_P(TileOnDevice, AddsUpSlicesThroughMemoryAndThroughClusters) {
  int device_number = 0, multiprocessors = 0, shared_bytes = 0;
  cudaGetDevice(&device_number);
  cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount, device_number);
  cudaDeviceGetAttribute(&shared_bytes, cudaDevAttrMaxSharedMemoryPerBlockOptin, device_number);
  if (shared_bytes < kTileSharedBytes) GTEST_SKIP() << "linear_tile does not run with " << shared_bytes << " bytes";
  const std::int64_t n = 100, k = 2048, rows = 120;
  const auto values = rounded_to_half(random_values(static_cast<std::size_t>(n * k), 1, 0.05F));
  std::vector<std::uint16_t> halves;
  for (const float value : values) halves.push_back(f32_to_f16(value));
  std::vector<std::byte> memory(static_cast<std::size_t>(n + 16) * static_cast<std::size_t>(k) * 4);
  auto* start = memory.data() + (64 - reinterpret_cast<std::uintptr_t>(memory.data()) % 64) % 64;
  Arena host(start, memory.size() - 64);
  LinearWeight w = pack_linear(host, DType::kF16, halves.data(), n, k);
  const auto x = rounded_to_half(random_values(static_cast<std::size_t>(rows * k), 2));
  std::vector<float> expected(static_cast<std::size_t>(rows * n));
  linear(plain(), Matrix(const_cast<float*>(x.data()), rows, k), w, Matrix(expected.data(), rows, n));

  w.device = this->device().place(w, arena_);
  const Matrix x_device = put(x, rows, k, DType::kF16);
  TileDevice tile{multiprocessors, {}, nullptr, std::size_t{64} << 20};
  tile.partial = reinterpret_cast<float*>(arena_.take<std::byte>(static_cast<std::int64_t>(tile.partial_bytes)));
  LinearArgs args = product({static_cast<int>(n)}, static_cast<int>(k), static_cast<int>(rows));
  args.x = static_cast<const half*>(x_device.data);
  args.x_stride = x_device.stride;
  args.aligned = true;
  for (const bool clusters : {false, true}) {
    if (clusters) count_tile_clusters(tile);
    const TilePlan plan = plan_tile(args, tile);
    if (clusters && !plan.clusters) continue;  // older than sm_90
    ASSERT_GT(plan.slices, 1);
    const Matrix y = poisoned(rows, n, DType::kF32);
    args.segments[0] = {w.device.panels, w.device.scales, w.device.code,       nullptr,
                        y.data,          y.stride,        static_cast<int>(n), 0};
    ASSERT_TRUE(this->device().finish());
    launch_linear_tile_sm80(args, DeviceFormat::kF16, tile, {nullptr, false, multiprocessors});
    ASSERT_EQ(cudaDeviceSynchronize(), cudaSuccess);
    // Products of halves are exact; 128 sums in fp32 that tensor cores may cut off, 2^-23 each.
    EXPECT_LE(relative_l2(get(y), expected), 128.0 / (1 << 23)) << clusters;
  }
}

INSTANTIATE_TEST_SUITE_P(Path, TileOnDevice, ::testing::Values("own"),
                         [](const auto& p) { return std::string(p.param); });

}  // namespace
}  // namespace docket::kernels::cuda
