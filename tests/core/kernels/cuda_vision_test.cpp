// What the vision encoder and the prompt's embedding ask of a device beyond cuda_test.cpp: pixels and table rows on
// their way to it, keys stored by rows, and a bias that goes in with a norm.
#include <algorithm>
#include <bit>
#include <random>

#include "core/kernels/attention.h"
#include "core/kernels/cuda/round_f16c.h"
#include "core/kernels/elementwise.h"
#include "core/kernels/norm.h"
#include "tests/core/kernels/cuda_support.h"

namespace docket::kernels {
namespace {

constexpr double kHalf = 5e-4, kAttention = 1e-3;  // as in cuda_test.cpp

float saturated(float value) { return std::clamp(value, -65504.0F, 65504.0F); }

// Needs no device: the bits of every rounding, at every length of the rest.
TEST(CudaHost, RoundsAsTheDeviceDoes) {
  if (available_isas().front() == CpuIsa::kReference) GTEST_SKIP() << "no F16C";
  std::vector<float> values = {0.0F, -0.0F, 65504.0F, 65519.9F, 65520.0F, -1e9F, 1e-8F, 0x1p-25F, 0x1.8p-24F};
  for (std::uint32_t bits = 0; bits < 0x7C00; ++bits) {  // every half, and what lies between it and the next
    const float low = f16_to_f32(static_cast<std::uint16_t>(bits)),
                high = saturated(f16_to_f32(static_cast<std::uint16_t>(bits + 1)));
    const float middle = (low + high) / 2;
    for (const float value : {low, middle, std::nextafter(middle, low), std::nextafter(middle, high)}) {
      values.push_back(value);
      values.push_back(-value);
    }
  }
  std::mt19937 random(7);
  for (int i = 0; i < 100000; ++i) {
    const float value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
    if (!std::isnan(value)) values.push_back(value);
  }
  for (std::size_t rest = 0; rest < 9; ++rest) {
    const std::size_t count = values.size() - rest;
    std::vector<std::uint16_t> out(count + 1, 0xABCD);
    cuda::round_f16c(values.data() + rest, out.data(), count);
    for (std::size_t i = 0; i < count; ++i)
      ASSERT_EQ(out[i], f32_to_f16(saturated(values[rest + i]))) << values[rest + i];
    EXPECT_EQ(out[count], 0xABCD);
  }
}

class CudaVision : public Cuda {};

// Images that one thread sends, that several do, and that take several pieces of pinned memory.
TEST_P(CudaVision, PatchesInHalves) {
  const std::int64_t patch = 14, channels = 3;
  for (const std::int64_t side : {2, 40, 100}) {
    reset();
    auto image = random_values(static_cast<std::size_t>(channels * side * patch * side * patch), 5);
    image[3] = 1e6F;
    const Matrix out = poisoned(side * side, channels * patch * patch, DType::kF16);
    unfold_patches(kernels(), image.data(), channels, side, patch, out);
    std::vector<float> expected(image.size());
    unfold_patches(plain(), image.data(), channels, side, patch, view(expected, side * side, channels * patch * patch));
    for (float& value : expected) value = saturated(value);
    EXPECT_EQ(get(out), rounded_to_half(expected)) << side;
  }
}

// A prompt's rows of a table on the host, in pieces of one row up to many.
TEST_P(CudaVision, RowsOfAPromptFromTheHost) {
  const std::int64_t table_rows = 23, cols = 4104, rows = 700;
  const auto values = random_values(static_cast<std::size_t>(table_rows * cols), 6);
  std::vector<std::uint16_t> brains;
  for (const float value : values) brains.push_back(f32_to_bf16(value));
  std::vector<std::int64_t> ids;
  for (std::int64_t r = 0; r < rows; ++r) ids.push_back(r * r % table_rows);
  const std::pair<DType, const void*> sources[] = {{DType::kF32, values.data()}, {DType::kBF16, brains.data()}};
  for (const auto& [dtype, data] : sources) {
    for (const std::int64_t count : {std::int64_t{1}, std::int64_t{5}, rows}) {
      reset();
      const EmbeddingTable table{data, dtype, table_rows, cols};
      std::vector<float> expected(static_cast<std::size_t>(count * cols));
      embed(plain(), table, ids.data(), view(expected, count, cols));
      const Matrix out = poisoned(count, cols, DType::kF32), half = poisoned(count, cols, DType::kF16);
      embed(kernels(), table, control(ids), out);
      embed(kernels(), table, control(ids), half);
      EXPECT_EQ(get(out), expected) << count;
      EXPECT_EQ(get(half), rounded_to_half(expected)) << count;
    }
  }
}

TEST_P(CudaVision, ANormThatAddsTheNextBias) {
  for (const std::int64_t cols : {64, 1280, 4096, 70}) {
    reset();
    const std::int64_t rows = 37;
    auto x = random_values(static_cast<std::size_t>(rows * cols), 1, 3);
    const auto weight = random_values(static_cast<std::size_t>(cols), 2), bias = random_values(weight.size(), 3),
               next = random_values(weight.size(), 4);
    const Matrix m = put(x, rows, cols, DType::kF32), out = poisoned(rows, cols, DType::kF16);
    LinearWeight w;
    w.out_features = cols;
    w.device.bias = put_vector(next);
    const bool added = layer_norm_adding(kernels(), m, put_vector(weight), put_vector(bias), 1e-5F, out, w, 0.7F);
    EXPECT_EQ(added, cols % 8 == 0) << cols;
    EXPECT_FALSE(
        layer_norm_adding(kernels(), m, put_vector(weight), put_vector(bias), 1e-5F, out, w.without_bias(), 1));
    if (!added) {
      EXPECT_EQ(get(m), x);
      continue;
    }
    std::vector<float> norm(x.size());
    layer_norm(plain(), view(x, rows, cols), weight.data(), bias.data(), 1e-5F, view(norm, rows, cols));
    EXPECT_LE(relative_l2(get(out), norm), kHalf) << cols;
    for (std::size_t i = 0; i < x.size(); ++i) x[i] += 0.7F * next[i % next.size()];
    EXPECT_LE(relative_l2(get(m), x), 1e-6) << cols;
  }
}

// Every kernel of attention reads a store by rows as one head by head.
TEST_P(CudaVision, KeysByRows) {
  struct Case {
    std::int64_t rows, heads, kv_heads, dim, keys;
  };
  for (const Case c : {Case{1, 4, 2, 64, 300}, Case{3, 4, 4, 80, 77}, Case{70, 6, 3, 40, 300}, Case{90, 2, 2, 128, 130},
                       Case{261, 48, 48, 80, 190}, Case{261, 48, 48, 64, 65}}) {
    reset();
    const std::int64_t cols = c.kv_heads * c.dim;
    const Matrix k = put(random_values(static_cast<std::size_t>(c.keys * cols), 2), c.keys, cols, DType::kF16),
                 v = put(random_values(static_cast<std::size_t>(c.keys * cols), 3), c.keys, cols, DType::kF16);
    const Matrix q =
        put(random_values(static_cast<std::size_t>(c.rows * c.heads * c.dim), 4), c.rows, c.heads * c.dim, DType::kF16);
    const Matrix expected = poisoned(c.rows, c.heads * c.dim, DType::kF16),
                 out = poisoned(c.rows, c.heads * c.dim, DType::kF16);
    const KvStore by_heads = take_kv_store(arena_, c.kv_heads, c.dim, c.keys),
                  by_rows = take_kv_rows(arena_, c.kv_heads, c.dim, c.keys);
    store_kv(kernels(), k, v, 0, by_heads);
    const std::int64_t part = c.keys / 3, rest = c.keys - part;
    copy(kernels(), k.slice_rows(0, part), key_rows(by_rows, 0, part));
    copy(kernels(), k.slice_rows(part, rest), key_rows(by_rows, part, rest));
    copy(kernels(), v, value_rows(by_rows, 0, c.keys));
    attention(kernels(), q, c.heads, by_heads, c.keys, {}, 0.2F, expected);
    attention(kernels(), q, c.heads, by_rows, c.keys, {}, 0.2F, out);
    EXPECT_LE(relative_l2(get(out), get(expected)), kAttention) << c.rows << " rows of " << c.dim;
  }
}

INSTANTIATE_TEST_SUITE_P(Path, CudaVision, ::testing::Values("own", "sm70"),
                         [](const auto& p) { return std::string(p.param); });

}  // namespace
}  // namespace docket::kernels
