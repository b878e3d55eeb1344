// The other ops of the CUDA table against the plain reference, and the device's plumbing: control memory, recorded
// steps, the memory cap.
//
// Tolerances: inputs are exact in fp16, sums are fp32; an fp16 result is rounded once, 2^-11 / sqrt(3) = 2.8e-4
// relative. Attention rounds its weights to fp16 as well, before they are summed.
#include <algorithm>

#include "core/kernels/attention.h"
#include "core/kernels/elementwise.h"
#include "core/kernels/norm.h"
#include "tests/core/kernels/cuda_support.h"

namespace docket::kernels {
namespace {

constexpr double kExact = 2e-6, kHalf = 5e-4, kAttention = 1e-3;

class CudaOps : public Cuda {
 protected:
  double bound(DType out) { return out == DType::kF16 ? kHalf : kExact; }
};

TEST_P(CudaOps, NormsAtEveryWidth) {
  std::vector<std::int64_t> widths = {1280, 2048, 4096, 4104, 8192, 8200};
  for (std::int64_t cols = 1; cols <= 1300; cols = cols < 130 ? cols + 1 : cols + 111) widths.push_back(cols);
  for (const std::int64_t cols : widths) {
    reset();
    const std::int64_t rows = 1 + cols % 19;
    auto x = random_values(static_cast<std::size_t>(rows * cols), static_cast<std::uint32_t>(cols), 3);
    for (float& value : x) value += 0.5F;
    const auto weight = random_values(static_cast<std::size_t>(cols), 2),
               bias = random_values(static_cast<std::size_t>(cols), 3);
    std::vector<float> expected(x.size());
    for (const DType out_type : {DType::kF32, DType::kF16}) {
      const Matrix in = put(x, rows, cols, DType::kF32), out = poisoned(rows, cols, out_type);
      rms_norm(kernels(), in, put_vector(weight), 1e-5F, out);
      rms_norm(plain(), view(x, rows, cols), weight.data(), 1e-5F, view(expected, rows, cols));
      EXPECT_LE(relative_l2(get(out), expected), bound(out_type)) << "rms_norm " << cols;
      layer_norm(kernels(), in, put_vector(weight), put_vector(bias), 1e-5F, out);
      layer_norm(plain(), view(x, rows, cols), weight.data(), bias.data(), 1e-5F, view(expected, rows, cols));
      EXPECT_LE(relative_l2(get(out), expected), bound(out_type)) << "layer_norm " << cols;
    }
  }
}

// A row that starts where no wide access may, and one half of a wider matrix.
TEST_P(CudaOps, NormsOfSlices) {
  const std::int64_t rows = 11, cols = 640;
  auto x = random_values(static_cast<std::size_t>(rows * cols), 1, 3);
  const auto weight = random_values(static_cast<std::size_t>(cols), 2), bias = random_values(weight.size(), 3);
  for (const std::int64_t first : {1, 4, 320})
    for (const DType type : {DType::kF32, DType::kF16}) {
      reset();
      auto in = rounded_to_half(x);
      const Matrix m = put(in, rows, cols, type).slice_cols(first, 320);
      Matrix host = view(in, rows, cols).slice_cols(first, 320);
      layer_norm(kernels(), m, put_vector(weight), put_vector(bias), 1e-5F, m);
      layer_norm(plain(), host, weight.data(), bias.data(), 1e-5F, host);
      std::vector<float> expected;
      for (std::int64_t r = 0; r < rows; ++r) expected.insert(expected.end(), host.row(r), host.row(r) + host.cols);
      EXPECT_LE(relative_l2(get(m), expected), bound(type)) << first;
    }
}

class CudaElementwise : public CudaOps {
 protected:
  void compare_all(std::int64_t rows, std::int64_t cols);
};

TEST_P(CudaElementwise, AtWidthsOfOneElementAndOfEight) {
  for (const std::int64_t cols : {75, 80, 1304}) compare_all(37, cols);
}

void CudaElementwise::compare_all(std::int64_t rows, std::int64_t cols) {
  auto a = rounded_to_half(random_values(static_cast<std::size_t>(rows * cols), 1, 4)),
       b = rounded_to_half(random_values(a.size(), 2, 4));
  for (const DType type : {DType::kF32, DType::kF16}) {
    reset();
    const auto check = [&](const char* what, auto op) {
      auto expected = a;
      const Matrix x = put(a, rows, cols, type), y = put(b, rows, cols, type);
      op(kernels(), x, y);
      op(plain(), view(expected, rows, cols), view(b, rows, cols));
      EXPECT_LE(relative_l2(get(x), expected), bound(type)) << what << " " << cols << " " << to_string(type);
    };
    check("silu_mul", [](const Kernels& k, Matrix x, Matrix y) { silu_mul(k, x, y); });
    check("gelu", [](const Kernels& k, Matrix x, Matrix) { gelu(k, x); });
    check("add_scaled", [](const Kernels& k, Matrix x, Matrix y) { add_scaled(k, x, y, 0.7F); });
    check("add_scaled of one row",
          [](const Kernels& k, Matrix x, Matrix y) { add_scaled(k, x, y.slice_rows(3, 1), -0.7F); });
    check("fill", [](const Kernels& k, Matrix x, Matrix) { fill(k, x.slice_cols(5, 9), 2.5F); });
    check("copy", [](const Kernels& k, Matrix x, Matrix y) { copy(k, y, x); });
    check("interleave of one channel",
          [](const Kernels& k, Matrix x, Matrix y) { interleave(k, y.slice_cols(0, 40), 0, 1, x); });
    check("interleave", [](const Kernels& k, Matrix x, Matrix y) { interleave(k, y.slice_cols(0, 14), 3, 5, x); });
  }
}

TEST_P(CudaOps, Halves) {  // fp16 saturates, so that no sum becomes infinite
  const Matrix x = put({1e6F, -1e6F, 65504.0F, 1.0F}, 1, 4, DType::kF32), y = poisoned(1, 4, DType::kF16);
  copy(kernels(), x, y);
  EXPECT_EQ(get(y), (std::vector<float>{65504.0F, -65504.0F, 65504.0F, 1.0F}));
}

TEST_P(CudaOps, Rope) {
  const std::int64_t rows = 9;
  for (const std::int64_t dim : {8, 16, 80, 128}) {
    reset();
    std::vector<std::int64_t> positions;
    for (std::int64_t r = 0; r < rows; ++r) positions.push_back(r * r * 331);
    std::vector<float> frequencies;
    for (std::int64_t j = 0; j < dim / 2; ++j)
      frequencies.push_back(std::pow(500000.0F, -2.0F * static_cast<float>(j) / static_cast<float>(dim)));
    auto x = rounded_to_half(random_values(static_cast<std::size_t>(rows * 3 * dim), 4));
    for (const DType type : {DType::kF32, DType::kF16}) {
      const Matrix m = put(x, rows, 3 * dim, type);
      auto expected = x;
      rope(kernels(), m, control(positions), put_vector(frequencies), dim);
      rope(plain(), view(expected, rows, 3 * dim), positions.data(), frequencies.data(), dim);
      // cos and sin of angles up to 26000 differ in the last bits between libraries.
      EXPECT_LE(relative_l2(get(m), expected), type == DType::kF16 ? kHalf : 1e-5) << dim;
    }
  }
}

TEST_P(CudaOps, PatchesAndTables) {
  const std::int64_t side = 3, patch = 14, channels = 3;
  auto image = random_values(static_cast<std::size_t>(channels * side * patch * side * patch), 5);
  std::vector<float> expected(image.size());
  const Matrix out = poisoned(side * side, channels * patch * patch, DType::kF32);
  unfold_patches(kernels(), image.data(), channels, side, patch, out);
  unfold_patches(plain(), image.data(), channels, side, patch, view(expected, side * side, channels * patch * patch));
  EXPECT_EQ(get(out), expected);

  const std::int64_t cols = 40;
  const auto values = random_values(50 * cols, 6);
  std::vector<std::uint16_t> halves, brains;
  for (const float value : values) halves.push_back(f32_to_f16(value)), brains.push_back(f32_to_bf16(value));
  const std::pair<DType, const void*> sources[] = {
      {DType::kF32, values.data()}, {DType::kF16, halves.data()}, {DType::kBF16, brains.data()}};
  const std::vector<std::int64_t> ids = {0, 49, 7, 7, 12};
  for (const auto& [dtype, data] : sources) {
    EmbeddingTable table{data, dtype, 50, cols};
    std::vector<float> rows(ids.size() * static_cast<std::size_t>(cols));
    embed(plain(), table, ids.data(), view(rows, 5, cols));
    const Matrix gathered = poisoned(5, cols, DType::kF32);
    embed(kernels(), table, control(ids), gathered);  // from the host
    EXPECT_EQ(get(gathered), rows);
    table.device = device().place_bytes(data, static_cast<std::size_t>(50 * cols) * size_bytes(dtype), arena_);
    const Matrix on_device = poisoned(5, cols, DType::kF32);
    embed(kernels(), table, control(ids), on_device);
    EXPECT_EQ(get(on_device), rows);
  }
}

// Turned queries, and keys and values in their stores, of two jobs at once.
TEST_P(CudaOps, RopeAndStore) {
  const std::int64_t rows = 5, dim = 64, heads = 4, kv_heads = 2, cols = kv_heads * dim;
  std::vector<float> frequencies;
  for (std::int64_t j = 0; j < dim / 2; ++j)
    frequencies.push_back(std::pow(10000.0F, -2.0F * static_cast<float>(j) / static_cast<float>(dim)));
  const std::vector<std::int64_t> positions = {3, 4, 11, 12, 13};
  auto q = rounded_to_half(random_values(static_cast<std::size_t>(rows * heads * dim), 21)),
       k = rounded_to_half(random_values(static_cast<std::size_t>(rows * cols), 22)),
       v = rounded_to_half(random_values(static_cast<std::size_t>(rows * cols), 23));
  const Matrix qd = put(q, rows, heads * dim, DType::kF16), kd = put(k, rows, cols, DType::kF16),
               vd = put(v, rows, cols, DType::kF16);
  const KvStore first = take_kv_store(arena_, kv_heads, dim, 32), second = take_kv_store(arena_, kv_heads, dim, 32);
  const std::int64_t* at = control(positions);
  // The second job's place comes from its positions, as in a recorded step.
  const StoreJob jobs[] = {{kd.slice_rows(0, 2), vd.slice_rows(0, 2), 3, nullptr, first},
                           {kd.slice_rows(2, 3), vd.slice_rows(2, 3), 0, at + 2, second}};
  rope_store(kernels(), qd, kd, vd, at, put_vector(frequencies), dim, jobs);
  rope(plain(), view(q, rows, heads * dim), positions.data(), frequencies.data(), dim);
  rope(plain(), view(k, rows, cols), positions.data(), frequencies.data(), dim);
  EXPECT_LE(relative_l2(get(qd), q), kHalf);
  std::vector<float> keys, values;
  for (std::int64_t r = 0; r < rows; ++r) {
    const KvStore& store = r < 2 ? first : second;
    for (std::int64_t h = 0; h < kv_heads; ++h) {
      const std::int64_t from = h * store.head_stride() + positions[static_cast<std::size_t>(r)] * dim;
      const auto row = [&](void* data) {
        return get(Matrix(static_cast<std::uint16_t*>(data) + from, DType::kF16, 1, dim));
      };
      const auto a = row(store.k), b = row(store.v);
      keys.insert(keys.end(), a.begin(), a.end());
      values.insert(values.end(), b.begin(), b.end());
    }
  }
  EXPECT_LE(relative_l2(keys, k), kHalf);
  EXPECT_EQ(values, v);
}

TEST_P(CudaOps, BestOfRows) {
  for (const std::int64_t cols : {1, 31, 300, 128256}) {
    reset();
    const std::int64_t rows = 3;
    auto x = random_values(static_cast<std::size_t>(rows * cols), static_cast<std::uint32_t>(cols), 4);
    if (cols > 40) x[static_cast<std::size_t>(cols + 7)] = x[static_cast<std::size_t>(2 * cols - 1)] = 9;  // a tie
    const Matrix best = poisoned(rows, kBestColumns, DType::kF32);
    ASSERT_TRUE(row_best(kernels(), put(x, rows, cols, DType::kF32), best));
    const auto out = get(best);
    for (std::int64_t r = 0; r < rows; ++r) {
      const auto begin = x.begin() + r * cols, end = begin + cols;
      const auto top = std::max_element(begin, end);
      double sum = 0;
      for (auto at = begin; at != end; ++at) sum += std::exp(double{*at});
      const float* got = out.data() + r * kBestColumns;
      EXPECT_EQ(got[0], static_cast<float>(top - begin)) << cols;
      EXPECT_EQ(got[1], *top);
      EXPECT_NEAR(got[2], std::log(sum), 1e-4);
    }
  }
}

struct Case {
  std::int64_t rows, heads, kv_heads, dim, keys;
  std::vector<std::int32_t> begin = {}, end = {};
  std::vector<float> bias = {};
  float size = 1;  // of the queries: the larger, the further apart the scores
};

class CudaAttention : public CudaOps {
 protected:
  // Stores on both sides with the same keys, put in two parts.
  std::pair<KvStore, KvStore> stores(const Case& c, std::uint32_t seed) {
    const std::int64_t cols = c.kv_heads * c.dim;
    auto k = rounded_to_half(random_values(static_cast<std::size_t>(c.keys * cols), seed)),
         v = rounded_to_half(random_values(k.size(), seed + 1));
    const KvStore on_device = take_kv_store(arena_, c.kv_heads, c.dim, c.keys);
    Arena plan;
    take_kv_store(plan, c.kv_heads, c.dim, c.keys);
    host_memory_.emplace_back(plan.size_bytes() / sizeof(float), 0.0F);
    Arena host(reinterpret_cast<std::byte*>(host_memory_.back().data()), plan.size_bytes());
    const KvStore on_host = take_kv_store(host, c.kv_heads, c.dim, c.keys);
    store_kv(plain(), view(k, c.keys, cols), view(v, c.keys, cols), 0, on_host);
    const std::int64_t part = c.keys / 3;
    const Matrix kd = put(k, c.keys, cols, DType::kF16), vd = put(v, c.keys, cols, DType::kF32);
    store_kv(kernels(), kd.slice_rows(0, part), vd.slice_rows(0, part), 0, on_device);
    store_kv(kernels(), kd.slice_rows(part, c.keys - part), vd.slice_rows(part, c.keys - part), part, on_device);
    return {on_device, on_host};
  }

