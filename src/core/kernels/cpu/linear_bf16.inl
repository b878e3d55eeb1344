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
