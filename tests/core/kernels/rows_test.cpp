#include "core/kernels/elementwise.h"
#include "core/kernels/norm.h"
#include "tests/core/kernels/kernels_test_support.h"

namespace docket::kernels {
namespace {

// Runs `op` on the reference and on every instruction set over equal inputs and compares what it leaves.
template <typename Op>
void expect_like_reference(const std::vector<float>& start, double tolerance, const std::string& what, Op op) {
  std::vector<float> expected = start;
  static const Kernels reference = kernels_for(CpuIsa::kReference, 1);
  op(reference, expected);
  for (const CpuIsa isa : vector_isas()) {
    static const Kernels avx2 = kernels_for(CpuIsa::kAvx2);
    static const Kernels best = kernels_for(vector_isas().front());
    std::vector<float> actual = start;
    op(isa == CpuIsa::kAvx2 ? avx2 : best, actual);
    expect_close(actual, expected, tolerance, what + " " + to_string(isa));
  }
}

TEST(Rows, EqualTheReferenceAtEveryWidth) {
  if (vector_isas().empty()) GTEST_SKIP() << "this CPU runs the reference alone";
  for (std::int64_t cols = 1; cols <= 130 && !HasFatalFailure(); ++cols) {
    const std::int64_t rows = 1 + cols % 7;
    const auto seed = static_cast<std::uint32_t>(cols);
    const auto count = static_cast<std::size_t>(rows * cols);
    const auto x = random_values(count, seed, 3);
    auto y = random_values(count, seed + 1, 3);
    const auto weight = random_values(static_cast<std::size_t>(cols), seed + 2);
    const auto bias = random_values(static_cast<std::size_t>(cols), seed + 3);
    const std::string at = " of " + std::to_string(cols);
    // A handful of fp32 roundings on values of size 10.
    expect_like_reference(x, 2e-6, "rms_norm" + at, [&](const Kernels& k, std::vector<float>& v) {
      rms_norm(k, view(v, rows, cols), weight.data(), 1e-5F, view(v, rows, cols));
    });
    expect_like_reference(x, 1e-5, "layer_norm" + at, [&](const Kernels& k, std::vector<float>& v) {
      layer_norm(k, view(v, rows, cols), weight.data(), bias.data(), 1e-5F, view(v, rows, cols));
    });
    expect_like_reference(x, 2e-6, "silu_mul" + at, [&](const Kernels& k, std::vector<float>& v) {
      silu_mul(k, view(v, rows, cols), view(y, rows, cols));
    });
    expect_like_reference(x, 2e-6, "gelu" + at,
                          [&](const Kernels& k, std::vector<float>& v) { gelu(k, view(v, rows, cols)); });
    expect_like_reference(x, 1e-6, "add_scaled" + at, [&](const Kernels& k, std::vector<float>& v) {
      add_scaled(k, view(v, rows, cols), view(y, rows, cols), 0.3F);
      add_scaled(k, view(v, rows, cols), view(y, 1, cols), -1.5F);
    });
  }
}

TEST(Rows, LayerNormKeepsItsVarianceFarFromZero) {  // mean 1000, spread 1: a one-pass variance would lose it
  std::vector<float> x = random_values(256, 4);
  for (float& value : x) value += 1000;
  const std::vector<float> one(256, 1), none(256, 0);
  // The mean itself is an fp32 number near 1000, whose unit in the last place is 6.1e-5: allow four.
  expect_like_reference(x, 4 * 6.1e-5, "layer_norm", [&](const Kernels& k, std::vector<float>& v) {
    layer_norm(k, view(v, 1, 256), one.data(), none.data(), 1e-5F, view(v, 1, 256));
  });
}

TEST(Rows, SiluSaturatesWithoutNan) {
  std::vector<float> x = {-1e30F, -200, -100, -88, -87, 0, 87, 100, 1e30F};
  std::vector<float> up(x.size(), 1);
  expect_like_reference(x, 1e-6, "silu", [&](const Kernels& k, std::vector<float>& v) {
    silu_mul(k, view(v, 1, 9), view(up, 1, 9));
    for (const float value : v) EXPECT_FALSE(std::isnan(value));
  });
}

TEST(Rows, RopeEqualsTheReference) {
  for (const std::int64_t head_dim : {2, 8, 64, 80, 128}) {
    const std::int64_t rows = 5, heads = 3;
    const std::vector<std::int64_t> positions = {0, 1, 77, 4095, 131071};
    std::vector<float> frequencies;
    for (std::int64_t j = 0; j < head_dim / 2; ++j)
      frequencies.push_back(
          static_cast<float>(std::pow(5e5, -2.0 * static_cast<double>(j) / static_cast<double>(head_dim))));
    const auto x = random_values(static_cast<std::size_t>(rows * heads * head_dim), 3);
    expect_like_reference(x, 1e-6, "rope", [&](const Kernels& k, std::vector<float>& v) {
      rope(k, view(v, rows, heads * head_dim), positions.data(), frequencies.data(), head_dim);
    });
  }
}

TEST(Rows, UnfoldPatches) {
  std::vector<float> image(2 * 6 * 6);  // two channels, 3 x 3 patches of 2 x 2
  for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<float>(i);
  for (const CpuIsa isa : available_isas()) {
    std::vector<float> out(9 * 8);
    unfold_patches(kernels_for(isa), image.data(), 2, 3, 2, view(out, 9, 8));
    const std::vector<float> fifth(out.begin() + 5 * 8, out.begin() + 6 * 8);  // row 1, column 2
    EXPECT_EQ(fifth, (std::vector<float>{16, 17, 22, 23, 52, 53, 58, 59})) << to_string(isa);
  }
}

TEST(Rows, InterleaveAndEmbed) {
  for (const CpuIsa isa : available_isas()) {
    const Kernels k = kernels_for(isa);
    std::vector<float> x = {1, 2, 3, 4}, out(2 * 7, 0);
    interleave(k, view(x, 2, 2), 2, 3, view(out, 2, 7));
    EXPECT_EQ(out, (std::vector<float>{0, 0, 1, 0, 0, 2, 0, 0, 0, 3, 0, 0, 4, 0}));
    const std::uint16_t table[] = {f32_to_f16(1), f32_to_f16(2), f32_to_f16(-3), f32_to_f16(0.5F)};
    const std::int64_t ids[] = {1, 0};
    std::vector<float> rows(4);
    embed(k, {table, DType::kF16, 2, 2}, ids, view(rows, 2, 2));
    EXPECT_EQ(rows, (std::vector<float>{-3, 0.5F, 1, 2}));
  }
}

}  // namespace
}  // namespace docket::kernels
