// How each packed format becomes tensor-core registers: a lane's slot of one chunk, two features by 16 k, as
// a[feature half][k pair] of half2.
//
// 4 bits: a codebook has no closed form, so a byte (two nibbles) is looked up: 256 pairs in shared memory, one copy for
// each lane so that no two lanes meet in a bank (32 KB). Two integer instructions and one load give two weights, which
// leaves the integer pipe at 43 % on an H100 and 25 % on a V100 when weights stream at the memory roof.
#pragma once

#include "core/kernels/cuda/linear_args.h"
#include "core/kernels/cuda/mma.cuh"

namespace docket::kernels::cuda {

struct Code4Format {
  static constexpr int kUnroll = 4;   // chunks loaded before the first is used
  static constexpr int kVectors = 1;  // of 16 bytes that a slot has of a chunk, 32 slots apart
  static constexpr int kTableBytes = 256 * 32 * 4;
  static constexpr bool kScales = true;  // of groups, two vectors of 8 bytes a slot
  struct Raw {
    uint4 vectors[kVectors];
  };
  struct Scales {
    uint2 low, high;  // fp16 of the group's four chunks, features g and g + 8
  };

  static __device__ void fill_table(unsigned char* shared, const float* code, int thread, int threads) {
    auto* table = reinterpret_cast<std::uint32_t*>(shared);
    const int lane = thread % 32;
    const float mine = __ldg(code + lane % 16);  // one load; the pairs come from shuffles
#pragma unroll 8
    for (int pair = thread / 32; pair < 256; pair += threads / 32) {
      const float low = __shfl_sync(0xFFFFFFFFU, mine, pair & 15), high = __shfl_sync(0xFFFFFFFFU, mine, pair >> 4);
      table[pair * 32 + lane] = as_bits(__floats2half2_rn(low, high));
    }
  }
  static __device__ const half* scale_source(const void* scales, std::int64_t panel, int groups, int group, Slot slot) {
    return static_cast<const half*>(scales) + scale_element(panel, groups, slot.g, group * kGroup);
  }
  static __device__ Scales load_scales(const void* scales, std::int64_t panel, int groups, int group, Slot slot) {
    return scales_at(scale_source(scales, panel, groups, group, slot));
  }
  static __device__ Scales scales_at(const half* source) {
    return {__ldg(reinterpret_cast<const uint2*>(source)), __ldg(reinterpret_cast<const uint2*>(source + 8 * kGroup))};
  }
  static __device__ half2 scale_of(uint2 four, int chunk) {
    const half2 pair = as_half2(chunk < 2 ? four.x : four.y);
    return chunk % 2 == 0 ? __low2half2(pair) : __high2half2(pair);
  }
  static __device__ void expand_word(std::uint32_t* a, std::uint32_t word, half2 scale, const unsigned char* shared,
                                     std::uint32_t lane4) {
    constexpr std::uint32_t kByte = 255 * 128;
    const std::uint32_t at[4] = {word << 7, word >> 1, word >> 9, word >> 17};
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const auto pair = *reinterpret_cast<const std::uint32_t*>(shared + ((at[i] & kByte) | lane4));
      a[i] = as_bits(__hmul2(as_half2(pair), scale));
    }
  }
  // The same for a table at a multiple of its own size in shared memory: `row0` is its address with the lane's in it,
  // so that a look-up costs no addition.
  static __device__ void expand_word_at(std::uint32_t* a, std::uint32_t word, half2 scale, std::uint32_t row0) {
    constexpr std::uint32_t kByte = 255 * 128;
    const std::uint32_t at[4] = {word << 7, word >> 1, word >> 9, word >> 17};
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      std::uint32_t pair;
      asm("ld.shared.u32 %0, [%1];" : "=r"(pair) : "r"((at[i] & kByte) | row0));
      a[i] = as_bits(__hmul2(as_half2(pair), scale));
    }
  }
  static __device__ void expand_at(std::uint32_t (*a)[8], const Raw& raw, const Scales& scales, int chunk,
                                   std::uint32_t row0) {
    const half2 low = scale_of(scales.low, chunk), high = scale_of(scales.high, chunk);
    const uint4& words = raw.vectors[0];
    expand_word_at(a[0], words.x, low, row0);
    expand_word_at(a[0] + 4, words.y, low, row0);
    expand_word_at(a[1], words.z, high, row0);
    expand_word_at(a[1] + 4, words.w, high, row0);
  }
  static __device__ void expand(std::uint32_t (*a)[8], const Raw& raw, const Scales& scales, int chunk,
                                const unsigned char* shared, int lane) {
    const std::uint32_t lane4 = static_cast<std::uint32_t>(lane) * 4;
    const half2 low = scale_of(scales.low, chunk), high = scale_of(scales.high, chunk);
    const uint4& words = raw.vectors[0];
    expand_word(a[0], words.x, low, shared, lane4);
    expand_word(a[0] + 4, words.y, low, shared, lane4);
    expand_word(a[1], words.z, high, shared, lane4);
    expand_word(a[1] + 4, words.w, high, shared, lane4);
  }
  static __device__ float row_scale(const void*, int) { return 1; }
};

