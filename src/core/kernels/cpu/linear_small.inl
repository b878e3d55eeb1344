// linear for a few rows: the packed weight is read once, from memory to registers, and multiplied into M rows at once.

inline constexpr int kSmallRows = 8;

// One panel row of a plain format.
template <WeightFormat F>
inline Vec load_weights(const void* panels, std::int64_t at) {
  if constexpr (F == WeightFormat::kF32) return load(static_cast<const float*>(panels) + at);
  if constexpr (F == WeightFormat::kF16) return load_f16(static_cast<const std::uint16_t*>(panels) + at);
  if constexpr (F == WeightFormat::kBF16) return load_bf16(static_cast<const std::uint16_t*>(panels) + at);
  if constexpr (F == WeightFormat::kI8) return load_i8(static_cast<const std::int8_t*>(panels) + at);
}

// The 16 scales of block column `block` of panel `p`.
template <WeightFormat F>
inline Vec load_scales(const LinearWeight& w, std::int64_t p, std::int64_t block) {
  const std::int64_t at = (p * (w.in_features / kScaleBlock) + block) * kPanel;
  if constexpr (F == WeightFormat::kCode4) return load(w.scale + at);
  const Vec nested = select_split(static_cast<std::int32_t>(block), w.nested_split + p * kPanel,
                                  load(w.nested_first + p * kPanel), load(w.nested_second + p * kPanel));
  return fma(gather_bytes(w.nested_code, w.scale_q + at), nested, splat(w.nested_offset));
}

// The result of one row and one panel: bias, activation, and to y.
inline void write_out(const LinearWeight& w, std::int64_t p, Vec value, const LinearOut& out, std::int64_t row) {
  const std::int64_t n = p * kPanel;
  const int lanes = w.out_features - n < kPanel ? static_cast<int>(w.out_features - n) : 16;
  if (w.bias != nullptr) value = add(value, load(w.bias + n));
  if (out.gelu) value = vgelu(value);
  float* y = out.y + row * out.stride + n;
  if (out.add_scaled) value = fma(value, splat(out.factor), load_lanes(y, lanes));
  store_lanes(y, value, lanes);
}

template <WeightFormat F, int M, int P>
void dense_panels(const LinearWeight& w, const float* x, std::int64_t x_stride, std::int64_t p, const LinearOut& out) {
  Vec acc[M][P];
  for (int m = 0; m < M; ++m) {
    for (int i = 0; i < P; ++i) acc[m][i] = zero();
  }
  const std::int64_t panel_values = w.in_features * kPanel;
  for (std::int64_t k = 0; k < w.in_features; ++k) {
    for (int i = 0; i < P; ++i) {
      const Vec value = load_weights<F>(w.panels, (p + i) * panel_values + k * kPanel);
      for (int m = 0; m < M; ++m) acc[m][i] = fma(splat(x[m * x_stride + k]), value, acc[m][i]);
    }
  }
  for (int m = 0; m < M; ++m) {
    for (int i = 0; i < P; ++i) {
      if constexpr (F == WeightFormat::kI8) acc[m][i] = mul(acc[m][i], load(w.scale + (p + i) * kPanel));
      write_out(w, p + i, acc[m][i], out, m);
    }
  }
}

template <int M, int P, int Index>
inline void code4_nibble(const Words (&words)[P], Codebook code, const float* x, std::int64_t x_stride,
                         Vec (&part)[M][P]) {
  for (int i = 0; i < P; ++i) {
    const Vec value = lookup<Index>(words[i], code);
    if constexpr (M == 1) {
      part[0][i] = fma_memory(x + Index, value, part[0][i]);
    } else {
      for (int m = 0; m < M; ++m) part[m][i] = fma(splat(x[m * x_stride + Index]), value, part[m][i]);
    }
  }
}

template <int M, int P>
inline void code4_word(const Words (&words)[P], Codebook code, const float* x, std::int64_t x_stride,
                       Vec (&part)[M][P]) {
  code4_nibble<M, P, 0>(words, code, x, x_stride, part);
  code4_nibble<M, P, 1>(words, code, x, x_stride, part);
  code4_nibble<M, P, 2>(words, code, x, x_stride, part);
  code4_nibble<M, P, 3>(words, code, x, x_stride, part);
  code4_nibble<M, P, 4>(words, code, x, x_stride, part);
  code4_nibble<M, P, 5>(words, code, x, x_stride, part);
  code4_nibble<M, P, 6>(words, code, x, x_stride, part);
  code4_nibble<M, P, 7>(words, code, x, x_stride, part);
}

inline constexpr std::int64_t kPrefetchBytes = 1024;  // ahead in each panel: the hardware stops at a page's end

// The scales of two block columns for P panels side by side; the nested form's 8-bit look-ups are done for both at
// once.
template <WeightFormat F, int P>
struct ScalePair {
  ByteTable table;
  Vec values[P][2];

  explicit ScalePair(const LinearWeight& w) {
    if constexpr (F == WeightFormat::kCode4Nested) fill_byte_table(w.nested_code, table);
  }
  void fill(const LinearWeight& w, std::int64_t p, std::int64_t block) {
    const std::int64_t blocks = w.in_features / kScaleBlock;
    const int count = blocks - block < 2 ? 1 : 2;
    for (int i = 0; i < P; ++i) {
      if (F == WeightFormat::kCode4 || count == 1) {
        for (int b = 0; b < count; ++b) values[i][b] = load_scales<F>(w, p + i, block + b);
        continue;
      }
      lookup_bytes(table, w.scale_q + ((p + i) * blocks + block) * kPanel, values[i][0], values[i][1]);
      const std::int64_t row = (p + i) * kPanel;
      const Vec first = load(w.nested_first + row), second = load(w.nested_second + row);
      for (int b = 0; b < 2; ++b) {
        const Vec nested = select_split(static_cast<std::int32_t>(block) + b, w.nested_split + row, first, second);
        values[i][b] = fma(values[i][b], nested, splat(w.nested_offset));
      }
    }
  }
};

