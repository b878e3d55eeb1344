#include "core/kernels/linear.h"

#include "tests/core/kernels/kernels_test_support.h"

namespace docket::kernels {
namespace {

// Memory for packed weights, taken after measuring.
struct PackedWeight {
  std::vector<std::byte> memory;
  LinearWeight weight;
};

template <typename Pack>
PackedWeight packed(Pack pack) {
  Arena plan;
  pack(plan);
  PackedWeight out;
  out.memory.resize(plan.size_bytes() + 64);
  const auto base = reinterpret_cast<std::uintptr_t>(out.memory.data());
  Arena arena(out.memory.data() + (64 - base % 64) % 64, plan.size_bytes());
  out.weight = pack(arena);
  EXPECT_EQ(arena.size_bytes(), plan.size_bytes());
  return out;
}

quant::Block4 random_block4(std::int64_t n, std::int64_t k, bool nested, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> unit(0, 1);
  quant::Block4 w;
  w.out_features = n;
  w.in_features = k;
  w.packed.resize(static_cast<std::size_t>(n * k / 2));
  for (auto& byte : w.packed) byte = static_cast<std::uint8_t>(random());
  w.code = random_values(16, seed + 1);
  const auto blocks = static_cast<std::size_t>(n * k / 64);
  if (!nested) {
    for (std::size_t b = 0; b < blocks; ++b) w.absmax.push_back(unit(random));
    return w;
  }
  for (std::size_t b = 0; b < blocks; ++b) w.absmax_q.push_back(static_cast<std::uint8_t>(random()));
  for (std::size_t b = 0; b < (blocks + 255) / 256; ++b) w.nested_absmax.push_back(unit(random));
  w.nested_code = random_values(256, seed + 2);
  w.nested_offset = 0.3F;
  return w;
}

PackedWeight random_weight(WeightFormat format, std::int64_t n, std::int64_t k, std::uint32_t seed) {
  const std::vector<float> values = random_values(static_cast<std::size_t>(n * k), seed);
  const float scale = 1.0F / std::sqrt(static_cast<float>(k));
  std::vector<std::uint16_t> halves;
  PackedWeight out;
  switch (format) {
    case WeightFormat::kF32:
      return packed([&](Arena& a) { return pack_linear(a, DType::kF32, values.data(), n, k); });
    case WeightFormat::kF16:
      for (const float v : values) halves.push_back(f32_to_f16(v * scale));
      return packed([&](Arena& a) { return pack_linear(a, DType::kF16, halves.data(), n, k); });
    case WeightFormat::kBF16:
      for (const float v : values) halves.push_back(f32_to_bf16(v * scale));
      return packed([&](Arena& a) { return pack_linear(a, DType::kBF16, halves.data(), n, k); });
    case WeightFormat::kI8: {
      quant::Int8 w;
      w.out_features = n;
      w.in_features = k;
      std::mt19937 random(seed);
      for (std::int64_t i = 0; i < n * k; ++i) w.q.push_back(static_cast<std::int8_t>(random()));
      w.scb = random_values(static_cast<std::size_t>(n), seed + 1);
      return packed([&](Arena& a) { return pack_linear(a, w.view()); });
    }
    case WeightFormat::kCode4:
    case WeightFormat::kCode4Nested: {
      const quant::Block4 w = random_block4(n, k, format == WeightFormat::kCode4Nested, seed);
      return packed([&](Arena& a) { return pack_linear(a, w.view()); });
    }
  }
  return out;
}

void run(const Kernels& kernels, LinearMode mode, const Matrix& x, const LinearWeight& w, const Matrix& y) {
  if (mode == LinearMode::kStore) linear(kernels, x, w, y);
  if (mode == LinearMode::kGelu) linear_gelu(kernels, x, w, y);
  if (mode == LinearMode::kAddScaled) linear_add(kernels, x, w, 0.7F, y);
}

// Sums of K products of unit size differ by rounding: K eps times a little.
void expect_like_reference(WeightFormat format, std::int64_t m, std::int64_t n, std::int64_t k) {
  const auto seed = static_cast<std::uint32_t>(m * 1000003 + n * 1009 + k);
  PackedWeight w = random_weight(format, n, k, seed);
  std::vector<float> x = random_values(static_cast<std::size_t>(m * k), seed + 7);
  const std::vector<float> bias = random_values(static_cast<std::size_t>(n) + 15, seed + 9);
  const std::vector<float> start = random_values(static_cast<std::size_t>(m * n), seed + 11);
  if (n % 2 == 0) w.weight.bias = bias.data();
  const Kernels reference = kernels_for(CpuIsa::kReference, 1);
  for (const LinearMode mode : {LinearMode::kStore, LinearMode::kGelu, LinearMode::kAddScaled}) {
    std::vector<float> expected = start;
    run(reference, mode, view(x, m, k), w.weight, view(expected, m, n));
    for (const CpuIsa isa : vector_isas()) {
      static const Kernels avx2 = kernels_for(CpuIsa::kAvx2);
      static const Kernels best = kernels_for(vector_isas().front());
      std::vector<float> y = start;
      run(isa == CpuIsa::kAvx2 ? avx2 : best, mode, view(x, m, k), w.weight, view(y, m, n));
      // |x||w| of a row grows with sqrt(K) of unit products; scales of int8 go up to 128 times that.
      const double size = format == WeightFormat::kI8 ? 128 : 4;
      expect_close(y, expected, 1e-6 * size * (8 + std::sqrt(static_cast<double>(k))),
                   std::string(to_string(format)) + " " + to_string(isa) + " mode " +
                       std::to_string(static_cast<int>(mode)) + " [" + std::to_string(m) + ", " + std::to_string(n) +
                       ", " + std::to_string(k) + "]");
      if (::testing::Test::HasFatalFailure()) return;
    }
  }
}

class LinearFormat : public ::testing::TestWithParam<WeightFormat> {};

TEST_P(LinearFormat, EqualsTheReferenceAtEveryWidth) {
  if (vector_isas().empty()) GTEST_SKIP() << "this CPU runs the reference alone";
  const bool blocks = GetParam() == WeightFormat::kCode4 || GetParam() == WeightFormat::kCode4Nested;
  for (std::int64_t n = 1; n <= 130; ++n) {
    const std::int64_t k = blocks ? 64 * (1 + n % 3) : n;
    expect_like_reference(GetParam(), 1 + n % 9, n, k);
    if (HasFatalFailure()) return;
  }
}

TEST_P(LinearFormat, EqualsTheReferenceAtEveryNumberOfRows) {
  if (vector_isas().empty()) GTEST_SKIP() << "this CPU runs the reference alone";
  for (std::int64_t m = 1; m <= 130; ++m) {
    expect_like_reference(GetParam(), m, 37, 64);
    if (HasFatalFailure()) return;
  }
}

TEST_P(LinearFormat, EqualsTheReferenceAcrossBlocks) {  // several blocks of K, of rows, of panels; nested blocks split
  if (vector_isas().empty()) GTEST_SKIP() << "this CPU runs the reference alone";
  expect_like_reference(GetParam(), 1, 300, 1024);
  expect_like_reference(GetParam(), 5, 96, 1088);
  expect_like_reference(GetParam(), 230, 130, 576);
  expect_like_reference(GetParam(), 20, 600, 320);
}

// With both sides rounded to bf16 beforehand, products in bf16 are exact and the sums differ as fp32 sums do.
void expect_bf16_like_reference(WeightFormat format, std::int64_t m, std::int64_t n, std::int64_t k) {
  PackedWeight w = random_weight(format, n, k, static_cast<std::uint32_t>(m + n + k));
  std::vector<float> rounded;
  for (std::int64_t i = 0; i < n * k; ++i)
    rounded.push_back(bf16_to_f32(f32_to_bf16(weight_at(w.weight, i / k, i % k))));
  PackedWeight plain = packed([&](Arena& a) { return pack_linear(a, DType::kF32, rounded.data(), n, k); });
  std::vector<float> x = random_values(static_cast<std::size_t>(m * k), 7);
  std::vector<float> x_rounded;
  for (const float value : x) x_rounded.push_back(bf16_to_f32(f32_to_bf16(value)));
  const std::vector<float> bias = random_values(static_cast<std::size_t>(n) + 15, 9);
  if (n % 2 == 0) w.weight.bias = plain.weight.bias = bias.data();
  const std::vector<float> start = random_values(static_cast<std::size_t>(m * n), 11);
  KernelOptions options;
  options.products = "bf16";
  static const Kernels kernels = *Kernels::create(options);
  for (const LinearMode mode : {LinearMode::kStore, LinearMode::kGelu, LinearMode::kAddScaled}) {
    std::vector<float> expected = start, y = start;
    run(kernels_for(CpuIsa::kReference, 1), mode, view(x_rounded, m, k), plain.weight, view(expected, m, n));
    run(kernels, mode, view(x, m, k), w.weight, view(y, m, n));
    const double size = format == WeightFormat::kI8 ? 128 : 4;
    expect_close(y, expected, 1e-6 * size * (8 + std::sqrt(static_cast<double>(k))), to_string(format));
    if (::testing::Test::HasFatalFailure()) return;
  }
}

TEST_P(LinearFormat, ProductsInBf16AreThoseOfRoundedValues) {
  if (!has_bf16_products()) GTEST_SKIP() << "this CPU has no bf16 products";
  const bool blocks = GetParam() == WeightFormat::kCode4 || GetParam() == WeightFormat::kCode4Nested;
  for (std::int64_t m = 16; m <= 46; ++m) {  // more rows than the kernel for few rows takes
    const std::int64_t k = blocks ? 64 * (1 + m % 3) : m;
    expect_bf16_like_reference(GetParam(), m, 2 * m - 15, k);
    if (HasFatalFailure()) return;
  }
  expect_bf16_like_reference(GetParam(), 230, 130, blocks ? 576 : 577);
  expect_bf16_like_reference(GetParam(), 20, 300, 320);
}

// Few rows over 4-bit weights round x and the codes; the scales stay in fp32.
TEST(Products, OfFewRowsInBf16AreThoseOfRoundedCodes) {
  if (!has_bf16_products()) GTEST_SKIP() << "this CPU has no bf16 products";
  KernelOptions options;
  options.products = "bf16";
  const Kernels kernels = *Kernels::create(options);
  for (const WeightFormat format : {WeightFormat::kCode4, WeightFormat::kCode4Nested}) {
    for (const auto& [n, k] : {std::pair<std::int64_t, std::int64_t>{16, 64}, {130, 576}, {96, 1088}, {300, 1024}}) {
      for (std::int64_t m = 1; m <= 8; ++m) {
        const PackedWeight w = random_weight(format, n, k, static_cast<std::uint32_t>(m + n + k));
        std::vector<float> codes(w.weight.code, w.weight.code + 16);
        for (float& code : codes) code = bf16_to_f32(f32_to_bf16(code));
        LinearWeight rounded = w.weight;
        rounded.code = codes.data();
        std::vector<float> x = random_values(static_cast<std::size_t>(m * k), 7), x_rounded;
        for (const float value : x) x_rounded.push_back(bf16_to_f32(f32_to_bf16(value)));
        const std::vector<float> start = random_values(static_cast<std::size_t>(m * n), 11);
        for (const LinearMode mode : {LinearMode::kStore, LinearMode::kGelu, LinearMode::kAddScaled}) {
          std::vector<float> expected = start, y = start;
          run(kernels_for(CpuIsa::kReference, 1), mode, view(x_rounded, m, k), rounded, view(expected, m, n));
          run(kernels, mode, view(x, m, k), w.weight, view(y, m, n));
          expect_close(y, expected, 4e-6 * (8 + std::sqrt(static_cast<double>(k))), to_string(format));
          if (HasFatalFailure()) return;
        }
      }
    }
  }
}

TEST(Products, AreNamedOrRefused) {
  KernelOptions options;
  options.products = "fp8";
  const auto unknown = Kernels::create(options);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::kInvalidArgument);
  options.products = "fast";
  const auto fast = Kernels::create(options);
  ASSERT_TRUE(fast);
  EXPECT_EQ(fast->bf16_products(), has_bf16_products());
  options.products = "bf16";
  options.isa = "reference";
  EXPECT_FALSE(Kernels::create(options));
  EXPECT_FALSE(kernels_for(CpuIsa::kReference).bf16_products());
}

INSTANTIATE_TEST_SUITE_P(All, LinearFormat,
                         ::testing::Values(WeightFormat::kF32, WeightFormat::kF16, WeightFormat::kBF16,
                                           WeightFormat::kI8, WeightFormat::kCode4, WeightFormat::kCode4Nested),
                         [](const auto& format) {
                           std::string name = to_string(format.param);
                           for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
                           return name;
                         });

TEST(PackLinear, KeepsEveryElementOfEveryFormat) {
  const std::int64_t n = 37, k = 192;
  for (const bool nested : {false, true}) {
    const quant::Block4 w = random_block4(n, k, nested, 5);
    const PackedWeight p = packed([&](Arena& a) { return pack_linear(a, w.view()); });
    EXPECT_EQ(p.weight.format, nested ? WeightFormat::kCode4Nested : WeightFormat::kCode4);
    for (std::int64_t row = 0; row < n; ++row) {
      for (std::int64_t col = 0; col < k; ++col) {
        const std::int64_t i = row * k + col;
        ASSERT_EQ(weight_at(p.weight, row, col),
                  w.code[static_cast<std::size_t>(w.view().nibble(i))] * w.view().scale(i / 64));
      }
    }
  }
  const std::vector<float> values = random_values(static_cast<std::size_t>(n * k), 3);
  const PackedWeight p = packed([&](Arena& a) { return pack_linear(a, DType::kF32, values.data(), n, k); });
  for (std::int64_t i = 0; i < n * k; ++i)
    ASSERT_EQ(weight_at(p.weight, i / k, i % k), values[static_cast<std::size_t>(i)]);
}

TEST(PackLinear, NestedScalesThatSpanRowsAreExact) {  // 5 blocks a row: nested blocks of 256 begin inside rows
  const quant::Block4 w = random_block4(200, 320, true, 8);
  const PackedWeight p = packed([&](Arena& a) { return pack_linear(a, w.view()); });
  for (std::int64_t i = 0; i < 200 * 320; i += 17)
    ASSERT_EQ(weight_at(p.weight, i / 320, i % 320),
              w.code[static_cast<std::size_t>(w.view().nibble(i))] * w.view().scale(i / 64));
}

}  // namespace
}  // namespace docket::kernels
