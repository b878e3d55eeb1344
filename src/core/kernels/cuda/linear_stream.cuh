// y = x Wᵀ for 1..8 rows of x, straight from packed weights: the kernel of a decode step. Rows of x begin at multiples
// of 16 bytes and have whole chunks (64 k); what has not goes through linear_small.
//
// Bytes: every weight is read once from device memory (0.531 B in 4 bits, 1 in 8, 2 in 16); the floor is that over the
// memory rate, and x comes from L1. What keeps from the floor are beginnings: a layer of 4096 x 4096 is 3 us of memory,
// of the length of two loads. So
// - the CTAs of a launch are all there at once and go through the panels (16 features) in turn; the table of codes is
//   made once for each CTA, and x stays in its L1,
// - a warp loads the next unit (kUnroll chunks of 64 k) while it multiplies one, across panels,
// - the first loads and the table come before the kernel in front has ended (launch.cuh): weights depend on nothing.
//
// The warps of a CTA share the k groups (4 chunks) of a panel out among themselves and add up in shared memory, in a
// fixed order. Neither operand passes shared memory (fragments.h).
//
// Gated: panels go in pairs, one of the first segment and the same one of the second: y = silu(first) * second.
#pragma once

#include "core/kernels/cuda/linear_small.cuh"

namespace docket::kernels::cuda {

inline constexpr int kStreamWarps = 8, kStreamThreads = 32 * kStreamWarps;
inline constexpr int kStreamCtas = 2;                        // of a multiprocessor
inline constexpr int kStreamSums = kFeatures * kTileTokens;  // of a panel: [token][feature]

// A panel of a segment.
struct PanelPlace {
  int segment, panel;
};

// The CTA's panel number `turn`.
template <bool kGated>
static __device__ __forceinline__ PanelPlace place_of_turn(const LinearArgs& args, int turn) {
  const int of_cta = kGated ? turn / 2 : turn;
  const int index = static_cast<int>(blockIdx.x) + of_cta * static_cast<int>(gridDim.x);
  if (kGated) return {turn % 2, index};
  int segment = 0;
  while (segment + 1 < args.num_segments && index >= args.segments[segment + 1].first_block) ++segment;
  return {segment, index - args.segments[segment].first_block};
}

// A warp's way through its units: chunks group * kGroup + first .. + kUnroll - 1 of the panel of a turn.
template <class Format>
struct UnitPlace {
  int turn, group, first;

  __device__ __forceinline__ void step(int groups, int warp) {
    first += Format::kUnroll;
    if (first < kGroup) return;
    first = 0;
    group += kStreamWarps;
    if (group < groups) return;
    group = warp;
    ++turn;
  }
};

template <class Format>
struct Unit {
  typename Format::Scales scales;
  typename Format::Raw raw[Format::kUnroll];
};

struct StreamShape {
  int chunks, groups, turns;
};

// Loads the next unit while one is multiplied. (Two units ahead in registers, or three in shared memory by asynchronous
// copies, measured no faster: docs/performance.md.)
template <class Format, bool kGated>
class UnitPipe {
 public:
  __device__ UnitPipe(const LinearArgs& args, const StreamShape& shape, Slot slot, int warp)
      : args_(args), shape_(shape), slot_(slot), warp_(warp), next_{0, warp, 0} {
    load();
  }
  __device__ __forceinline__ Unit<Format> take() {
    const Unit<Format> unit = unit_;
    load();
    return unit;
  }

