// y = x Wᵀ for some rows of x, straight from packed weights. (1..8 rows: linear_stream.cuh.)
//
// Bytes: every weight is read once from device memory (0.531 B in 4 bits, 1 in 8, 2 in 16), x comes from the caches.
// From 32 rows on x's own traffic from L2 shows.
//
// A CTA has kPanels panels of 16 features; its warps share the k groups (4 chunks of 64) out among themselves and add
// up at the end in shared memory. Each warp goes: load a unit of packed chunks, expand them to registers, multiply by
// each tile of 8 tokens. Neither operand passes shared memory (fragments.h).
#pragma once

#include "core/kernels/cuda/launch.cuh"
#include "core/kernels/cuda/linear_formats.cuh"

namespace docket::kernels::cuda {

struct ArchSm80 {
  static constexpr int kCells = 4;  // accumulators of a panel and token tile
  static constexpr int kSets = 2;   // of linear_stream's sums, that do not wait for each other
  static __device__ Slot slot(int lane) { return slot_sm80(lane); }
  static __device__ Cell cell(int lane, int i) { return cell_sm80(lane, i); }
  static __device__ void multiply(float* c, const std::uint32_t (*a)[8], const std::uint32_t* b) {
#pragma unroll
    for (int s = 0; s < 4; ++s)
      mma_sm80(c, a[0][2 * s], a[1][2 * s], a[0][2 * s + 1], a[1][2 * s + 1], b[2 * s], b[2 * s + 1]);
  }
  static __device__ void finish(float*) {}
  static __device__ bool writes(int) { return true; }
};

struct ArchSm70 {
  static constexpr int kCells = 16;  // features 0..7, then 8..15
  static constexpr int kSets = 1;
  static __device__ Slot slot(int lane) { return slot_sm70(lane); }
  static __device__ Cell cell(int lane, int i) {
    const Cell c = cell_sm70(lane, i & 7);
    return {c.row + (i & 8), c.col};
  }
  static __device__ void multiply(float* c, const std::uint32_t (*a)[8], const std::uint32_t* b) {
#pragma unroll
    for (int s = 0; s < 4; ++s) {
      mma_sm70(c, a[0][2 * s], a[0][2 * s + 1], b[2 * s], b[2 * s + 1]);
      mma_sm70(c + 8, a[1][2 * s], a[1][2 * s + 1], b[2 * s], b[2 * s + 1]);
    }
  }
  // The quad pairs had different k.
  static __device__ void finish(float* c) {
#pragma unroll
    for (int i = 0; i < kCells; ++i) {
      c[i] += __shfl_xor_sync(0xFFFFFFFFU, c[i], 4);
      c[i] += __shfl_xor_sync(0xFFFFFFFFU, c[i], 8);
    }
  }
  static __device__ bool writes(int lane) { return slot_sm70(lane).t == 0; }
};

// Token `row`'s 16 values from k on; zeros past the last row or the last k.
static __device__ __forceinline__ void load_tokens(std::uint32_t* b, const LinearArgs& args, int row, int k) {
  if (row >= args.rows) {
#pragma unroll
    for (int i = 0; i < 8; ++i) b[i] = 0;
    return;
  }
  if (args.aligned && k + 16 <= args.in_features) {
    const auto* source = reinterpret_cast<const uint4*>(args.x + row * args.x_stride + k);
    const uint4 first = source[0], second = source[1];
    b[0] = first.x, b[1] = first.y, b[2] = first.z, b[3] = first.w;
    b[4] = second.x, b[5] = second.y, b[6] = second.z, b[7] = second.w;
    return;
  }
#pragma unroll
  for (int i = 0; i < 8; ++i) {
    const half* source = args.x + row * args.x_stride + k + 2 * i;
    const bool low = k + 2 * i < args.in_features, high = k + 2 * i + 1 < args.in_features;
    b[i] = as_bits(__halves2half2(low ? source[0] : __ushort_as_half(0), high ? source[1] : __ushort_as_half(0)));
  }
}

static __device__ __forceinline__ float gelu_of(float z) {
  return 0.5F * z * (1.0F + erff(z * 0.70710678118654752440F));
}

static __device__ __forceinline__ void write_value(const LinearArgs& args, const LinearSegment& s, int m, int n,
                                                   float sum) {
  const std::int64_t at = m * s.y_stride + n;
  if (args.y_half) {
    half* y = static_cast<half*>(s.y) + at;
    *y = to_half(args.add ? __half2float(*y) + args.factor * sum : sum);
  } else {
    float* y = static_cast<float*>(s.y) + at;
    *y = args.add ? *y + args.factor * sum : sum;
  }
}

static __device__ __forceinline__ void write_linear(const LinearArgs& args, const LinearSegment& s, int m, int n,
                                                    float sum) {
  if (s.bias != nullptr) sum += s.bias[n];
  if (args.activation == Activation::kGelu) sum = gelu_of(sum);
  write_value(args, s, m, n, sum);
}

template <class Format, int kTiles, int kPanels, int kWarps>
struct LinearShared {
  static constexpr int kSums = kWarps * kPanels * kFeatures * kTiles * kTileTokens * 4;
  static constexpr int kBytes = kSums > Format::kTableBytes ? kSums : Format::kTableBytes;
};

template <class Arch, class Format, int kTiles, int kPanels, int kWarps>
__global__ void __launch_bounds__(kWarps * 32) linear_small(const __grid_constant__ LinearArgs args) {
  __shared__ alignas(16) unsigned char shared[LinearShared<Format, kTiles, kPanels, kWarps>::kBytes];
  allow_next();
  const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
  const Slot slot = Arch::slot(lane);
  int number = 0;
  while (number + 1 < args.num_segments && static_cast<int>(blockIdx.x) >= args.segments[number + 1].first_block)
    ++number;
  const LinearSegment& s = args.segments[number];
  const int chunks = (args.in_features + kChunk - 1) / kChunk, groups = (chunks + kGroup - 1) / kGroup;
  const int last_panel = (s.out_features + kFeatures - 1) / kFeatures - 1;
  const int first_panel = (static_cast<int>(blockIdx.x) - s.first_block) * kPanels;
  const int first_token = static_cast<int>(blockIdx.y) * kTiles * kTileTokens;
  Format::fill_table(shared, s.code, static_cast<int>(threadIdx.x), kWarps * 32);
  __syncthreads();
  wait_for_previous();

  float sums[kPanels][kTiles][Arch::kCells];
#pragma unroll
  for (int p = 0; p < kPanels; ++p)
#pragma unroll
    for (int tile = 0; tile < kTiles; ++tile)
#pragma unroll
      for (int i = 0; i < Arch::kCells; ++i) sums[p][tile][i] = 0;

  for (int group = warp; group < groups; group += kWarps) {
    typename Format::Scales scales[kPanels];
#pragma unroll
    for (int p = 0; p < kPanels; ++p)
      scales[p] = Format::load_scales(s.scales, min(first_panel + p, last_panel), groups, group, slot);
#pragma unroll
    for (int unit = 0; unit < kGroup; unit += Format::kUnroll) {
      typename Format::Raw raw[Format::kUnroll][kPanels];
#pragma unroll
      for (int u = 0; u < Format::kUnroll; ++u) {
        const int chunk = min(group * kGroup + unit + u, chunks - 1);
#pragma unroll
        for (int p = 0; p < kPanels; ++p)
          raw[u][p] = load_slot<Format>(
              s.panels, static_cast<std::int64_t>(min(first_panel + p, last_panel)) * chunks + chunk, slot);
      }
#pragma unroll
      for (int u = 0; u < Format::kUnroll; ++u) {
        const int chunk = group * kGroup + unit + u;
        if (chunk >= chunks) break;
        std::uint32_t a[kPanels][2][8];
#pragma unroll
        for (int p = 0; p < kPanels; ++p) Format::expand(a[p], raw[u][p], scales[p], unit + u, shared, lane);
#pragma unroll
        for (int tile = 0; tile < kTiles; ++tile) {
          std::uint32_t b[8];
          load_tokens(b, args, first_token + tile * kTileTokens + slot.g, chunk * kChunk + 16 * slot.t);
#pragma unroll
          for (int p = 0; p < kPanels; ++p) Arch::multiply(sums[p][tile], a[p], b);
        }
      }
    }
  }

  __syncthreads();  // the table's memory now holds sums: [warp][token][feature]
  auto* all = reinterpret_cast<float*>(shared);
  constexpr int kRow = kPanels * kFeatures, kCount = kRow * kTiles * kTileTokens;
#pragma unroll
  for (int p = 0; p < kPanels; ++p) {
#pragma unroll
    for (int tile = 0; tile < kTiles; ++tile) {
      Arch::finish(sums[p][tile]);
#pragma unroll
      for (int i = 0; i < Arch::kCells; ++i) {
        const Cell c = Arch::cell(lane, i);
        if (Arch::writes(lane))
          all[warp * kCount + (tile * kTileTokens + c.col) * kRow + p * kFeatures + c.row] = sums[p][tile][i];
      }
    }
  }
  __syncthreads();
  for (int i = static_cast<int>(threadIdx.x); i < kCount; i += kWarps * 32) {
    const int m = first_token + i / kRow, n = first_panel * kFeatures + i % kRow;
    if (m >= args.rows || n >= s.out_features) continue;
    float sum = 0;
#pragma unroll
    for (int w = 0; w < kWarps; ++w) sum += all[w * kCount + i];
    write_linear(args, s, m, n, sum * Format::row_scale(s.scales, n));
  }
}

template <class Arch, class Format, int kTiles, int kPanels, int kWarps>
void launch_tiles(LinearArgs& args, const LaunchOptions& options) {
  int blocks = 0;
  for (int i = 0; i < args.num_segments; ++i) {
    args.segments[i].first_block = blocks;
    blocks += (args.segments[i].out_features + kFeatures * kPanels - 1) / (kFeatures * kPanels);
  }
  constexpr int kTokens = kTiles * kTileTokens;
  const dim3 grid(static_cast<unsigned>(blocks), static_cast<unsigned>((args.rows + kTokens - 1) / kTokens));
  launch(options, linear_small<Arch, Format, kTiles, kPanels, kWarps>, grid, kWarps * 32, 0, args);
}

}  // namespace docket::kernels::cuda
