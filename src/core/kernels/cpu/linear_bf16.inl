// Products of pairs in bf16 with sums in fp32: both sides are rounded to 8 bits of mantissa, two columns at a time.
// Twice the rate of fp32 where the processor has AVX512_BF16; DOCKET_CPU_PRODUCTS asks for it.

// Two bf16 values, the lower column in the lower half.
using Bf16Pair = std::uint32_t;

inline __m512i bf16_bits(Vec low, Vec high) { return reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(high.v, low.v)); }

struct Bf16Products {
  using Item = Bf16Pair;
  static constexpr std::int64_t kPerItem = 2;

  // As Fp32Products, pairs in place of columns; a last odd column is paired with zero.
  static void pack_rows(const float* x, std::int64_t x_stride, int m, std::int64_t k0, std::int64_t kc, Item* out) {
    const std::int64_t items = (kc + 1) / 2;
    Item row[kBlockK / 2];
    for (int r0 = 0; r0 < m; r0 += kMicroRows) {
      const int rows = m - r0 < kMicroRows ? m - r0 : kMicroRows;
      Item* group = out + r0 * items;
      for (int r = 0; r < rows; ++r) {
        round_row(x + (r0 + r) * x_stride + k0, kc, row);
        for (std::int64_t i = 0; i < items; ++i) group[i * kMicroRows + r] = row[i];
      }
    }
  }
  static void round_row(const float* x, std::int64_t count, Item* out) {
    for (std::int64_t k = 0; k < count; k += 32) {
      const int left = count - k < 32 ? static_cast<int>(count - k) : 32;
      const Vec low = load_first(x + k, left < 16 ? left : 16);
      const Vec high = left > 16 ? load_first(x + k + 16, left - 16) : zero();
      _mm512_mask_storeu_epi32(out + k / 2, first_lanes((left + 1) / 2), bf16_bits(low, high));
    }
  }

  // Item (k / 2, lane): rows k and k + 1 of the panel side by side.
  static const Item* panel_strip(const LinearWeight& w, std::int64_t p, std::int64_t k0, std::int64_t kc, Item* strip) {
    float wide[kBlockK * kPanel];
    const float* source = fp32_strip(w, p, k0, kc, wide);
    alignas(64) std::uint16_t order[32];
    for (int i = 0; i < 16; ++i) {
      order[2 * i] = static_cast<std::uint16_t>(i);
      order[2 * i + 1] = static_cast<std::uint16_t>(16 + i);
    }
    const __m512i interleave = _mm512_load_si512(order);
    for (std::int64_t k = 0; k < kc; k += 2) {
      const Vec high = k + 1 < kc ? load(source + (k + 1) * kPanel) : zero();
      const __m512i pairs = bf16_bits(load(source + k * kPanel), high);
      _mm512_storeu_si512(strip + k / 2 * kPanel, _mm512_permutexvar_epi16(interleave, pairs));
    }
    return strip;
  }

  template <int M, int P>
  static void tile(const Item* a, const Item* b0, const Item* b1, std::int64_t items, float* c, std::int64_t ldc,
                   int cols, MicroOut mode, float factor) {
    __m512 acc[M][P];
    for (int m = 0; m < M; ++m) {
      for (int i = 0; i < P; ++i) acc[m][i] = _mm512_setzero_ps();
    }
    for (std::int64_t k = 0; k < items; ++k) {
      __m512bh b[P];
      b[0] = reinterpret_cast<__m512bh>(_mm512_loadu_si512(b0 + k * kPanel));
      if constexpr (P == 2) b[P - 1] = reinterpret_cast<__m512bh>(_mm512_loadu_si512(b1 + k * kPanel));
      for (int m = 0; m < M; ++m) {
        const auto value = reinterpret_cast<__m512bh>(_mm512_set1_epi32(static_cast<int>(a[k * kMicroRows + m])));
        for (int i = 0; i < P; ++i) acc[m][i] = _mm512_dpbf16_ps(acc[m][i], value, b[i]);
      }
    }
    for (int m = 0; m < M; ++m) {
      for (int i = 0; i < P; ++i) store_tile_row({acc[m][i]}, c + m * ldc + 16 * i, cols - 16 * i, mode, factor);
    }
  }

  using TileFn = void (*)(const Item* a, const Item* b0, const Item* b1, std::int64_t items, float* c, std::int64_t ldc,
                          int cols, MicroOut mode, float factor);
  template <int P, int... M>
  static TileFn tile_for(int rows, IntList<M...>) {
    static constexpr TileFn kTable[] = {tile<M + 1, P>...};
    return kTable[rows - 1];
  }
  static void micro(int rows, int panels, const Item* a, const Item* b0, const Item* b1, std::int64_t items, float* c,
                    std::int64_t ldc, int cols, MicroOut mode, float factor) {
    const TileFn run = panels == 2 ? tile_for<2>(rows, RowList{}) : tile_for<1>(rows, RowList{});
    run(a, b0, b1, items, c, ldc, cols, mode, factor);
  }
};

// ---- few rows over 4-bit weights ----------------------------------------------------------------------------------
// The codes are rounded to bf16 and the scales are not: sums of a block are scaled in fp32. A word's low half gives
// nibble i and its high half nibble i + 4 after the same shift, so one look-up and one product serve k + i and k + i +
// 4 of 16 features: half of what fp32 takes, which is bound by instructions and not by memory.

