// Attention of one kv head for a block of query rows, keys in blocks of kKeyBlock with the running maximum and sum of
// an online softmax. The query heads that share the kv head are rows like any others: row i is query i / group.

inline constexpr int kKeyBlock = 128;
inline constexpr int kAttentionRows = kMicroRows * 4;
inline constexpr float kMinusInfinity = -__builtin_inff();

// Of the whole block of rows, in scratch.
struct AttentionState {
  float* q;       // packed and scaled, [groups of kMicroRows][head_dim][kMicroRows]
  float* sum;     // [rows, head_dim rounded up]: unnormalised outputs
  float* scores;  // [kMicroRows, kKeyBlock]
  std::int64_t ld;
  float* top;    // [rows] running maximum
  float* total;  // [rows] running sum
};

AttentionState carve_state(float* scratch, std::int64_t head_dim) {
  AttentionState s;
  s.ld = (head_dim + kPanel - 1) / kPanel * kPanel;
  s.q = scratch;
  s.sum = s.q + kAttentionRows * head_dim;
  s.scores = s.sum + kAttentionRows * s.ld;
  s.top = s.scores + kMicroRows * kKeyBlock;
  s.total = s.top + kAttentionRows;
  return s;
}

inline std::int64_t query_offset(const AttentionTask& t, std::int64_t stride, int row) {
  return (row / t.group) * stride + (t.first_head + row % t.group) * t.head_dim;
}

void start_rows(const AttentionTask& t, int rows, const AttentionState& s) {
  for (int r = 0; r < rows; ++r) {
    const float* q = t.q + query_offset(t, t.q_stride, r);
    float* packed = s.q + (r / kMicroRows) * kMicroRows * t.head_dim + r % kMicroRows;
    for (std::int64_t d = 0; d < t.head_dim; ++d) packed[d * kMicroRows] = q[d] * t.scale;
    for (std::int64_t d = 0; d < s.ld; d += 16) store(s.sum + r * s.ld + d, zero());
    s.top[r] = kMinusInfinity;
    s.total[r] = 0;
  }
}

inline int key_begin(const AttentionTask& t, int row) { return t.begin != nullptr ? t.begin[row / t.group] : 0; }
inline int key_end(const AttentionTask& t, int row) {
  const int limit = static_cast<int>(t.num_keys);
  if (t.end == nullptr) return limit;
  const int end = t.end[row / t.group];
  return end < limit ? end : limit;
}

// Scores of one row over a key block become weights exp(score - maximum); zeros outside [low, high).
// `width` is how many keys the block holds, rounded up to 16 in `scores`.
void soften_row(const AttentionTask& t, int row, std::int64_t first_key, int width, const AttentionState& s,
                float* scores) {
  int low = key_begin(t, row) - static_cast<int>(first_key);
  int high = key_end(t, row) - static_cast<int>(first_key);
  low = low < 0 ? 0 : low;
  high = high > width ? width : high;
  if (low >= high) {
    for (int j = 0; j < width; j += 16) store(scores + j, zero());
    return;
  }
  const Vec outside = splat(kMinusInfinity);
  Vec most = outside;
  for (int j = 0; j < width; j += 16) {
    Vec score = load(scores + j);
    if (t.key_bias != nullptr) score = add(score, load(t.key_bias + first_key + j));
    if (low > j || high < j + 16) score = keep_lanes(score, low - j, high - j, outside);
    store(scores + j, score);
    most = vmax(most, score);
  }
  const float before = s.top[row];
  const float block_top = largest(most);
  const float top = block_top > before ? block_top : before;
  Vec total = zero();
  for (int j = 0; j < width; j += 16) {
    const Vec weight = vexp(sub(load(scores + j), splat(top)));
    store(scores + j, weight);
    total = add(total, weight);
  }
  if (top != before) {
    float correction[16];
    store(correction, vexp(splat(before - top)));  // 0 for the first block
    s.top[row] = top;
    s.total[row] *= correction[0];
    for (std::int64_t d = 0; d < s.ld; d += 16)
      store(s.sum + row * s.ld + d, mul(load(s.sum + row * s.ld + d), splat(correction[0])));
  }
  s.total[row] += sum(total);
}

inline MicroFn values_micro(int m, int panels) {
  if constexpr (kMicroPanels == 2) {
    if (panels == 2) return micro_for<kMicroPanels, kKeyBlock, 1>(m);
  }
  return micro_for<1, kKeyBlock, 1>(m);
}

// One group of at most kMicroRows rows against keys [first_key, first_key + width).
void attend_group(const AttentionTask& t, int row, int rows, std::int64_t first_key, int width,
                  const AttentionState& s) {
  const float* q = s.q + row * t.head_dim;
  const float* k = t.k + first_key * t.head_dim;
  const std::int64_t key_panel = kPanel * t.head_dim;
  for (int j = 0; j < width; j += 16 * kMicroPanels) {
    const int panels = width - j > 16 ? kMicroPanels : 1;
    packed_micro(rows, panels)(q, k + j / 16 * key_panel, k + (j / 16 + 1) * key_panel, kPanel, t.head_dim,
                               s.scores + j, kKeyBlock, 16 * panels, MicroOut::kStore, 1);
  }
  for (int r = 0; r < rows; ++r) soften_row(t, row + r, first_key, width, s, s.scores + r * kKeyBlock);
  const float* v = t.v + first_key * t.head_dim;
  float* out = s.sum + row * s.ld;
  for (std::int64_t d = 0; d < t.head_dim; d += 16 * kMicroPanels) {
    const std::int64_t left = t.head_dim - d;
    const int panels = left > 16 ? kMicroPanels : 1;
    const int cols = left < 16 * panels ? static_cast<int>(left) : 16 * panels;
    values_micro(rows, panels)(s.scores, v + d, v + d + 16, t.head_dim, width, out + d, s.ld, cols, MicroOut::kAdd, 1);
  }
}

void finish_rows(const AttentionTask& t, int rows, const AttentionState& s) {
  for (int r = 0; r < rows; ++r) {
    float* out = t.out + query_offset(t, t.out_stride, r);
    const Vec inverse = splat(s.total[r] > 0 ? 1.0F / s.total[r] : 0.0F);
    for_each_vec(t.head_dim, [&](std::int64_t d, int lanes) {
      store_lanes(out + d, mul(load(s.sum + r * s.ld + d), inverse), lanes);
    });
  }
}

void attention_rows(const AttentionTask& t, float* scratch) {
  const AttentionState s = carve_state(scratch, t.head_dim);
  const int rows = t.rows * t.group;
  start_rows(t, rows, s);
  for (std::int64_t first = 0; first < t.num_keys; first += kKeyBlock) {
    const std::int64_t left = t.num_keys - first;
    const int width = left < kKeyBlock ? static_cast<int>(left) : kKeyBlock;
    for (int row = 0; row < rows; row += kMicroRows) {
      const int count = rows - row < kMicroRows ? rows - row : kMicroRows;
      bool visible = false;
      for (int r = row; r < row + count; ++r)
        visible = visible || (key_begin(t, r) < first + width && key_end(t, r) > first);
      if (visible) attend_group(t, row, count, first, width, s);
    }
  }
  finish_rows(t, rows, s);
}
