// Ops on one row of `cols` values.

// Calls body(offset, lanes) for each 16 columns; the last may have fewer lanes.
template <typename Body>
inline void for_each_vec(std::int64_t cols, Body body) {
  std::int64_t c = 0;
  for (; c + 16 <= cols; c += 16) body(c, 16);
  if (c < cols) body(c, static_cast<int>(cols - c));
}
inline Vec load_lanes(const float* p, int lanes) { return lanes == 16 ? load(p) : load_first(p, lanes); }
inline void store_lanes(float* p, Vec x, int lanes) {
  if (lanes == 16) {
    store(p, x);
  } else {
    store_first(p, x, lanes);
  }
}

inline float inverse_root(float x) { return 1.0F / __builtin_sqrtf(x); }

void rms_norm_row(const float* x, const float* weight, float eps, std::int64_t cols, float* out) {
  Vec squares = zero();
  for_each_vec(cols, [&](std::int64_t c, int lanes) {
    const Vec value = load_lanes(x + c, lanes);
    squares = fma(value, value, squares);
  });
  const Vec scale = splat(inverse_root(sum(squares) / static_cast<float>(cols) + eps));
  for_each_vec(cols, [&](std::int64_t c, int lanes) {
    store_lanes(out + c, mul(mul(load_lanes(x + c, lanes), scale), load_lanes(weight + c, lanes)), lanes);
  });
}

// Two passes: subtracting the mean first keeps the variance exact where the mean is large.
void layer_norm_row(const float* x, const float* weight, const float* bias, float eps, std::int64_t cols, float* out) {
  Vec total = zero();
  for_each_vec(cols, [&](std::int64_t c, int lanes) { total = add(total, load_lanes(x + c, lanes)); });
  const Vec mean = splat(sum(total) / static_cast<float>(cols));
  Vec squares = zero();
  for_each_vec(cols, [&](std::int64_t c, int lanes) {
    const Vec centred = keep_lanes(sub(load_lanes(x + c, lanes), mean), 0, lanes, zero());
    squares = fma(centred, centred, squares);
  });
  const Vec scale = splat(inverse_root(sum(squares) / static_cast<float>(cols) + eps));
  for_each_vec(cols, [&](std::int64_t c, int lanes) {
    const Vec centred = mul(sub(load_lanes(x + c, lanes), mean), scale);
    store_lanes(out + c, fma(centred, load_lanes(weight + c, lanes), load_lanes(bias + c, lanes)), lanes);
  });
}

void silu_mul_row(float* gate, const float* up, std::int64_t cols) {
  for_each_vec(cols, [&](std::int64_t c, int lanes) {
    store_lanes(gate + c, mul(vsilu(load_lanes(gate + c, lanes)), load_lanes(up + c, lanes)), lanes);
  });
}

void gelu_row(float* x, std::int64_t cols) {
  for_each_vec(cols, [&](std::int64_t c, int lanes) { store_lanes(x + c, vgelu(load_lanes(x + c, lanes)), lanes); });
}

void add_scaled_row(float* x, const float* y, float factor, std::int64_t cols) {
  for_each_vec(cols, [&](std::int64_t c, int lanes) {
    store_lanes(x + c, fma(load_lanes(y + c, lanes), splat(factor), load_lanes(x + c, lanes)), lanes);
  });
}
