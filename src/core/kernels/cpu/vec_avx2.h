// Vec: 16 fp32 lanes as two AVX2 registers. Included only by isa_avx2.cpp; unnamed namespace, see isa.h.
#pragma once

#include <immintrin.h>

#include <cstdint>

namespace docket::kernels::cpu {
namespace {

inline constexpr int kMicroRows = 6;  // 6 x 2 accumulators, 2 weights and 1 broadcast fit the 16 registers
inline constexpr int kMicroPanels = 1;
inline constexpr int kCodePanels = 2;

struct Vec {
  __m256 a, b;
};

inline Vec zero() { return {_mm256_setzero_ps(), _mm256_setzero_ps()}; }
inline Vec splat(float x) { return {_mm256_set1_ps(x), _mm256_set1_ps(x)}; }
inline Vec load(const float* p) { return {_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }
inline void store(float* p, Vec x) {
  _mm256_storeu_ps(p, x.a);
  _mm256_storeu_ps(p + 8, x.b);
}
inline __m256i lane_numbers() { return _mm256_set_epi32(7, 6, 5, 4, 3, 2, 1, 0); }
inline __m256i lanes_below(int n) { return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), lane_numbers()); }
inline Vec load_first(const float* p, int n) {
  return {_mm256_maskload_ps(p, lanes_below(n)), _mm256_maskload_ps(p + 8, lanes_below(n - 8))};
}
inline void store_first(float* p, Vec x, int n) {
  _mm256_maskstore_ps(p, lanes_below(n), x.a);
  _mm256_maskstore_ps(p + 8, lanes_below(n - 8), x.b);
}

inline Vec add(Vec x, Vec y) { return {_mm256_add_ps(x.a, y.a), _mm256_add_ps(x.b, y.b)}; }
inline Vec sub(Vec x, Vec y) { return {_mm256_sub_ps(x.a, y.a), _mm256_sub_ps(x.b, y.b)}; }
inline Vec mul(Vec x, Vec y) { return {_mm256_mul_ps(x.a, y.a), _mm256_mul_ps(x.b, y.b)}; }
inline Vec div(Vec x, Vec y) { return {_mm256_div_ps(x.a, y.a), _mm256_div_ps(x.b, y.b)}; }
inline Vec fma(Vec x, Vec y, Vec z) { return {_mm256_fmadd_ps(x.a, y.a, z.a), _mm256_fmadd_ps(x.b, y.b, z.b)}; }
inline Vec fma_memory(const float* x, Vec w, Vec acc) { return fma(splat(*x), w, acc); }
inline Vec vmax(Vec x, Vec y) { return {_mm256_max_ps(x.a, y.a), _mm256_max_ps(x.b, y.b)}; }
inline Vec vmin(Vec x, Vec y) { return {_mm256_min_ps(x.a, y.a), _mm256_min_ps(x.b, y.b)}; }
inline Vec vabs(Vec x) {
  const __m256 sign = _mm256_set1_ps(-0.0F);
  return {_mm256_andnot_ps(sign, x.a), _mm256_andnot_ps(sign, x.b)};
}
inline Vec nearest(Vec x) {
  constexpr int kMode = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
  return {_mm256_round_ps(x.a, kMode), _mm256_round_ps(x.b, kMode)};
}
// a * 2^n for whole n in [-126, 127].
inline __m256 scale_half(__m256 a, __m256 n) {
  const __m256i exponent = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23);
  return _mm256_mul_ps(a, _mm256_castsi256_ps(exponent));
}
inline Vec scale_by_power_of_two(Vec x, Vec n) { return {scale_half(x.a, n.a), scale_half(x.b, n.b)}; }
inline Vec select_less(Vec x, Vec y, Vec if_less, Vec otherwise) {
  return {_mm256_blendv_ps(otherwise.a, if_less.a, _mm256_cmp_ps(x.a, y.a, _CMP_LT_OQ)),
          _mm256_blendv_ps(otherwise.b, if_less.b, _mm256_cmp_ps(x.b, y.b, _CMP_LT_OQ))};
}
inline __m256 keep_half(__m256 x, int low, int high, __m256 other) {
  const __m256i keep = _mm256_andnot_si256(lanes_below(low), lanes_below(high));
  return _mm256_blendv_ps(other, x, _mm256_castsi256_ps(keep));
}
inline Vec keep_lanes(Vec x, int low, int high, Vec other) {
  return {keep_half(x.a, low, high, other.a), keep_half(x.b, low - 8, high - 8, other.b)};
}
inline float sum(Vec x) {
  const __m256 eight = _mm256_add_ps(x.a, x.b);
  __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  four = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(four, _mm_movehdup_ps(four)));
}
inline float largest(Vec x) {
  const __m256 eight = _mm256_max_ps(x.a, x.b);
  __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  four = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(four, _mm_movehdup_ps(four)));
}

