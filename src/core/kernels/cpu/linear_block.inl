// linear for many rows: x is packed in blocks of kBlockK columns, the weights of one or two panels are brought to the
// type of the products in a strip that stays in the first-level cache, and the micro kernel runs down the rows.

inline constexpr std::int64_t kBlockK = 256;  // a multiple of kScaleBlock
inline constexpr int kBlockRows = kMicroRows * 16;

template <WeightFormat F>
void unpack_code4(const LinearWeight& w, std::int64_t p, std::int64_t k0, std::int64_t kc, float* strip) {
  const Codebook code = load_codebook(w.code);
  const auto* words_at = static_cast<const std::uint32_t*>(w.panels) + (p * w.in_features + k0) / 8 * kPanel;
  for (std::int64_t k = 0; k < kc; k += kScaleBlock) {
    const Vec scale = load_scales<F>(w, p, (k0 + k) / kScaleBlock);
    for (std::int64_t g = k / 8; g < (k + kScaleBlock) / 8; ++g) {
      const Words words = load_words(words_at + g * kPanel);
      float* out = strip + g * 8 * kPanel;
      store(out, mul(lookup<0>(words, code), scale));
      store(out + 16, mul(lookup<1>(words, code), scale));
      store(out + 32, mul(lookup<2>(words, code), scale));
      store(out + 48, mul(lookup<3>(words, code), scale));
      store(out + 64, mul(lookup<4>(words, code), scale));
      store(out + 80, mul(lookup<5>(words, code), scale));
      store(out + 96, mul(lookup<6>(words, code), scale));
      store(out + 112, mul(lookup<7>(words, code), scale));
    }
  }
}

template <WeightFormat F>
void unpack_dense(const LinearWeight& w, std::int64_t p, std::int64_t k0, std::int64_t kc, float* strip) {
  const std::int64_t first = (p * w.in_features + k0) * kPanel;
  Vec scale = splat(1.0F);
  if constexpr (F == WeightFormat::kI8) scale = load(w.scale + p * kPanel);
  for (std::int64_t k = 0; k < kc; ++k) {
    Vec value = load_weights<F>(w.panels, first + k * kPanel);
    if constexpr (F == WeightFormat::kI8) value = mul(value, scale);
    store(strip + k * kPanel, value);
  }
}

// Panel p, columns [k0, k0 + kc) in fp32: in place where the weight is fp32, else in `strip`.
const float* fp32_strip(const LinearWeight& w, std::int64_t p, std::int64_t k0, std::int64_t kc, float* strip) {
  switch (w.format) {
    case WeightFormat::kF32:
      return static_cast<const float*>(w.panels) + (p * w.in_features + k0) * kPanel;
    case WeightFormat::kF16:
      unpack_dense<WeightFormat::kF16>(w, p, k0, kc, strip);
      break;
    case WeightFormat::kBF16:
      unpack_dense<WeightFormat::kBF16>(w, p, k0, kc, strip);
      break;
    case WeightFormat::kI8:
      unpack_dense<WeightFormat::kI8>(w, p, k0, kc, strip);
      break;
    case WeightFormat::kCode4:
      unpack_code4<WeightFormat::kCode4>(w, p, k0, kc, strip);
      break;
    case WeightFormat::kCode4Nested:
      unpack_code4<WeightFormat::kCode4Nested>(w, p, k0, kc, strip);
      break;
  }
  return strip;
}

// What remains once the last columns are in: bias and activation.
void finish_panel(const LinearWeight& w, std::int64_t p, int m, const LinearOut& out) {
  if (w.bias == nullptr && !out.gelu) return;
  const std::int64_t n = p * kPanel;
  const int lanes = w.out_features - n < kPanel ? static_cast<int>(w.out_features - n) : 16;
  const Vec bias = w.bias != nullptr ? load(w.bias + n) : zero();
  for (int r = 0; r < m; ++r) {
    float* y = out.y + r * out.stride + n;
    Vec value = load_lanes(y, lanes);
    value = out.add_scaled ? fma(bias, splat(out.factor), value) : add(value, bias);
    if (out.gelu) value = vgelu(value);
    store_lanes(y, value, lanes);
  }
}

// Products in fp32.
struct Fp32Products {
  using Item = float;                          // what one broadcast of x covers
  static constexpr std::int64_t kPerItem = 1;  // columns of it

  // Rows [0, m) and columns [k0, k0 + kc) of x, as groups of kMicroRows rows with k running slowest.
  static void pack_rows(const float* x, std::int64_t x_stride, int m, std::int64_t k0, std::int64_t kc, float* out) {
    for (int r0 = 0; r0 < m; r0 += kMicroRows) {
      const int rows = m - r0 < kMicroRows ? m - r0 : kMicroRows;
      float* group = out + r0 * kc;
      for (int r = 0; r < rows; ++r) {
        const float* source = x + (r0 + r) * x_stride + k0;
        for (std::int64_t k = 0; k < kc; ++k) group[k * kMicroRows + r] = source[k];
      }
    }
  }
  static const float* panel_strip(const LinearWeight& w, std::int64_t p, std::int64_t k0, std::int64_t kc,
                                  float* strip) {
    return fp32_strip(w, p, k0, kc, strip);
  }
  static void micro(int rows, int panels, const float* a, const float* b0, const float* b1, std::int64_t items,
                    float* c, std::int64_t ldc, int cols, MicroOut mode, float factor) {
    packed_micro(rows, panels)(a, b0, b1, kPanel, items, c, ldc, cols, mode, factor);
  }
};

template <typename Products>
void linear_block(const LinearWeight& w, const float* x, std::int64_t x_stride, int m, std::int64_t begin,
                  std::int64_t end, const LinearOut& out, float* scratch) {
  using Item = typename Products::Item;
  auto* strips = reinterpret_cast<Item*>(scratch);
  Item* packed = strips + kMicroPanels * kBlockK * kPanel;
  for (std::int64_t k0 = 0; k0 < w.in_features; k0 += kBlockK) {
    const std::int64_t kc = w.in_features - k0 < kBlockK ? w.in_features - k0 : kBlockK;
    const std::int64_t items = (kc + Products::kPerItem - 1) / Products::kPerItem;
    const bool last = k0 + kc == w.in_features;
    const MicroOut mode = out.add_scaled ? MicroOut::kAddScaled : (k0 == 0 ? MicroOut::kStore : MicroOut::kAdd);
    Products::pack_rows(x, x_stride, m, k0, kc, packed);
    for (std::int64_t p = begin; p < end; p += kMicroPanels) {
      const int panels = end - p < kMicroPanels ? static_cast<int>(end - p) : kMicroPanels;
      const Item* b0 = Products::panel_strip(w, p, k0, kc, strips);
      const Item* b1 = panels == 2 ? Products::panel_strip(w, p + 1, k0, kc, strips + kBlockK * kPanel) : nullptr;
      const std::int64_t left = w.out_features - p * kPanel;
      const int cols = left < 16 * panels ? static_cast<int>(left) : 16 * panels;
      for (int r = 0; r < m; r += kMicroRows) {
        const int rows = m - r < kMicroRows ? m - r : kMicroRows;
        Products::micro(rows, panels, packed + r * items, b0, b1, items, out.y + r * out.stride + p * kPanel,
                        out.stride, cols, mode, out.factor);
      }
      if (!last) continue;
      for (int i = 0; i < panels; ++i) finish_panel(w, p + i, m, out);
    }
  }
}
