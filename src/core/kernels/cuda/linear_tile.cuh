// y = x Wᵀ for 9 to some hundred rows of x, straight from packed weights: prefill, and decode steps of many documents.
//
// A CTA has kPanels panels of 16 features a warp, all tokens of the launch (up to 128; more take further passes), and a
// slice of k. Chunk by chunk of 64 k, x's tile and the packed weights come to shared memory through cp.async, kStages
// deep. Each warp expands its own panels to registers once and multiplies them by every tile of 8 tokens; the tokens'
// fragments serve kPanels panels. From 65 rows on a warp expands the next chunk while the tensor cores have this one,
// and two chunks go between barriers; with fewer rows a second CTA of the multiprocessor fills the gaps. So x is read
// from L2 once a CTA, weights once a launch, and what bounds the kernel is the shared memory's 128 bytes a clock: for a
// panel and chunk of 4 bits 16 clocks of table, 12 of staging, 4 for each tile of tokens.
//
// With k in slices, the CTAs of a cluster read each other's fp32 sums (sm_90), or each CTA leaves its sums in `partial`
// and linear_join adds them. Either way slice by slice: the result does not depend on which CTA was first.
#pragma once

#include <cooperative_groups.h>

#include <type_traits>

#include "core/kernels/cuda/linear_small.cuh"
#include "core/kernels/cuda/linear_tile.h"

namespace docket::kernels::cuda {

inline constexpr int kTokenBytes = kChunk * 2;    // a token's part of a chunk
inline constexpr int kSumRow = kTileColumns + 4;  // fp32 between tokens: four tokens in different banks

// Where things lie in a CTA's shared memory. The sums take its place once the last chunk is done.
template <class Format, int kTiles>
struct TileShared {
  static constexpr bool kScaled = !std::is_empty_v<typename Format::Scales>;  // a scale for each feature and chunk
  static constexpr int kTokens = kTiles * kTileTokens;
  static constexpr int kPanelBytes = static_cast<int>(sizeof(typename Format::Raw)) * 32;  // of one chunk
  // Whether the next chunk is expanded beside the products of this one: what two CTAs of a multiprocessor have no
  // registers for, and 16 bits no need.
  static constexpr bool kAhead = kTiles > 8 && kPanelBytes <= 1024;
  static constexpr int kStep = kAhead ? 2 : 1;  // chunks between barriers
  // Three chunks of 4 bits under way are fewer bytes than the way to memory holds: more while tokens leave the room.
  static constexpr int kStages = kPanelBytes > 1024 ? 3 : (kAhead ? 5 : (kPanelBytes <= 512 && kTiles <= 4 ? 6 : 4));
  // Copies that may be under way once a step's own chunks are there, and the one behind them that it expands.
  static constexpr int kPending = kStages - 2 * kStep - (kAhead ? 1 : 0);
  static constexpr int kScaleBytes = kScaled ? kFeatures * kGroup * 2 : 0;  // a panel's, of one group
  static constexpr int kScaleSlots = kStages > 4 ? 3 : 2;
  // A group's scales come kStages - 1 chunks ahead of its first chunk, while those of the groups before are read.
  static_assert((kStages - 1 + kGroup - 1) / kGroup < kScaleSlots, "scales in use would be overwritten");

  // Of a multiprocessor of sm_90: 16-bit weights for 64 tokens take too much for two.
  static constexpr int kCtas = kTiles <= 4 || (kTiles <= 8 && kStages > 3) ? 2 : 1;