// Codebook entries are summed unscaled over a block of 64 and scaled once, not once a value.
template <WeightFormat F, int M, int P>
void code4_panels(const LinearWeight& w, const float* x, std::int64_t x_stride, std::int64_t p, const LinearOut& out) {
  const Codebook code = load_codebook(w.code);
  const auto* panels = static_cast<const std::uint32_t*>(w.panels);
  const std::int64_t panel_words = w.in_features / 8 * kPanel;
  const std::int64_t blocks = w.in_features / kScaleBlock;
  Vec acc[M][P];
  for (int m = 0; m < M; ++m) {
    for (int i = 0; i < P; ++i) acc[m][i] = zero();
  }
  ScalePair<F, P> scales(w);
  for (std::int64_t block = 0; block < blocks; ++block) {
    if (block % 2 == 0) scales.fill(w, p, block);
    Vec part[M][P];
    for (int m = 0; m < M; ++m) {
      for (int i = 0; i < P; ++i) part[m][i] = zero();
    }
    for (std::int64_t g = block * 8; g < block * 8 + 8; ++g) {
      Words words[P];
      for (int i = 0; i < P; ++i) {
        const std::uint32_t* at = panels + (p + i) * panel_words + g * kPanel;
        words[i] = load_words(at);
        prefetch(reinterpret_cast<const char*>(at) + kPrefetchBytes);
      }
      code4_word<M, P>(words, code, x + g * 8, x_stride, part);
    }
    for (int i = 0; i < P; ++i) {
      const Vec scale = scales.values[i][block % 2];
      for (int m = 0; m < M; ++m) acc[m][i] = fma(part[m][i], scale, acc[m][i]);
    }
  }
  for (int m = 0; m < M; ++m) {
    for (int i = 0; i < P; ++i) write_out(w, p + i, acc[m][i], out, m);
  }
}

template <WeightFormat F, int M, int P>
void small_panels(const LinearWeight& w, const float* x, std::int64_t x_stride, std::int64_t p, const LinearOut& out) {
  if constexpr (F == WeightFormat::kCode4 || F == WeightFormat::kCode4Nested) {
    code4_panels<F, M, P>(w, x, x_stride, p, out);
  } else {
    dense_panels<F, M, P>(w, x, x_stride, p, out);
  }
}

template <WeightFormat F, int M>
void small_rows(const LinearWeight& w, const float* x, std::int64_t x_stride, std::int64_t begin, std::int64_t end,
                const LinearOut& out) {
  constexpr bool kCode = F == WeightFormat::kCode4 || F == WeightFormat::kCode4Nested;
  // Few rows leave registers free: more panels side by side give more independent sums and memory streams.
  constexpr int kCodeWide = M == 1 ? kCodePanels : (kMicroPanels == 2 ? 4 : 2);
  constexpr int kWide = M <= 2 ? (kCode ? kCodeWide : 4) : (kMicroPanels == 2 ? 2 : 1);
  std::int64_t p = begin;
  for (; p + kWide <= end; p += kWide) small_panels<F, M, kWide>(w, x, x_stride, p, out);
  for (; p < end; ++p) small_panels<F, M, 1>(w, x, x_stride, p, out);
}

template <WeightFormat F>
void small_format(const LinearWeight& w, const float* x, std::int64_t x_stride, int m, std::int64_t begin,
                  std::int64_t end, const LinearOut& out) {
  switch (m) {
    case 1:
      return small_rows<F, 1>(w, x, x_stride, begin, end, out);
    case 2:
      return small_rows<F, 2>(w, x, x_stride, begin, end, out);
    case 3:
      return small_rows<F, 3>(w, x, x_stride, begin, end, out);
    case 4:
      return small_rows<F, 4>(w, x, x_stride, begin, end, out);
    case 5:
      return small_rows<F, 5>(w, x, x_stride, begin, end, out);
    case 6:
      return small_rows<F, 6>(w, x, x_stride, begin, end, out);
    case 7:
      return small_rows<F, 7>(w, x, x_stride, begin, end, out);
    default:
      return small_rows<F, 8>(w, x, x_stride, begin, end, out);
  }
}

void linear_small(const LinearWeight& w, const float* x, std::int64_t x_stride, int m, std::int64_t begin,
                  std::int64_t end, const LinearOut& out) {
  switch (w.format) {
    case WeightFormat::kF32:
      return small_format<WeightFormat::kF32>(w, x, x_stride, m, begin, end, out);
    case WeightFormat::kF16:
      return small_format<WeightFormat::kF16>(w, x, x_stride, m, begin, end, out);
    case WeightFormat::kBF16:
      return small_format<WeightFormat::kBF16>(w, x, x_stride, m, begin, end, out);
    case WeightFormat::kI8:
      return small_format<WeightFormat::kI8>(w, x, x_stride, m, begin, end, out);
    case WeightFormat::kCode4:
      return small_format<WeightFormat::kCode4>(w, x, x_stride, m, begin, end, out);
    case WeightFormat::kCode4Nested:
      return small_format<WeightFormat::kCode4Nested>(w, x, x_stride, m, begin, end, out);
  }
}
