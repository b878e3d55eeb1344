// The products of the CUDA table against the plain reference: every weight format, awkward sizes, every mode.
//
// Tolerances: x is exact in fp16. 16-bit weights: only an fp16 result is rounded, 2^-11 / sqrt(3) = 2.8e-4 relative.
// 8-bit: the same. 4-bit: code, scale and their product are rounded to fp16 once each, sqrt(3) * 2.8e-4 = 4.9e-4, and
// the result.
#include "core/kernels/linear.h"
#include "core/quant/quantize.h"
#include "tests/core/kernels/cuda_support.h"

namespace docket::kernels {
namespace {

constexpr double kHalfError = 6e-4, kCode4Error = 1.2e-3;

struct HostWeight {
  std::vector<std::byte> memory;
  LinearWeight weight;
};

template <typename Pack>
HostWeight packed(Pack pack) {
  HostWeight out;
  Arena plan;
  pack(plan);
  out.memory.resize(plan.size_bytes() + 64);
  auto* start = out.memory.data() + (64 - reinterpret_cast<std::uintptr_t>(out.memory.data()) % 64) % 64;
  Arena arena(start, plan.size_bytes());
  out.weight = pack(arena);
  return out;
}

HostWeight make_weight(WeightFormat format, std::int64_t n, std::int64_t k, bool bias, std::uint32_t seed) {
  const auto values = rounded_to_half(random_values(static_cast<std::size_t>(n * k), seed, 0.05F));
  const auto biases = random_values(static_cast<std::size_t>(n), seed + 1, 0.1F);
  const auto with_bias = [&](Arena& arena, LinearWeight w) {
    if (bias) w.bias = pack_bias(arena, DType::kF32, biases.data(), n);
    return w;
  };
  std::vector<std::uint16_t> halves;
  for (const float value : values)
    halves.push_back(format == WeightFormat::kBF16 ? f32_to_bf16(value) : f32_to_f16(value));
  const quant::Int8 int8 = format == WeightFormat::kI8 ? quant::quantize_8bit(values, n, k) : quant::Int8{};
  const bool code4 = format == WeightFormat::kCode4 || format == WeightFormat::kCode4Nested;
  const quant::Code4 code = seed % 2 == 0 ? quant::Code4::kNf4 : quant::Code4::kFp4;
  const quant::Block4 block4 =
      code4 ? quant::quantize_4bit(values, n, k, code, format == WeightFormat::kCode4Nested) : quant::Block4{};
  return packed([&](Arena& arena) {
    if (code4) return with_bias(arena, pack_linear(arena, block4.view()));
    if (format == WeightFormat::kI8) return with_bias(arena, pack_linear(arena, int8.view()));
    if (format == WeightFormat::kF32) return with_bias(arena, pack_linear(arena, DType::kF32, values.data(), n, k));
    const DType dtype = format == WeightFormat::kF16 ? DType::kF16 : DType::kBF16;
    return with_bias(arena, pack_linear(arena, dtype, halves.data(), n, k));
  });
}

double bound_of(WeightFormat format) {
  const bool code4 = format == WeightFormat::kCode4 || format == WeightFormat::kCode4Nested;
  return code4 ? kCode4Error : kHalfError;
}

class CudaLinear : public Cuda {
 protected:
  // relative_l2, but never against less than what sums of these inputs are expected to be: a single sum may cancel.
  static double error_of(const std::vector<float>& got, const std::vector<float>& y, const std::vector<float>& x,
                         const LinearWeight& w) {
    double norm = 0, expected = 0;
    for (const float value : y) norm += std::pow(double{value}, 2);
    for (std::int64_t n = 0; n < w.out_features && y.size() < 64; ++n)
      for (std::size_t i = 0; i < x.size(); ++i)
        expected += std::pow(double{x[i]} * double{weight_at(w, n, static_cast<std::int64_t>(i) % w.in_features)}, 2);
    const double error = relative_l2(got, y);
    return expected > norm ? error * std::sqrt(norm / expected) : error;
  }
  void compare(WeightFormat format, std::int64_t rows, std::int64_t n, std::int64_t k, LinearMode mode, bool bias,
               DType y_type) {
    reset();
    const auto seed = static_cast<std::uint32_t>(rows * 7 + n * 3 + k);
    const HostWeight host = make_weight(format, n, k, bias, seed);
    LinearWeight w = host.weight;
    w.device = device().place(host.weight, arena_);
    auto x = rounded_to_half(random_values(static_cast<std::size_t>(rows * k), seed + 2));
    auto y = rounded_to_half(random_values(static_cast<std::size_t>(rows * n), seed + 3));
    const Matrix x_device = put(x, rows, k, DType::kF16);
    const Matrix y_device = mode == LinearMode::kAddScaled ? put(y, rows, n, y_type) : poisoned(rows, n, y_type);
    const Matrix x_plain = view(x, rows, k), y_plain = view(y, rows, n);
    if (mode == LinearMode::kStore)
      linear(kernels(), x_device, w, y_device), linear(plain(), x_plain, host.weight, y_plain);
    if (mode == LinearMode::kGelu)
      linear_gelu(kernels(), x_device, w, y_device), linear_gelu(plain(), x_plain, host.weight, y_plain);
    if (mode == LinearMode::kAddScaled)
      linear_add(kernels(), x_device, w, 0.3F, y_device), linear_add(plain(), x_plain, host.weight, 0.3F, y_plain);
    EXPECT_LE(error_of(get(y_device), y, x, host.weight), bound_of(format))
        << to_string(format) << " rows " << rows << ", weight [" << n << ", " << k << "], mode "
        << static_cast<int>(mode) << (bias ? ", bias" : "") << " to " << to_string(y_type);
  }
};

TEST_P(CudaLinear, EveryFormatAtAwkwardSizes) {
  const std::pair<std::int64_t, std::int64_t> shapes[] = {{1, 64},   {16, 64},    {17, 128},
                                                          {40, 320}, {100, 1280}, {33, 4160}};
  for (int f = 0; f < kNumWeightFormats; ++f)
    for (const auto& [n, k] : shapes)
      for (const std::int64_t rows : {1, 2, 7, 8, 9, 16, 17, 31, 33, 64, 65, 100, 104, 130, 200, 257})
        compare(static_cast<WeightFormat>(f), rows, n, k, LinearMode::kStore, rows % 2 == 0, DType::kF32);
}

TEST_P(CudaLinear, WidthsThatFillNoChunk) {
  for (const WeightFormat format : {WeightFormat::kF16, WeightFormat::kI8, WeightFormat::kBF16})
    for (const std::int64_t k : {1, 8, 20, 63, 70, 100, 588})
      for (const std::int64_t rows : {1, 5, 40, 100})
        compare(format, rows, 24, k, LinearMode::kStore, true, DType::kF32);
}

TEST_P(CudaLinear, EveryModeAndType) {
  for (const WeightFormat format : {WeightFormat::kCode4Nested, WeightFormat::kI8, WeightFormat::kF16})
    for (const LinearMode mode : {LinearMode::kStore, LinearMode::kGelu, LinearMode::kAddScaled})
      for (const DType type : {DType::kF16, DType::kF32})
        for (const std::int64_t rows : {1, 12, 30, 64, 100, 200, 300}) compare(format, rows, 80, 384, mode, true, type);
}

// silu(x gate) * (x up), fused for few rows.
TEST_P(CudaLinear, Gated) {
  for (const WeightFormat format : {WeightFormat::kCode4Nested, WeightFormat::kI8, WeightFormat::kF16})
    for (const auto& [n, k] : {std::pair<std::int64_t, std::int64_t>{40, 320}, {100, 1280}, {1024, 4096}})
      for (const std::int64_t rows : {1, 3, 8, 9, 40}) {
        reset();
        const HostWeight gate = make_weight(format, n, k, rows == 3, 31), up = make_weight(format, n, k, rows == 3, 33);
        LinearWeight g = gate.weight, u = up.weight;
        g.device = device().place(gate.weight, arena_);
        u.device = device().place(up.weight, arena_);
        auto x = rounded_to_half(random_values(static_cast<std::size_t>(rows * k), 35));
        for (float& value : x) value /= 16;  // gates of a size where SiLU is not a line
        x = rounded_to_half(x);
        std::vector<float> y(static_cast<std::size_t>(rows * n)), scratch(y);
        const Matrix out = poisoned(rows, n, DType::kF16), other = poisoned(rows, n, DType::kF16);
        linear_gated(kernels(), put(x, rows, k, DType::kF16), g, u, out, other);
        linear_gated(plain(), view(x, rows, k), gate.weight, up.weight, view(y, rows, n), view(scratch, rows, n));
        EXPECT_LE(relative_l2(get(out), y), 2 * bound_of(format)) << to_string(format) << " " << rows << ", " << n;
      }
}

TEST_P(CudaLinear, LargeAsInTheModel) {
  for (const std::int64_t rows : {1, 8, 16, 64, 100, 128, 256}) {
    compare(WeightFormat::kCode4Nested, rows, 1024, 4096, LinearMode::kStore, false, DType::kF16);
    compare(WeightFormat::kCode4Nested, rows, 256, 14336, LinearMode::kAddScaled, false, DType::kF32);
  }
}

// A reply must not depend on who else is in the batch: up to 8 rows take the same kernel, bit for bit.
TEST_P(CudaLinear, ARowOfABatchEqualsTheRowAlone) {
  const std::int64_t n = 96, k = 512, rows = 8;
  const HostWeight host = make_weight(WeightFormat::kCode4Nested, n, k, false, 4);
  LinearWeight w = host.weight;
  w.device = device().place(host.weight, arena_);
  const Matrix x = put(random_values(static_cast<std::size_t>(rows * k), 5), rows, k, DType::kF16);
  const Matrix all = poisoned(rows, n, DType::kF32), one = poisoned(1, n, DType::kF32);
  linear(kernels(), x, w, all);
  const auto together = get(all);
  for (std::int64_t r = 0; r < rows; ++r) {
    linear(kernels(), x.slice_rows(r, 1), w, one);
    const auto alone = get(one);
    for (std::int64_t c = 0; c < n; ++c)
      EXPECT_EQ(alone[static_cast<std::size_t>(c)], together[static_cast<std::size_t>(r * n + c)]);
  }
}

// From 9 rows to 64 and from 65 to 256 the sums have one order each, where the tile kernel runs.
TEST_P(CudaLinear, ARowOfALargeBatchEqualsTheRowAmongFewer) {
  if (std::string(GetParam()) == "sm70") GTEST_SKIP() << "the sm_70 path has a kernel for each number of rows";
  for (const std::int64_t k : {512, 4160})
    for (const auto& [rows, fewer] : {std::pair<std::int64_t, std::int64_t>{64, 9}, {64, 30}, {256, 65}, {256, 110}}) {
      reset();
      const std::int64_t n = 300, first = 7;
      const HostWeight host = make_weight(WeightFormat::kCode4Nested, n, k, false, 4);
      LinearWeight w = host.weight;
      w.device = device().place(host.weight, arena_);
      const Matrix x = put(random_values(static_cast<std::size_t>(rows * k), 5), rows, k, DType::kF16);
      const Matrix all = poisoned(rows, n, DType::kF32), part = poisoned(fewer, n, DType::kF32);
      linear(kernels(), x, w, all);
      linear(kernels(), x.slice_rows(first, fewer), w, part);
      const auto together = get(all), alone = get(part);
      for (std::size_t i = 0; i < alone.size(); ++i)
        ASSERT_EQ(alone[i], together[static_cast<std::size_t>(first * n) + i]) << k << " " << rows << " " << i;
    }
}

// Twice the same launch, with slices of k that finish in any order: the same bits.
TEST_P(CudaLinear, ARepetitionGivesTheSameBits) {
  const std::int64_t n = 256, k = 14336, rows = 100;
  const HostWeight host = make_weight(WeightFormat::kCode4Nested, n, k, false, 4);
  LinearWeight w = host.weight;
  w.device = device().place(host.weight, arena_);
  const Matrix x = put(random_values(static_cast<std::size_t>(rows * k), 5), rows, k, DType::kF16);
  const Matrix first = poisoned(rows, n, DType::kF32), second = poisoned(rows, n, DType::kF32);
  linear(kernels(), x, w, first);
  for (int i = 0; i < 5; ++i) linear(kernels(), x, w, second);
  EXPECT_EQ(get(first), get(second));
}

// Beyond 8 rows k may be cut in other places for weights together than for one alone: sums in another order round
// differently, by less than fp16 then does.
TEST_P(CudaLinear, PartsEqualTheirWeightsAlone) {
  for (const std::int64_t rows : {1, 8, 20, 100, 200}) {
    reset();
    const std::int64_t k = 320;
    const HostWeight hosts[] = {make_weight(WeightFormat::kCode4Nested, 48, k, false, 6),
                                make_weight(WeightFormat::kCode4Nested, 20, k, false, 8),
                                make_weight(WeightFormat::kCode4Nested, 33, k, true, 10)};
    const Matrix x = put(random_values(static_cast<std::size_t>(rows * k), 11), rows, k, DType::kF16);
    std::vector<LinearWeight> weights;
    std::vector<Matrix> alone;
    std::vector<LinearPart> parts;
    for (const HostWeight& host : hosts) weights.push_back(host.weight);
    for (LinearWeight& w : weights) {
      w.device = device().place(w, arena_);
      alone.push_back(poisoned(rows, w.out_features, DType::kF16));
      linear(kernels(), x, w, alone.back());
      parts.push_back({&w, poisoned(rows, w.out_features, DType::kF16)});
    }
    linear_parts(kernels(), x, parts);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      EXPECT_LE(relative_l2(get(parts[i].y), get(alone[i])), rows <= 8 ? 0 : kHalfError) << rows << " " << i;
    }
  }
}

TEST_P(CudaLinear, ColumnsOfAWiderMatrix) {
  const std::int64_t rows = 9, n = 32, k = 64;  // x that starts where no 16-byte copy can
  const HostWeight host = make_weight(WeightFormat::kF16, n, k, false, 12);
  LinearWeight w = host.weight;
  w.device = device().place(host.weight, arena_);
  auto x = rounded_to_half(random_values(static_cast<std::size_t>(rows * 100), 13));
  const Matrix wide = put(x, rows, 100, DType::kF16), out = poisoned(rows, 80, DType::kF32);
  std::vector<float> expected(static_cast<std::size_t>(rows * n));
  for (const std::int64_t first : {0, 8, 5}) {
    linear(kernels(), wide.slice_cols(first, k), w, out.slice_cols(16, n));
    linear(plain(), view(x, rows, 100).slice_cols(first, k), host.weight, view(expected, rows, n));
    EXPECT_LE(relative_l2(get(out.slice_cols(16, n)), expected), kHalfError) << first;
  }
  for (const float value : get(out.slice_cols(0, 16))) EXPECT_TRUE(std::isnan(value));
}

INSTANTIATE_TEST_SUITE_P(Path, CudaLinear, ::testing::Values("own", "sm70"),
                         [](const auto& p) { return std::string(p.param); });

}  // namespace
}  // namespace docket::kernels