// Row m's pairs of columns 8g + i and 8g + i + 4, [m][K / 2].
inline void pack_code4_rows(const float* x, std::int64_t x_stride, int m, std::int64_t k, Bf16Pair* out) {
  for (int r = 0; r < m; ++r) {
    for (std::int64_t c = 0; c < k; c += 32) {
      const __m512 a = _mm512_loadu_ps(x + r * x_stride + c), b = _mm512_loadu_ps(x + r * x_stride + c + 16);
      const auto low = reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(_mm512_shuffle_f32x4(a, b, 0x88)));
      const auto high = reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(_mm512_shuffle_f32x4(a, b, 0xDD)));
      const __m512i pairs =
          _mm512_or_si512(_mm512_cvtepu16_epi32(low), _mm512_slli_epi32(_mm512_cvtepu16_epi32(high), 16));
      _mm512_storeu_si512(out + (r * k + c) / 2, pairs);
    }
  }
}

// The 16 codes twice: the look-up takes five bits of each half, of which the highest belongs to the next nibble.
inline __m512i load_codes_bf16(const float* code) {
  const auto codes = reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(_mm512_loadu_ps(code)));
  return _mm512_inserti64x4(_mm512_castsi256_si512(codes), codes, 1);
}

template <int Shift>
inline __m512bh lookup_pairs(__m512i words, __m512i codes) {
  return reinterpret_cast<__m512bh>(_mm512_permutexvar_epi16(_mm512_srli_epi32(words, Shift), codes));
}

template <int I, int M, int P>
inline void code4_pairs(const __m512i (&words)[P], __m512i codes, const Bf16Pair* x, std::int64_t x_stride,
                        __m512 (&part)[M][P]) {
  for (int i = 0; i < P; ++i) {
    const __m512bh value = lookup_pairs<4 * I>(words[i], codes);
    for (int m = 0; m < M; ++m) {
      const auto both = reinterpret_cast<__m512bh>(_mm512_set1_epi32(static_cast<int>(x[m * x_stride + I])));
      part[m][i] = _mm512_dpbf16_ps(part[m][i], both, value);
    }
  }
}

template <WeightFormat F, int M, int P>
void code4_panels_bf16(const LinearWeight& w, const Bf16Pair* x, std::int64_t p, const LinearOut& out) {
  const __m512i codes = load_codes_bf16(w.code);
  const auto* panels = static_cast<const std::uint32_t*>(w.panels);
  const std::int64_t panel_words = w.in_features / 8 * kPanel, blocks = w.in_features / kScaleBlock;
  const std::int64_t pairs = w.in_features / 2;
  Vec acc[M][P];
  for (int m = 0; m < M; ++m) {
    for (int i = 0; i < P; ++i) acc[m][i] = zero();
  }
  ScalePair<F, P> scales(w);
  for (std::int64_t block = 0; block < blocks; ++block) {
    if (block % 2 == 0) scales.fill(w, p, block);
    __m512 part[M][P];
    for (int m = 0; m < M; ++m) {
      for (int i = 0; i < P; ++i) part[m][i] = _mm512_setzero_ps();
    }
    for (std::int64_t g = block * 8; g < block * 8 + 8; ++g) {
      __m512i words[P];
      for (int i = 0; i < P; ++i) {
        const std::uint32_t* at = panels + (p + i) * panel_words + g * kPanel;
        words[i] = _mm512_loadu_si512(at);
        prefetch(reinterpret_cast<const char*>(at) + kPrefetchBytes);
      }
      const Bf16Pair* columns = x + g * 4;
      code4_pairs<0, M, P>(words, codes, columns, pairs, part);
      code4_pairs<1, M, P>(words, codes, columns, pairs, part);
      code4_pairs<2, M, P>(words, codes, columns, pairs, part);
      code4_pairs<3, M, P>(words, codes, columns, pairs, part);
    }
    for (int i = 0; i < P; ++i) {
      const Vec scale = scales.values[i][block % 2];
      for (int m = 0; m < M; ++m) acc[m][i] = fma(Vec{part[m][i]}, scale, acc[m][i]);
    }
  }
  for (int m = 0; m < M; ++m) {
    for (int i = 0; i < P; ++i) write_out(w, p + i, acc[m][i], out, m);
  }
}

template <WeightFormat F, int M>
void small_rows_bf16(const LinearWeight& w, const Bf16Pair* x, std::int64_t begin, std::int64_t end,
                     const LinearOut& out) {
  constexpr int kWide = M == 1 ? 6 : (M <= 2 ? 4 : 2);
  std::int64_t p = begin;
  for (; p + kWide <= end; p += kWide) code4_panels_bf16<F, M, kWide>(w, x, p, out);
  for (; p < end; ++p) code4_panels_bf16<F, M, 1>(w, x, p, out);
}

template <WeightFormat F, int... M>
void small_format_bf16(const LinearWeight& w, const Bf16Pair* x, int m, std::int64_t begin, std::int64_t end,
                       const LinearOut& out, IntList<M...>) {
  using Fn = void (*)(const LinearWeight&, const Bf16Pair*, std::int64_t, std::int64_t, const LinearOut&);
  static constexpr Fn kTable[] = {small_rows_bf16<F, M + 1>...};
  kTable[m - 1](w, x, begin, end, out);
}
