// Vec: 16 fp32 lanes, AVX-512. Included only by isa_avx512.cpp; unnamed namespace, see isa.h.
#pragma once

#include <immintrin.h>

#include <cstdint>

namespace docket::kernels::cpu {
namespace {

inline constexpr int kMicroRows = 14;  // 14 x 2 accumulators, 2 weights and 1 broadcast fill the 32 registers
inline constexpr int kMicroPanels = 2;
inline constexpr int kCodePanels = 8;  // panels that the 4-bit matrix-vector kernel reads side by side

struct Vec {
  __m512 v;
};

inline Vec zero() { return {_mm512_setzero_ps()}; }
inline Vec splat(float x) { return {_mm512_set1_ps(x)}; }
inline Vec load(const float* p) { return {_mm512_loadu_ps(p)}; }
inline void store(float* p, Vec x) { _mm512_storeu_ps(p, x.v); }
inline __mmask16 first_lanes(int n) { return static_cast<__mmask16>((1U << n) - 1U); }
inline Vec load_first(const float* p, int n) { return {_mm512_maskz_loadu_ps(first_lanes(n), p)}; }
inline void store_first(float* p, Vec x, int n) { _mm512_mask_storeu_ps(p, first_lanes(n), x.v); }

inline Vec add(Vec a, Vec b) { return {_mm512_add_ps(a.v, b.v)}; }
inline Vec sub(Vec a, Vec b) { return {_mm512_sub_ps(a.v, b.v)}; }
inline Vec mul(Vec a, Vec b) { return {_mm512_mul_ps(a.v, b.v)}; }
inline Vec div(Vec a, Vec b) { return {_mm512_div_ps(a.v, b.v)}; }
inline Vec fma(Vec a, Vec b, Vec c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
// x * w + acc with x in memory. The broadcast rides on the multiply-add's own load; as an instruction it would take a
// shuffle port, which the 4-bit look-ups need (Zen 4, 24 November 2026: 15.9 to 17.6 GB/s a core).
inline Vec fma_memory(const float* x, Vec w, Vec acc) {
  __asm__("vfmadd231ps %2%{1to16%}, %1, %0" : "+v"(acc.v) : "v"(w.v), "m"(*x));
  return acc;
}
inline Vec vmax(Vec a, Vec b) { return {_mm512_max_ps(a.v, b.v)}; }
inline Vec vmin(Vec a, Vec b) { return {_mm512_min_ps(a.v, b.v)}; }
inline Vec vabs(Vec a) { return {_mm512_abs_ps(a.v)}; }
inline Vec nearest(Vec a) { return {_mm512_roundscale_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)}; }
inline Vec scale_by_power_of_two(Vec a, Vec n) { return {_mm512_scalef_ps(a.v, n.v)}; }
inline Vec select_less(Vec a, Vec b, Vec if_less, Vec otherwise) {
  return {_mm512_mask_blend_ps(_mm512_cmp_ps_mask(a.v, b.v, _CMP_LT_OQ), otherwise.v, if_less.v)};
}
// Lanes [low, high) of x, `other` elsewhere.
inline Vec keep_lanes(Vec x, int low, int high, Vec other) {
  const __m512i lane = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  const __mmask16 keep = static_cast<__mmask16>(_mm512_cmpge_epi32_mask(lane, _mm512_set1_epi32(low)) &
                                                _mm512_cmplt_epi32_mask(lane, _mm512_set1_epi32(high)));
  return {_mm512_mask_blend_ps(keep, other.v, x.v)};
}
inline float sum(Vec a) { return _mm512_reduce_add_ps(a.v); }
inline float largest(Vec a) { return _mm512_reduce_max_ps(a.v); }

inline Vec load_f16(const std::uint16_t* p) {
  return {_mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)))};
}
inline Vec load_bf16(const std::uint16_t* p) {
  const __m512i wide = _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
  return {_mm512_castsi512_ps(_mm512_slli_epi32(wide, 16))};
}
inline Vec load_i8(const std::int8_t* p) {
  return {_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))))};
}