  void compare(const Case& c, const std::string& what) {
    reset();
    host_memory_.clear();
    const auto [on_device, on_host] = stores(c, static_cast<std::uint32_t>(c.keys * 5 + c.dim));
    auto q = rounded_to_half(
        random_values(static_cast<std::size_t>(c.rows * c.heads * c.dim), static_cast<std::uint32_t>(c.rows), c.size));
    AttentionMask host, mask;
    if (!c.begin.empty()) host.begin = c.begin.data(), mask.begin = control(c.begin);
    if (!c.end.empty()) host.end = c.end.data(), mask.end = control(c.end);
    if (!c.bias.empty()) host.key_bias = c.bias.data(), mask.key_bias = control(c.bias);
    const float scale = 1.0F / std::sqrt(static_cast<float>(c.dim));
    const Matrix m = put(q, c.rows, c.heads * c.dim, DType::kF16);
    attention(kernels(), m, c.heads, on_device, c.keys, mask, scale, m);
    attention(plain(), view(q, c.rows, c.heads * c.dim), c.heads, on_host, c.keys, host, scale,
              view(q, c.rows, c.heads * c.dim));
    EXPECT_LE(relative_l2(get(m), q), kAttention) << what;
  }

  std::vector<std::vector<float>> host_memory_;
};

TEST_P(CudaAttention, EveryNumberOfKeys) {
  for (std::int64_t keys = 1; keys <= 130; ++keys)
    compare({1 + keys % 20, 4, 2, 16, keys}, "keys " + std::to_string(keys));
}
TEST_P(CudaAttention, EveryNumberOfRows) {
  for (std::int64_t rows = 1; rows <= 140; ++rows) compare({rows, 3, 1, 8, 70}, "rows " + std::to_string(rows));
}
TEST_P(CudaAttention, EveryWidthOfHeads) {
  for (std::int64_t dim = 8; dim <= 128; dim += 8)
    for (const std::int64_t rows : {1, 70}) compare({rows, 4, 2, dim, 300}, "width " + std::to_string(dim));
}
TEST_P(CudaAttention, AsInTheModel) {
  compare({1, 32, 8, 128, 6404}, "a step over an image");
  compare({4, 32, 8, 128, 1000}, "four steps");
  compare({100, 32, 8, 128, 1601}, "a prompt over an image");
  compare({257, 2, 2, 80, 1605}, "vision");
}
// A step's kernel: rows times group up to 16, with and without splits, ranges and biases.
TEST_P(CudaAttention, FewRows) {
  for (const std::int64_t dim : {64, 128}) {
    for (const std::int64_t keys : {1, 15, 16, 17, 63, 64, 65, 200, 3000}) {
      for (const std::int64_t rows : {1, 2, 3, 4}) {
        Case c{rows, 8, 2, dim, keys, {}, {}, {}};
        compare(c, "few rows, keys " + std::to_string(keys));
        for (std::int64_t r = 0; r < rows; ++r) {
          c.begin.push_back(static_cast<std::int32_t>(r * keys / 9));
          c.end.push_back(static_cast<std::int32_t>(r == 2 ? 0 : keys - r * (keys / 5)));  // row 2 sees nothing
        }
        c.bias.resize(static_cast<std::size_t>(keys + 32));
        for (std::size_t s = 0; s < c.bias.size(); ++s) c.bias[s] = s % 5 == 0 ? std::log(3.0F) : 0.0F;
        compare(c, "few rows with ranges, keys " + std::to_string(keys));
      }
    }
  }
}
// Enough rows and heads that CTAs of 128 rows fill a device of up to 144 multiprocessors.
TEST_P(CudaAttention, ManyRowsOfManyHeads) {
  for (const std::int64_t dim : {40, 64, 72, 80})
    compare({261, 48, 48, dim, 190}, "many rows, width " + std::to_string(dim));
  compare({300, 60, 20, 64, 65}, "many rows of grouped heads");
  // Enough for more than one wave of CTAs: the last are cut into parts of the keys where few are left. 288 and 336 CTAs
  // of 128 rows are a little more than the 264 of 132 multiprocessors, or than the 228 of 114.
  compare({257, 96, 96, 40, 460}, "a tail of short rows");
  compare({384, 112, 56, 40, 450}, "a tail of grouped heads");
  Case c{330, 48, 48, 80, 330, {}, {}, std::vector<float>(336, 0)};
  for (int r = 0; r < 330; ++r) c.end.push_back(r < 150 ? 330 : 150);
  for (std::size_t s = 150; s < 330; ++s) c.bias[s] = std::log(3.0F);
  compare(c, "many rows, the vision mask");
  for (int r = 0; r < 330; ++r)
    c.begin.push_back(r % 5 == 0 ? 0 : r), c.end[static_cast<std::size_t>(r)] = std::min(330, r + r % 3);
  compare(c, "many rows, a range for each");
}
// The largest score so far may fall behind by 2^8 before sums are rescaled: scores that stay within, and scores beyond.
TEST_P(CudaAttention, ScoresFarApart) {
  for (const float size : {4.0F, 12.0F, 60.0F}) {
    compare({1, 4, 2, 128, 700, {}, {}, {}, size}, "one row, size " + std::to_string(size));
    compare({70, 4, 2, 80, 700, {}, {}, {}, size}, "some rows, size " + std::to_string(size));
    compare({261, 48, 48, 80, 260, {}, {}, {}, size}, "many rows, size " + std::to_string(size));
  }
}
TEST_P(CudaAttention, RangesAndBiases) {
  Case c{150, 8, 2, 64, 400, {}, {}, std::vector<float>(416, 0)};
  for (int r = 0; r < 150; ++r) {
    c.begin.push_back(r % 5 == 0 ? 0 : r);
    c.end.push_back(r % 7 == 3 ? r : r + 1 + 251 * (r % 2));  // some rows see nothing
  }
  for (std::size_t s = 0; s < 400; ++s) c.bias[s] = s % 3 == 0 ? std::log(28.0F) : 0.0F;
  compare(c, "ranges");
  Case vision{130, 2, 2, 80, 130, {}, {}, std::vector<float>(144, 0)};  // visible rows see all, others the visible keys
  for (int r = 0; r < 130; ++r) vision.end.push_back(r < 100 ? 130 : 100);
  vision.bias[129] = std::log(28.0F);
  compare(vision, "the vision mask");
}

TEST_P(CudaAttention, JobsEqualTheirSequencesAlone) {
  const std::int64_t heads = 4, kv_heads = 2, dim = 64, capacity = 700;
  std::vector<AttentionJob> jobs;
  std::vector<std::int32_t> ends;
  for (std::int64_t i = 0; i < 40; ++i) {  // more than one launch takes
    const auto both = stores({1, heads, kv_heads, dim, capacity}, static_cast<std::uint32_t>(100 + i));
    jobs.push_back({i, 1, both.first, 1 + i * 17, nullptr});
    ends.push_back(static_cast<std::int32_t>(1 + i * 17));
  }
  const auto values = random_values(static_cast<std::size_t>(40 * heads * dim), 9);
  const Matrix q = put(values, 40, heads * dim, DType::kF16), out = poisoned(40, heads * dim, DType::kF16),
               one = poisoned(1, heads * dim, DType::kF16);
  AttentionMask mask;
  mask.end = control(ends);
  attention_jobs(kernels(), q, heads, jobs, mask, 0.125F, out);
  const auto all = get(out);
  for (std::int64_t i = 0; i < 40; ++i) {
    const AttentionJob& job = jobs[static_cast<std::size_t>(i)];
    attention(kernels(), q.slice_rows(i, 1), heads, job.store, job.num_keys, {}, 0.125F, one);
    const auto alone = get(one);
    const std::vector<float> row(all.begin() + i * heads * dim, all.begin() + (i + 1) * heads * dim);
    EXPECT_LE(relative_l2(row, alone), kHalf) << i;  // the keys may be split elsewhere
  }
}

TEST_P(CudaAttention, KeysStoredFromUnalignedRows) {
  const std::int64_t rows = 21, cols = 64;
  const Matrix kv = put(random_values(static_cast<std::size_t>(rows * (cols + 3)), 2), rows, cols + 3, DType::kF16)
                        .slice_cols(3, cols);
  const Matrix aligned = poisoned(rows, cols, DType::kF16);
  copy(kernels(), kv, aligned);
  const KvStore a = take_kv_store(arena_, 4, 16, rows), b = take_kv_store(arena_, 4, 16, rows);
  store_kv(kernels(), kv, kv, 0, a);
  store_kv(kernels(), aligned, aligned, 0, b);
  const Matrix q = put(random_values(5 * 64, 4), 5, 64, DType::kF16), one = poisoned(5, 64, DType::kF16),
               other = poisoned(5, 64, DType::kF16);
  attention(kernels(), q, 4, a, rows, {}, 0.2F, one);
  attention(kernels(), q, 4, b, rows, {}, 0.2F, other);
  EXPECT_EQ(get(one), get(other));
}

TEST_P(CudaAttention, ACopiedPrefixIsTheSame) {
  const Case c{3, 4, 2, 32, 90};
  const auto both = stores(c, 3);
  const KvStore copy_of = take_kv_store(arena_, c.kv_heads, c.dim, 200);
  copy_kv(kernels(), both.first, copy_of, 77);
  const Matrix q = put(random_values(3 * 4 * 32, 4), 3, 4 * 32, DType::kF16), a = poisoned(3, 4 * 32, DType::kF16),
               b = poisoned(3, 4 * 32, DType::kF16);
  attention(kernels(), q, 4, both.first, 77, {}, 0.2F, a);
  attention(kernels(), q, 4, copy_of, 77, {}, 0.2F, b);
  EXPECT_EQ(get(a), get(b));
}

// A recorded step must see the values of each time: positions, ends and where keys go.
TEST_P(CudaAttention, ReplayedStepsReadControlMemory) {
  const std::int64_t heads = 2, dim = 16, steps = 40;
  const KvStore recorded = take_kv_store(arena_, heads, dim, 300), plain_store = take_kv_store(arena_, heads, dim, 300);
  auto* position = arena_.take_host<std::int64_t>(1);
  auto* end = arena_.take_host<std::int32_t>(1);
  const Matrix kv =
      put(random_values(static_cast<std::size_t>(steps * heads * dim), 8), steps, heads * dim, DType::kF16);
  const Matrix step_kv = poisoned(1, heads * dim, DType::kF16),
               q = put(random_values(heads * dim, 9), 1, heads * dim, DType::kF16);
  const Matrix out = poisoned(1, heads * dim, DType::kF16), expected = poisoned(1, heads * dim, DType::kF16);
  AttentionMask mask;
  mask.end = end;
  for (std::int64_t s = 0; s < steps; ++s) {
    copy(kernels(), kv.slice_rows(s, 1), step_kv);
    *position = s;
    *end = static_cast<std::int32_t>(s + 1);
    publish(kernels(), position, 1);
    publish(kernels(), end, 1);
    replay(kernels(), "step", [&] {
      const StoreJob store{step_kv, step_kv, s, position, recorded};
      store_kv_jobs(kernels(), {&store, 1});
      const AttentionJob job{0, 1, recorded, s + 1, nullptr};
      attention_jobs(kernels(), q, heads, {&job, 1}, mask, 0.25F, out);
    });
    store_kv(kernels(), kv.slice_rows(s, 1), kv.slice_rows(s, 1), s, plain_store);
    attention(kernels(), q, heads, plain_store, s + 1, {}, 0.25F, expected);
    EXPECT_LE(relative_l2(get(out), get(expected)), kHalf) << s;
  }
}

TEST_P(CudaOps, TheCapIsAnErrorAndTheDeviceGoesOn) {
  const auto before = device().memory();
  const auto refused = device().allocate(before.total * 2, "too much");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kOutOfMemory);
  EXPECT_NE(refused.error().text().find("too much"), std::string::npos);
  KernelOptions options;
  options.device = "cuda";
  options.device_options.max_bytes = before.used + (std::uint64_t{64} << 20);  // the scratch alone does not fit
  const auto capped = Kernels::create(options);
  ASSERT_FALSE(capped);
  EXPECT_EQ(capped.error().code, ErrorCode::kOutOfMemory);
  const Matrix x = put({1, 2, 3}, 1, 3, DType::kF32);
  fill(kernels(), x, 4);
  EXPECT_EQ(get(x), std::vector<float>(3, 4));
  EXPECT_EQ(device().memory().planned, before.planned);
}

INSTANTIATE_TEST_SUITE_P(Path, CudaOps, ::testing::Values("own", "sm70"),
                         [](const auto& p) { return std::string(p.param); });
INSTANTIATE_TEST_SUITE_P(Path, CudaElementwise, ::testing::Values("own", "sm70"),
                         [](const auto& p) { return std::string(p.param); });
INSTANTIATE_TEST_SUITE_P(Path, CudaAttention, ::testing::Values("own", "sm70"),
                         [](const auto& p) { return std::string(p.param); });

}  // namespace
}  // namespace docket::kernels