inline __m128i load_128(const void* p) { return _mm_loadu_si128(static_cast<const __m128i*>(p)); }
inline Vec load_f16(const std::uint16_t* p) { return {_mm256_cvtph_ps(load_128(p)), _mm256_cvtph_ps(load_128(p + 8))}; }
inline __m256 widen_bf16(__m128i x) { return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(x), 16)); }
inline Vec load_bf16(const std::uint16_t* p) { return {widen_bf16(load_128(p)), widen_bf16(load_128(p + 8))}; }
inline Vec load_i8(const std::int8_t* p) {
  const __m128i bytes = load_128(p);
  return {_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes)),
          _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_srli_si128(bytes, 8)))};
}

struct Words {
  __m256i a, b;
};
struct Codebook {
  __m256 low, high;  // entries 0..7 and 8..15
};
inline Words load_words(const std::uint32_t* p) {
  return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)),
          _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 8))};
}
inline Codebook load_codebook(const float* code) { return {_mm256_loadu_ps(code), _mm256_loadu_ps(code + 8)}; }
// The permute looks at the low three bits; bit 3 of the nibble, moved to the sign, picks the half of the codebook.
template <int Index>
inline __m256 lookup_half(__m256i words, Codebook code) {
  const __m256i at = _mm256_srli_epi32(words, 4 * Index);
  const __m256 upper = _mm256_castsi256_ps(_mm256_slli_epi32(words, 28 - 4 * Index));
  return _mm256_blendv_ps(_mm256_permutevar8x32_ps(code.low, at), _mm256_permutevar8x32_ps(code.high, at), upper);
}
template <int Index>
inline Vec lookup(Words words, Codebook code) {
  return {lookup_half<Index>(words.a, code), lookup_half<Index>(words.b, code)};
}

inline Vec gather_bytes(const float* table, const std::uint8_t* index) {
  const __m128i bytes = load_128(index);
  return {_mm256_i32gather_ps(table, _mm256_cvtepu8_epi32(bytes), 4),
          _mm256_i32gather_ps(table, _mm256_cvtepu8_epi32(_mm_srli_si128(bytes, 8)), 4)};
}
struct ByteTable {
  const float* table;
};
inline void fill_byte_table(const float* table, ByteTable& out) { out.table = table; }
inline void lookup_bytes(const ByteTable& t, const std::uint8_t* index, Vec& first, Vec& second) {
  first = gather_bytes(t.table, index);
  second = gather_bytes(t.table, index + 16);
}
inline void prefetch(const void* p) { _mm_prefetch(static_cast<const char*>(p), _MM_HINT_T0); }

inline __m256 split_half(__m256i block, const std::int32_t* split, __m256 first, __m256 second) {
  const __m256i before = _mm256_cmpgt_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(split)), block);
  return _mm256_blendv_ps(second, first, _mm256_castsi256_ps(before));
}
inline Vec select_split(std::int32_t block, const std::int32_t* split, Vec first, Vec second) {
  const __m256i b = _mm256_set1_epi32(block);
  return {split_half(b, split, first.a, second.a), split_half(b, split + 8, first.b, second.b)};
}

}  // namespace
}  // namespace docket::kernels::cpu