// 16 words of eight 4-bit codes each, and the codebook they point into.
struct Words {
  __m512i v;
};
struct Codebook {
  __m512 v;
};
inline Words load_words(const std::uint32_t* p) { return {_mm512_loadu_si512(p)}; }
inline Codebook load_codebook(const float* code) { return {_mm512_loadu_ps(code)}; }
// The permute looks at the low four bits of each lane alone, so a shift is all it takes to reach nibble `Index`.
template <int Index>
inline Vec lookup(Words words, Codebook code) {
  return {_mm512_permutexvar_ps(_mm512_srli_epi32(words.v, 4 * Index), code.v)};
}

inline Vec gather_bytes(const float* table, const std::uint8_t* index) {
  const __m512i at = _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(index)));
  return {_mm512_i32gather_ps(at, table, 4)};
}
// A table of 256 floats as 16-bit halves, for look-ups of 32 bytes at once: a gather takes several times as long.
struct ByteTable {
  __m512i low[8], high[8];  // 32 entries each
};
inline void fill_byte_table(const float* table, ByteTable& out) {
  for (int i = 0; i < 8; ++i) {
    const __m512i a = _mm512_loadu_si512(table + 32 * i), b = _mm512_loadu_si512(table + 32 * i + 16);
    const auto join = [](__m256i x, __m256i y) { return _mm512_inserti64x4(_mm512_castsi256_si512(x), y, 1); };
    out.low[i] = join(_mm512_cvtepi32_epi16(a), _mm512_cvtepi32_epi16(b));
    out.high[i] =
        join(_mm512_cvtepi32_epi16(_mm512_srli_epi32(a, 16)), _mm512_cvtepi32_epi16(_mm512_srli_epi32(b, 16)));
  }
}
inline __m512i half_entries(const __m512i (&part)[8], __m512i at, __mmask32 odd, __mmask32 upper) {
  const __m512i first = _mm512_mask_blend_epi16(odd, _mm512_permutex2var_epi16(part[0], at, part[1]),
                                                _mm512_permutex2var_epi16(part[2], at, part[3]));
  const __m512i second = _mm512_mask_blend_epi16(odd, _mm512_permutex2var_epi16(part[4], at, part[5]),
                                                 _mm512_permutex2var_epi16(part[6], at, part[7]));
  return _mm512_mask_blend_epi16(upper, first, second);
}
// table[index[0..15]] and table[index[16..31]].
inline void lookup_bytes(const ByteTable& table, const std::uint8_t* index, Vec& first, Vec& second) {
  // Groups of four bytes go where the two unpacks, which work inside 128 bits, put them in order.
  const __m256i bytes = _mm256_permutevar8x32_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(index)),
                                                    _mm256_set_epi32(7, 3, 6, 2, 5, 1, 4, 0));
  const __m512i at = _mm512_cvtepu8_epi16(bytes);
  const __mmask32 odd = _mm512_test_epi16_mask(at, _mm512_set1_epi16(64));
  const __mmask32 upper = _mm512_test_epi16_mask(at, _mm512_set1_epi16(128));
  const __m512i low = half_entries(table.low, at, odd, upper), high = half_entries(table.high, at, odd, upper);
  first = {_mm512_castsi512_ps(_mm512_unpacklo_epi16(low, high))};
  second = {_mm512_castsi512_ps(_mm512_unpackhi_epi16(low, high))};
}
inline void prefetch(const void* p) { _mm_prefetch(static_cast<const char*>(p), _MM_HINT_T0); }

// block < split[lane] ? first : second
inline Vec select_split(std::int32_t block, const std::int32_t* split, Vec first, Vec second) {
  const __mmask16 before = _mm512_cmplt_epi32_mask(_mm512_set1_epi32(block), _mm512_loadu_si512(split));
  return {_mm512_mask_blend_ps(before, second.v, first.v)};
}

}  // namespace
}  // namespace docket::kernels::cpu
