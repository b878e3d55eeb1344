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
  static constexpr int kUnroll = 4;  // chunks loaded before the first is used
  static constexpr int kTableBytes = 256 * 32 * 4;
  struct Raw {
    uint4 words;
  };
  struct Scales {
    uint2 low, high;  // fp16 of the group's four chunks, features g and g + 8
  };

  static __device__ void fill_table(unsigned char* shared, const float* code, int thread, int threads) {
    auto* table = reinterpret_cast<std::uint32_t*>(shared);
    const int lane = thread % 32;
    for (int pair = thread / 32; pair < 256; pair += threads / 32)
      table[pair * 32 + lane] = as_bits(__floats2half2_rn(code[pair & 15], code[pair >> 4]));
  }
  static __device__ Scales load_scales(const void* scales, std::int64_t panel, int groups, int group, Slot slot) {
    const half* base = static_cast<const half*>(scales) + scale_element(panel, groups, slot.g, group * kGroup);
    return {__ldg(reinterpret_cast<const uint2*>(base)), __ldg(reinterpret_cast<const uint2*>(base + 8 * kGroup))};
  }
  static __device__ Raw load(const void* panels, std::int64_t chunk_of_all, Slot slot) {
    return {__ldg(static_cast<const uint4*>(panels) + chunk_of_all * 32 + slot_index(slot))};
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
  static __device__ void expand(std::uint32_t (*a)[8], const Raw& raw, const Scales& scales, int chunk,
                                const unsigned char* shared, int lane) {
    const std::uint32_t lane4 = static_cast<std::uint32_t>(lane) * 4;
    const half2 low = scale_of(scales.low, chunk), high = scale_of(scales.high, chunk);
    expand_word(a[0], raw.words.x, low, shared, lane4);
    expand_word(a[0] + 4, raw.words.y, low, shared, lane4);
    expand_word(a[1], raw.words.z, high, shared, lane4);
    expand_word(a[1] + 4, raw.words.w, high, shared, lane4);
  }
  static __device__ float row_scale(const void*, int) { return 1; }
};

// 8 bits: bytes become 1024 + (q + 128) by putting them below 0x64, exactly; the row's scale comes at the end.
struct Int8Format {
  static constexpr int kUnroll = 2;
  static constexpr int kTableBytes = 0;
  struct Raw {
    uint4 low, high;
  };
  struct Scales {};

  static __device__ void fill_table(unsigned char*, const float*, int, int) {}
  static __device__ Scales load_scales(const void*, std::int64_t, int, int, Slot) { return {}; }
  static __device__ Raw load(const void* panels, std::int64_t chunk_of_all, Slot slot) {
    const uint4* base = static_cast<const uint4*>(panels) + chunk_of_all * 64 + slot_index(slot);
    return {__ldg(base), __ldg(base + 32)};
  }
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
    expand_row(a[0], raw.low);
    expand_row(a[1], raw.high);
  }
  static __device__ float row_scale(const void* scales, int n) { return static_cast<const float*>(scales)[n]; }
};

struct HalfFormat {
  static constexpr int kUnroll = 1;
  static constexpr int kTableBytes = 0;
  struct Raw {
    uint4 quarters[4];
  };
  struct Scales {};

  static __device__ void fill_table(unsigned char*, const float*, int, int) {}
  static __device__ Scales load_scales(const void*, std::int64_t, int, int, Slot) { return {}; }
  static __device__ Raw load(const void* panels, std::int64_t chunk_of_all, Slot slot) {
    const uint4* base = static_cast<const uint4*>(panels) + chunk_of_all * 128 + slot_index(slot);
    return {{__ldg(base), __ldg(base + 32), __ldg(base + 64), __ldg(base + 96)}};
  }
  static __device__ void expand(std::uint32_t (*a)[8], const Raw& raw, const Scales&, int, const unsigned char*, int) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      std::uint32_t* to = a[i / 2] + 4 * (i % 2);
      to[0] = raw.quarters[i].x;
      to[1] = raw.quarters[i].y;
      to[2] = raw.quarters[i].z;
      to[3] = raw.quarters[i].w;
    }
  }
  static __device__ float row_scale(const void*, int) { return 1; }
};

}  // namespace docket::kernels::cuda
