// The one inner product of the file: M rows of A times P panels of 16 columns, over kc, into a tile of C.
// A(r, k) = a[r * RowStride + k * ColStride], strides known to the compiler so that addresses are constants.
// b0 and b1 step by ldb per k: 16 for packed panels, the row length for the values of an attention head.

enum class MicroOut { kStore, kAdd, kAddScaled };

// One vector of C; `left` columns of it exist, 16 or more: all of them.
inline void store_tile_row(Vec value, float* target, int left, MicroOut mode, float factor) {
  const int lanes = left < 16 ? left : 16;
  if (mode == MicroOut::kAdd) value = add(value, load_lanes(target, lanes));
  if (mode == MicroOut::kAddScaled) value = fma(value, splat(factor), load_lanes(target, lanes));
  store_lanes(target, value, lanes);
}

template <int M, int P, int RowStride, int ColStride>
void micro(const float* a, const float* b0, const float* b1, std::int64_t ldb, std::int64_t kc, float* c,
           std::int64_t ldc, int cols, MicroOut mode, float factor) {
  Vec acc[M][P];
  for (int m = 0; m < M; ++m) {
    for (int i = 0; i < P; ++i) acc[m][i] = zero();
  }
  for (std::int64_t k = 0; k < kc; ++k) {
    Vec b[P];
    b[0] = load(b0 + k * ldb);
    if constexpr (P == 2) b[P - 1] = load(b1 + k * ldb);
    for (int m = 0; m < M; ++m) {
      const Vec value = splat(a[m * RowStride + k * ColStride]);
      for (int i = 0; i < P; ++i) acc[m][i] = fma(value, b[i], acc[m][i]);
    }
  }
  for (int m = 0; m < M; ++m) {
    for (int i = 0; i < P; ++i) store_tile_row(acc[m][i], c + m * ldc + 16 * i, cols - 16 * i, mode, factor);
  }
}

using MicroFn = void (*)(const float* a, const float* b0, const float* b1, std::int64_t ldb, std::int64_t kc, float* c,
                         std::int64_t ldc, int cols, MicroOut mode, float factor);

// kTable<P, RowStride, ColStride>[m - 1] for m in [1, kMicroRows].
template <int P, int RowStride, int ColStride>
struct MicroTable {
  MicroFn fn[kMicroRows];
  template <int... M>
  static constexpr MicroTable make(IntList<M...>) {
    return {{micro<M + 1, P, RowStride, ColStride>...}};
  }
};

template <int P, int RowStride, int ColStride>
inline MicroFn micro_for(int m) {
  static constexpr auto kTable = MicroTable<P, RowStride, ColStride>::make(RowList{});
  return kTable.fn[m - 1];
}

// `panels` (1 or 2, 2 only where kMicroPanels is) panels of B; packed A with kMicroRows rows side by side.
inline MicroFn packed_micro(int m, int panels) {
  if constexpr (kMicroPanels == 2) {
    if (panels == 2) return micro_for<kMicroPanels, 1, kMicroRows>(m);
  }
  return micro_for<1, 1, kMicroRows>(m);
}