 private:
  __device__ __forceinline__ void load() {
    if (warp_ >= shape_.groups || next_.turn >= shape_.turns) return;
    if (next_.turn != turn_) {
      turn_ = next_.turn;
      const PanelPlace place = place_of_turn<kGated>(args_, turn_);
      const LinearSegment& s = args_.segments[place.segment];
      panel_ = slot_source<Format>(s.panels, static_cast<std::int64_t>(place.panel) * shape_.chunks, slot_);
      if constexpr (Format::kScales) scales_ = Format::scale_source(s.scales, place.panel, shape_.groups, 0, slot_);
    }
#pragma unroll
    for (int u = 0; u < Format::kUnroll; ++u) {
      const uint4* source =
          panel_ + min(next_.group * kGroup + next_.first + u, shape_.chunks - 1) * (32 * Format::kVectors);
#pragma unroll
      for (int i = 0; i < Format::kVectors; ++i) unit_.raw[u].vectors[i] = __ldg(source + 32 * i);
    }
    if constexpr (Format::kScales) unit_.scales = Format::scales_at(scales_ + next_.group * (kFeatures * kGroup));
    next_.step(shape_.groups, warp_);
  }
  const LinearArgs& args_;
  StreamShape shape_;
  Slot slot_;
  int warp_;
  UnitPlace<Format> next_;
  int turn_ = -1;
  const uint4* panel_ = nullptr;
  const half* scales_ = nullptr;
  Unit<Format> unit_;
};

// Shared memory of a CTA: the sums [2][warps][kStreamSums], and the table at a multiple of its size in the shared
// address space, so that a look-up's address takes no addition. From sm_80 on the space begins with some of the
// system's, and the table comes 32 KB behind its start; before, it is the first.
template <class Format>
struct StreamLayout {
  static constexpr int kSumBytes = 2 * kStreamWarps * kStreamSums * 4, kTableBytes = Format::kTableBytes;

  static int bytes(std::size_t reserved) {
    return kTableBytes > 0 && reserved > 0 ? 2 * kTableBytes : kTableBytes + kSumBytes;
  }

  float* sums;
  unsigned char* table;
  std::uint32_t table_address;