  int warps;
  __host__ __device__ constexpr int stage_bytes() const {
    return kTokens * kTokenBytes + warps * kTilePanels * kPanelBytes;
  }
  __host__ __device__ constexpr int scales_at() const { return Format::kTableBytes; }
  __host__ __device__ constexpr int stages_at() const {
    return scales_at() + kScaleSlots * warps * kTilePanels * kScaleBytes;
  }
  __host__ __device__ constexpr int bytes() const {
    const int chunks = stages_at() + kStages * stage_bytes(), sums = warps * kTokens * kSumRow * 4;
    return chunks > sums ? chunks : sums;
  }
};

// 8 halves of a token, to shared memory; zeros past the last row or the last k.
static __device__ __forceinline__ void copy_odd_tokens(unsigned char* to, const half* from, bool valid, int count) {
  auto* halves = reinterpret_cast<half*>(to);
#pragma unroll
  for (int i = 0; i < 8; ++i) halves[i] = valid && i < count ? from[i] : __ushort_as_half(0);
}

// A chunk of kTokens tokens from first_token on, to shared memory. A thread takes the same unit of every step-th token:
// threads / 8, an even number, so that its place within a token stays.
template <int kTokens>
static __device__ __forceinline__ void copy_tokens(unsigned char* to, const LinearArgs& args, int first_token,
                                                   int chunk, int thread, int step) {
  const int k = chunk * kChunk + thread % 8 * 8;
  const bool whole = args.aligned && k + 8 <= args.in_features;
  to += token_unit(thread / 8, thread % 8) * 16;
  const half* from = args.x + (first_token + thread / 8) * args.x_stride + k;
  const std::int64_t stride = step * args.x_stride;
#pragma unroll 1
  for (int token = thread / 8; token < kTokens; token += step) {
    const bool valid = first_token + token < args.rows;  // a source that is not is not touched
    if (whole) {
      copy_async(to, from, valid);
    } else {
      copy_odd_tokens(to, from, valid, args.in_features - k);
    }
    from += stride;
    to += step * kTokenBytes;
  }
}

// The packed chunks of one warp. Offsets, in 32 bits of 16 bytes, are made anew for each chunk: registers are what the
// kernel is short of.
template <class Format>
struct TileWeights {
  static constexpr int kUnits = sizeof(typename Format::Raw) / sizeof(uint4);  // of a slot of a chunk
  static constexpr int kScaleUnits = kFeatures * kGroup / 8;                   // of a panel's group
  const LinearSegment& segment;
  int chunks, first_panel;