// 8 bits: bytes become 1024 + (q + 128) by putting them below 0x64, exactly; the row's scale comes at the end.
struct Int8Format {
  static constexpr int kUnroll = 2;
  static constexpr int kVectors = 2;
  static constexpr int kTableBytes = 0;
  static constexpr bool kScales = false;
  struct Raw {
    uint4 vectors[kVectors];
  };
  struct Scales {};

  static __device__ void fill_table(unsigned char*, const float*, int, int) {}
  static __device__ Scales load_scales(const void*, std::int64_t, int, int, Slot) { return {}; }
  static __device__ void expand_word(std::uint32_t* a, std::uint32_t word) {
    const half2 bias = __half2half2(__ushort_as_half(0x6480));  // 1152
    const std::uint32_t shifted = word ^ 0x80808080U;
    a[0] = as_bits(__hsub2(as_half2(__byte_perm(shifted, 0x64646464U, 0x4140)), bias));
    a[1] = as_bits(__hsub2(as_half2(__byte_perm(shifted, 0x64646464U, 0x4342)), bias));
  }
  static __device__ void expand_row(std::uint32_t* a, const uint4& row) {
    expand_word(a, row.x);
    expand_word(a + 2, row.y);
    expand_word(a + 4, row.z);
    expand_word(a + 6, row.w);
  }
  static __device__ void expand(std::uint32_t (*a)[8], const Raw& raw, const Scales&, int, const unsigned char*, int) {
    expand_row(a[0], raw.vectors[0]);
    expand_row(a[1], raw.vectors[1]);
  }
  static __device__ void expand_at(std::uint32_t (*a)[8], const Raw& raw, const Scales&, int, std::uint32_t) {
    expand_row(a[0], raw.vectors[0]);
    expand_row(a[1], raw.vectors[1]);
  }
  static __device__ float row_scale(const void* scales, int n) { return static_cast<const float*>(scales)[n]; }
};

struct HalfFormat {
  static constexpr int kUnroll = 1;
  static constexpr int kVectors = 4;
  static constexpr int kTableBytes = 0;
  static constexpr bool kScales = false;
  struct Raw {
    uint4 vectors[kVectors];
  };
  struct Scales {};

  static __device__ void fill_table(unsigned char*, const float*, int, int) {}
  static __device__ Scales load_scales(const void*, std::int64_t, int, int, Slot) { return {}; }
  static __device__ void expand(std::uint32_t (*a)[8], const Raw& raw, const Scales&, int, const unsigned char*, int) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      std::uint32_t* to = a[i / 2] + 4 * (i % 2);
      to[0] = raw.vectors[i].x;
      to[1] = raw.vectors[i].y;
      to[2] = raw.vectors[i].z;
      to[3] = raw.vectors[i].w;
    }
  }
  static __device__ void expand_at(std::uint32_t (*a)[8], const Raw& raw, const Scales& scales, int chunk,
                                   std::uint32_t) {
    expand(a, raw, scales, chunk, nullptr, 0);
  }
  static __device__ float row_scale(const void*, int) { return 1; }
};

// A slot's first vector of a chunk; the others follow 32 vectors apart.
template <class Format>
static __device__ __forceinline__ const uint4* slot_source(const void* panels, std::int64_t chunk_of_all, Slot slot) {
  return static_cast<const uint4*>(panels) + chunk_of_all * (32 * Format::kVectors) + slot_index(slot);
}

template <class Format>
static __device__ __forceinline__ typename Format::Raw load_slot(const void* panels, std::int64_t chunk_of_all,
                                                                 Slot slot) {
  const uint4* source = slot_source<Format>(panels, chunk_of_all, slot);
  typename Format::Raw raw;
#pragma unroll
  for (int i = 0; i < Format::kVectors; ++i) raw.vectors[i] = __ldg(source + 32 * i);
  return raw;
}

}  // namespace docket::kernels::cuda