  static __device__ StreamLayout of(unsigned char* shared) {
    const auto address = static_cast<std::uint32_t>(__cvta_generic_to_shared(shared));
    if (kTableBytes == 0 || address == 0) return {reinterpret_cast<float*>(shared + kTableBytes), shared, address};
    return {reinterpret_cast<float*>(shared), shared + (kTableBytes - address), kTableBytes};
  }
};

// A lane's 16 values of its token in each of kCount chunks; zeros past the last row or chunk.
template <int kCount>
static __device__ __forceinline__ void load_chunk_tokens(std::uint32_t (*b)[8], const half* row, int first,
                                                         int chunks) {
#pragma unroll
  for (int u = 0; u < kCount; ++u) {
    uint4 low{}, high{};
    if (row != nullptr && first + u < chunks) {
      const auto* at = reinterpret_cast<const uint4*>(row + (first + u) * kChunk);
      low = at[0], high = at[1];
    }
    b[u][0] = low.x, b[u][1] = low.y, b[u][2] = low.z, b[u][3] = low.w;
    b[u][4] = high.x, b[u][5] = high.y, b[u][6] = high.z, b[u][7] = high.w;
  }
}

// Chunks past the last have tokens of zeros: no branch comes between the chunks, so that they overlap.
template <class Arch, class Format>
static __device__ __forceinline__ void multiply_unit(const Unit<Format>& unit, const half* row, int first, int chunks,
                                                     std::uint32_t table, float (*sums)[Arch::kCells]) {
  constexpr int kBlock = Format::kUnroll < Arch::kSets ? Format::kUnroll : Arch::kSets;
#pragma unroll
  for (int block = 0; block < Format::kUnroll; block += kBlock) {
    std::uint32_t b[kBlock][8];
    load_chunk_tokens<kBlock>(b, row, first + block, chunks);
#pragma unroll
    for (int u = 0; u < kBlock; ++u) {
      std::uint32_t a[2][8];
      Format::expand_at(a, unit.raw[block + u], unit.scales, Format::kUnroll == kGroup ? block + u : first + block + u,
                        table);
      Arch::multiply(sums[u], a, b[u]);
    }
  }
}

static __device__ __forceinline__ float silu_of(float z) { return z / (1.0F + expf(-z)); }

// The sum of the warps for this thread's token and feature, with the row's scale and the bias.
template <class Format>
static __device__ __forceinline__ float join_warps(const LinearSegment& s, const float* all, int n) {
  float sum = 0;
#pragma unroll
  for (int w = 0; w < kStreamWarps; ++w) sum += all[w * kStreamSums + static_cast<int>(threadIdx.x)];
  if (n < s.out_features) {
    sum *= Format::row_scale(s.scales, n);
    if (s.bias != nullptr) sum += s.bias[n];
  }
  return sum;
}

template <class Arch, class Format, bool kGated>
__global__ void __launch_bounds__(kStreamThreads, kStreamCtas) linear_stream(const __grid_constant__ LinearArgs args) {
  extern __shared__ __align__(16) unsigned char shared[];
  const auto layout = StreamLayout<Format>::of(shared);
  allow_next();
  const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
  const Slot slot = Arch::slot(lane);
  const int chunks = (args.in_features + kChunk - 1) / kChunk, groups = (chunks + kGroup - 1) / kGroup;
  const int panels = args.num_panels, step = static_cast<int>(gridDim.x);
  const int turns = (panels - static_cast<int>(blockIdx.x) + step - 1) / step * (kGated ? 2 : 1);
  UnitPipe<Format, kGated> pipe(args, {chunks, groups, turns}, slot, warp);
  Format::fill_table(layout.table, args.segments[0].code, static_cast<int>(threadIdx.x), kStreamThreads);
  __syncthreads();
  wait_for_previous();

  const half* row = slot.g < args.rows ? args.x + slot.g * args.x_stride + 16 * slot.t : nullptr;
  const std::uint32_t row0 = layout.table_address | static_cast<std::uint32_t>(lane * 4);
  float held = 0;  // of a gate, until its pair's other half
  for (int turn = 0; turn < turns; ++turn) {
    float sums[Arch::kSets][Arch::kCells];
#pragma unroll
    for (int set = 0; set < Arch::kSets; ++set)
#pragma unroll
      for (int i = 0; i < Arch::kCells; ++i) sums[set][i] = 0;
    for (int group = warp; group < groups; group += kStreamWarps) {
#pragma unroll 1
      for (int first = 0; first < kGroup; first += Format::kUnroll) {
        const Unit<Format> unit = pipe.take();
        multiply_unit<Arch>(unit, row, group * kGroup + first, chunks, row0, sums);
      }
    }
    // Two buffers: one barrier a panel is enough.
    float* all = layout.sums + (turn & 1) * kStreamWarps * kStreamSums;
#pragma unroll
    for (int set = 1; set < Arch::kSets; ++set)
#pragma unroll
      for (int i = 0; i < Arch::kCells; ++i) sums[0][i] += sums[set][i];
    Arch::finish(sums[0]);
#pragma unroll
    for (int i = 0; i < Arch::kCells; ++i) {
      const Cell c = Arch::cell(lane, i);
      if (Arch::writes(lane)) all[warp * kStreamSums + c.col * kFeatures + c.row] = sums[0][i];
    }
    __syncthreads();
    if (threadIdx.x >= kStreamSums) continue;
    const PanelPlace place = place_of_turn<kGated>(args, turn);
    const LinearSegment& s = args.segments[place.segment];
    const int m = static_cast<int>(threadIdx.x) / kFeatures;
    const int n = place.panel * kFeatures + static_cast<int>(threadIdx.x) % kFeatures;
    float value = join_warps<Format>(s, all, n);
    if (kGated && place.segment == 0) {
      held = value;
      continue;
    }
    if (m >= args.rows || n >= s.out_features) continue;
    if (kGated) value *= silu_of(held);
    if (args.activation == Activation::kGelu) value = gelu_of(value);
    write_value(args, args.segments[kGated ? 0 : place.segment], m, n, value);
  }
}

template <class Arch, class Format, bool kGated>
void launch_stream_grid(const LinearArgs& args, const LaunchOptions& options) {
  const int bytes = StreamLayout<Format>::bytes(options.reserved_shared_bytes);
  const auto kernel = linear_stream<Arch, Format, kGated>;
  cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes);
  const int ctas = kStreamCtas * options.multiprocessors;
  const dim3 grid(static_cast<unsigned>(args.num_panels < ctas ? args.num_panels : ctas));
  launch(options, kernel, grid, kStreamThreads, static_cast<std::size_t>(bytes), args);
}

template <class Arch, class Format>
void launch_stream(LinearArgs& args, const LaunchOptions& options) {
  args.num_panels = 0;
  for (int i = 0; i < (args.gated ? 1 : args.num_segments); ++i) {
    args.segments[i].first_block = args.num_panels;
    args.num_panels += (args.segments[i].out_features + kFeatures - 1) / kFeatures;
  }
  if (args.gated) return launch_stream_grid<Arch, Format, true>(args, options);
  launch_stream_grid<Arch, Format, false>(args, options);
}

}  // namespace docket::kernels::cuda