  __device__ unsigned panel(int p) const {
    return static_cast<unsigned>(min(first_panel + p, (segment.out_features + kFeatures - 1) / kFeatures - 1));
  }
  __device__ void copy_chunk(unsigned char* to, int chunk, int lane) const {
#pragma unroll
    for (int p = 0; p < kTilePanels; ++p) {
      const auto* from = static_cast<const uint4*>(segment.panels) + (panel(p) * chunks + chunk) * (kUnits * 32) + lane;
#pragma unroll
      for (int i = 0; i < kUnits; ++i) copy_async(to + ((p * kUnits + i) * 32 + lane) * 16, from + i * 32, true);
    }
  }
  // Eight lanes.
  __device__ void copy_scales(unsigned char* to, int group, int lane) const {
    if (lane >= kScaleUnits) return;
    const int groups = (chunks + kGroup - 1) / kGroup;
#pragma unroll
    for (int p = 0; p < kTilePanels; ++p)
      copy_async(to + (p * kScaleUnits + lane) * 16,
                 static_cast<const uint4*>(segment.scales) + (panel(p) * groups + group) * kScaleUnits + lane, true);
  }
};

template <class Format>
static __device__ __forceinline__ void expand_staged(std::uint32_t (*a)[8], const unsigned char* weights,
                                                     const unsigned char* scales, int chunk, const unsigned char* table,
                                                     int lane) {
  typename Format::Raw raw;
  typename Format::Scales scale{};
#pragma unroll
  for (int i = 0; i < static_cast<int>(sizeof(raw) / sizeof(uint4)); ++i)
    reinterpret_cast<uint4*>(&raw)[i] = reinterpret_cast<const uint4*>(weights)[i * 32 + lane];
  if constexpr (!std::is_empty_v<typename Format::Scales>) {
    const auto* fours = reinterpret_cast<const uint2*>(scales);
    scale = {fours[lane >> 2], fours[(lane >> 2) + 8]};
  }
  Format::expand(a, raw, scale, chunk & (kGroup - 1), table, lane);
}

static_assert(kTilePanels == 2);

template <int kTiles>
using TileSums = float[kTilePanels][kTiles][ArchSm80::kCells];

// One chunk: tiles kFirst .. kEnd - 1 of the tokens times the warp's panels.
template <int kFirst, int kEnd, int kTiles>
static __device__ __forceinline__ void multiply_chunk(float (&sums)[kTilePanels][kTiles][ArchSm80::kCells],
                                                      const std::uint32_t (*a)[2][8], const unsigned char* tokens,
                                                      Slot slot) {
  const unsigned char* low = tokens + token_unit(slot.g, 2 * slot.t) * 16;
  const unsigned char* high = tokens + token_unit(slot.g, 2 * slot.t + 1) * 16;
#pragma unroll
  for (int tile = kFirst; tile < kEnd; ++tile) {
    const uint4 first = *reinterpret_cast<const uint4*>(low + tile * kTileTokens * kTokenBytes);
    const uint4 second = *reinterpret_cast<const uint4*>(high + tile * kTileTokens * kTokenBytes);
    const std::uint32_t b[8] = {first.x, first.y, first.z, first.w, second.x, second.y, second.z, second.w};
#pragma unroll
    for (int p = 0; p < kTilePanels; ++p) ArchSm80::multiply(sums[p][tile], a[p], b);
  }
}

// The warp's sums to its own part of shared memory: [token][feature].
template <int kTiles>
static __device__ __forceinline__ void lay_out_sums(float* own, const TileSums<kTiles>& sums, int lane) {
#pragma unroll
  for (int tile = 0; tile < kTiles; ++tile) {
#pragma unroll
    for (int p = 0; p < kTilePanels; ++p) {
#pragma unroll
      for (int i = 0; i < ArchSm80::kCells; ++i) {
        const Cell c = ArchSm80::cell(lane, i);
        own[(tile * kTileTokens + c.col) * kSumRow + p * kFeatures + c.row] = sums[p][tile][i];
      }
    }
  }
}

static __device__ __forceinline__ int bounded(const LinearSegment& s, int n) { return min(n, s.out_features - 1); }

// y's old values of a residual to the L1, so that write_linear waits for them once.
static __device__ __forceinline__ void prefetch_old(const LinearArgs& args, const LinearSegment& s, int m, int n) {
  const char* at = static_cast<const char*>(s.y) + (m * s.y_stride + n) * (args.y_half ? 2 : 4);
  asm volatile("prefetch.global.L1 [%0];" ::"l"(at));
}

// A CTA of a cluster (one slice of k each, in the order of ranks) adds up all slices' sums of every slices-th token.
// `sums`: column n of the CTA's first token in shared memory. Eight tokens at a time hide the way to the other CTAs.
static __device__ __forceinline__ void write_cluster(const LinearArgs& args, const LinearSegment& s, float* sums,
                                                     int first_token, int tokens, int n, float scale) {
#if __CUDA_ARCH__ >= 900
  constexpr int kAtOnce = 8;
  const auto cluster = cooperative_groups::this_cluster();
  const int count = static_cast<int>(gridDim.y), rank = static_cast<int>(blockIdx.y);
  cluster.sync();  // all sums are there
#pragma unroll 1
  for (int m = rank; m < tokens; m += kAtOnce * count) {
    float all[kAtOnce] = {};
#pragma unroll 4
    for (int slice = 0; slice < count; ++slice) {
      const float* theirs = cluster.map_shared_rank(sums, slice);
#pragma unroll
      for (int i = 0; i < kAtOnce; ++i) all[i] += theirs[min(m + i * count, tokens - 1) * kSumRow];
    }
    if (n >= s.out_features) continue;
#pragma unroll
    for (int i = 0; i < kAtOnce; ++i)
      if (args.add && m + i * count < tokens) prefetch_old(args, s, first_token + m + i * count, n);
#pragma unroll
    for (int i = 0; i < kAtOnce; ++i)
      if (m + i * count < tokens) write_linear(args, s, first_token + m + i * count, n, all[i] * scale);
  }
  cluster.sync();  // none leaves while its sums are read
#endif
}

static __device__ __forceinline__ int segment_of(const LinearArgs& args, int block) {
  int number = 0;
  while (number + 1 < args.num_segments && block >= args.segments[number + 1].first_block) ++number;
  return number;
}

// Grid: groups of features (all segments), slices of k, passes over tokens.
template <class Format, int kTiles>
__global__ void __launch_bounds__(kTileMaxWarps * 32, TileShared<Format, kTiles>::kCtas)
    linear_tile(const __grid_constant__ LinearArgs args, const TileSlices slices) {
  extern __shared__ uint4 tile_memory[];
  using Shared = TileShared<Format, kTiles>;
  auto* shared = reinterpret_cast<unsigned char*>(tile_memory);
  int thread = static_cast<int>(threadIdx.x), step = static_cast<int>(blockDim.x) / 8;
  const Shared layout{static_cast<int>(blockDim.x) / 32};
  const LinearSegment& s = args.segments[segment_of(args, static_cast<int>(blockIdx.x))];
  const int chunks = (args.in_features + kChunk - 1) / kChunk;
  const int begin = static_cast<int>(blockIdx.y) * slices.chunks;
  int end = min(begin + slices.chunks, chunks);
  const int first_token = static_cast<int>(blockIdx.z) * Shared::kTokens;
  const int first_column = (static_cast<int>(blockIdx.x) - s.first_block) * layout.warps * kTileColumns;
  unsigned char* stages = shared + layout.stages_at();
  const int stage_bytes = layout.stage_bytes();
  const auto weights_of = [&](int warp) {
    return Shared::kTokens * kTokenBytes + warp * kTilePanels * Shared::kPanelBytes;
  };
  const auto scales_of = [&](int group, int warp) {
    const int slot = (group % Shared::kScaleSlots) * layout.warps + warp;
    return shared + layout.scales_at() + slot * kTilePanels * Shared::kScaleBytes;
  };
  const auto fetch_weights = [&](int chunk, int stage, bool first) {
    if (chunk >= end) return;
    const int lane = thread % 32, warp = thread / 32;
    const TileWeights<Format> weights{s, chunks, first_column / kFeatures + warp * kTilePanels};
    weights.copy_chunk(stages + stage * stage_bytes + weights_of(warp), chunk, lane);
    if (Shared::kScaled && (first || chunk % kGroup == 0))
      weights.copy_scales(scales_of(chunk / kGroup, warp), chunk / kGroup, lane);
  };
  const auto fetch_tokens = [&](int chunk, int stage) {
    if (chunk < end) copy_tokens<Shared::kTokens>(stages + stage * stage_bytes, args, first_token, chunk, thread, step);
    commit_copies();  // an empty group past the end keeps the count
  };
  // A chunk past the end gives values that nothing is multiplied by.
  const auto expand = [&](std::uint32_t(*a)[2][8], int p, int chunk, int stage) {
    const int lane = thread % 32, warp = thread / 32;
    expand_staged<Format>(a[p], stages + stage * stage_bytes + weights_of(warp) + p * Shared::kPanelBytes,
                          scales_of(chunk / kGroup, warp) + p * Shared::kScaleBytes, chunk, shared, lane);
  };
  const auto after = [](int stage, int count) {
    const int next = stage + count;
    return next >= Shared::kStages ? next - Shared::kStages : next;
  };

  // What depends on no other kernel comes first; the first group of copies has the weights of all.
  constexpr int kFetched = Shared::kStages - Shared::kStep;  // chunks ahead
  allow_next();
  for (int stage = 0; stage < kFetched; ++stage) fetch_weights(begin + stage, stage, stage == 0);
  Format::fill_table(shared, s.code, thread, static_cast<int>(blockDim.x));
  wait_for_previous();
  for (int stage = 0; stage < kFetched; ++stage) fetch_tokens(begin + stage, stage);
  TileSums<kTiles> sums;
#pragma unroll
  for (int p = 0; p < kTilePanels; ++p)
#pragma unroll
    for (int tile = 0; tile < kTiles; ++tile)
#pragma unroll
      for (int i = 0; i < ArchSm80::kCells; ++i) sums[p][tile][i] = 0;

  std::uint32_t a[Shared::kStep][kTilePanels][2][8];
  if constexpr (Shared::kAhead) {
    wait_copies<kFetched - 1>();
    __syncthreads();
    expand(a[0], 0, begin, 0);
    expand(a[0], 1, begin, 0);
  }
  int stage = 0;
#pragma unroll 1
  for (int chunk = begin; chunk < end; chunk += Shared::kStep) {
    wait_copies<Shared::kPending>();
    __syncthreads();  // this step's chunks are there for all, and none reads those before it any more
    // Read again, and what follows from it made anew: the sums need the registers.
    asm volatile("mov.u32 %0, %%tid.x;" : "=r"(thread));
    if constexpr (Shared::kCtas > 1) {
      asm volatile("mov.u32 %0, %%ntid.x;" : "=r"(step));
      asm volatile("mov.u32 %0, %%ctaid.y;" : "=r"(end));
      step /= 8;
      end = min((end + 1) * slices.chunks, chunks);
    }
#pragma unroll
    for (int i = 0; i < Shared::kStep; ++i) {
      const int to = after(stage, kFetched + i);
      fetch_weights(chunk + kFetched + i, to, false);
      fetch_tokens(chunk + kFetched + i, to);
    }
#pragma unroll
    for (int i = 0; i < Shared::kStep; ++i) {
      if (i > 0 && chunk + i >= end) break;
      const int next = after(stage, 1);
      const unsigned char* tokens = stages + stage * stage_bytes;
      const Slot slot = ArchSm80::slot(thread % 32);
      if constexpr (Shared::kAhead) {
        // A panel's look-ups stay with a third of the products: left to itself, the compiler puts them all at the end.
        constexpr int kThird = (kTiles + 2) / 3;
        auto& ahead = a[(i + 1) % Shared::kStep];
        expand(ahead, 0, chunk + i + 1, next);
        multiply_chunk<0, kThird>(sums, a[i], tokens, slot);
        __syncwarp();
        expand(ahead, 1, chunk + i + 1, next);
        multiply_chunk<kThird, 2 * kThird>(sums, a[i], tokens, slot);
        __syncwarp();
        multiply_chunk<2 * kThird, kTiles>(sums, a[i], tokens, slot);
      } else {
        expand(a[0], 0, chunk, stage);
        expand(a[0], 1, chunk, stage);
        multiply_chunk<0, kTiles>(sums, a[0], tokens, slot);
      }
      stage = next;
    }
  }
  wait_copies<0>();
  __syncthreads();

  thread = static_cast<int>(threadIdx.x);
  const int lane = thread % 32, warp = thread / 32;
  float* own = reinterpret_cast<float*>(shared) + warp * Shared::kTokens * kSumRow;
  lay_out_sums<kTiles>(own, sums, lane);
  __syncwarp();
  const int tokens = min(Shared::kTokens, args.rows - first_token), n = first_column + warp * kTileColumns + lane;
  if (slices.clusters) {
    write_cluster(args, s, own + lane, first_token, tokens, n, Format::row_scale(s.scales, bounded(s, n)));
  } else if (slices.partial != nullptr) {
    const std::int64_t row = static_cast<std::int64_t>(gridDim.x) * layout.warps * kTileColumns;
    float* to = slices.partial + (static_cast<std::int64_t>(blockIdx.y) * args.rows + first_token) * row +
                (static_cast<std::int64_t>(blockIdx.x) * layout.warps + warp) * kTileColumns + lane;
#pragma unroll 4
    for (int m = 0; m < tokens; ++m) to[m * row] = own[m * kSumRow + lane];
  } else if (n < s.out_features) {
    const float scale = Format::row_scale(s.scales, n);
#pragma unroll 4
    for (int m = 0; m < tokens; ++m) write_linear(args, s, first_token + m, n, own[m * kSumRow + lane] * scale);
  }
}

// Adds the slices' sums and does what follows a product. A thread is one column of one token.
template <class Format>
__global__ void __launch_bounds__(kTileColumns* kTileMaxWarps)
    linear_join(const __grid_constant__ LinearArgs args, const TileSlices slices, int count) {
  const int block = static_cast<int>(blockIdx.x), m = static_cast<int>(blockIdx.y);
  const LinearSegment s = args.segments[segment_of(args, block)];
  const int n = (block - s.first_block) * static_cast<int>(blockDim.x) + static_cast<int>(threadIdx.x);
  allow_next();
  wait_for_previous();
  if (n >= s.out_features) return;
  const std::int64_t row = static_cast<std::int64_t>(gridDim.x) * blockDim.x, slice = row * args.rows;
  const float* from = slices.partial + m * row + static_cast<std::int64_t>(block) * blockDim.x + threadIdx.x;
  float sum = 0;
#pragma unroll 4
  for (int i = 0; i < count; ++i) sum += __ldcg(from + i * slice);
  write_linear(args, s, m, n, sum * Format::row_scale(s.scales, n));
}

}  // namespace docket::kernels::cuda
