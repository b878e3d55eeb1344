#include "core/quant/quantize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <span>

#include "core/base/file.h"
#include "core/quant/codebook.h"
#include "tests/support/golden.h"

namespace docket::quant {
namespace {

using golden::kData;

Code4 code_of(const std::string& name) { return name == "nf4" ? Code4::kNf4 : Code4::kFp4; }

std::string digest(const std::vector<float>& values) {
  return sha256_hex({reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(float)});
}

TEST(Codebook, EqualsBitsandbytes) {
  const auto tensors = golden::read_tensors(kData + "quant.golden.safetensors");
  for (const char* name : {"nf4", "fp4"}) {
    const auto expected = tensors.at(std::string(name) + ".code").floats();
    for (std::size_t i = 0; i < 16; ++i) EXPECT_EQ(codebook(code_of(name))[i], expected[i]) << name << ' ' << i;
  }
  const auto nested = tensors.at("nested_code").floats();
  for (std::size_t i = 0; i < 256; ++i) EXPECT_EQ(dynamic_map()[i], nested[i]) << i;
  EXPECT_FLOAT_EQ(dynamic_map()[0], -0.992968738f);
  EXPECT_EQ(dynamic_map()[127], 0.0f);
}

TEST(Quantize4, EqualsBitsandbytesBitForBit) {
  const auto tensors = golden::read_tensors(kData + "quant.golden.safetensors");
  const auto about = golden::read_json(kData + "quant.golden.json");
  int cases = 0;
  for (const auto& size : about["sizes"]) {
    const auto x = tensors.at(std::to_string(size["id"].get<int>()) + ".x").floats();
    for (const auto& c : size["cases"]) {
      const std::string key = c["key"];
      SCOPED_TRACE(key);
      Block4 got = quantize_4bit(x, size["rows"], size["cols"], code_of(c["kind"]), false, c["block"]);
      if (tensors.count(key + ".absmax") != 0) {
        EXPECT_EQ(got.absmax, tensors.at(key + ".absmax").floats());
      }
      if (c["nested"]) {
        // Around bitsandbytes' own offset, whose last bits depend on the order in which its device sums.
        const Block4 own = quantize_4bit(x, size["rows"], size["cols"], code_of(c["kind"]), true, c["block"]);
        EXPECT_NEAR(own.nested_offset, c["offset"].get<float>(), 4e-7 * std::fabs(c["offset"].get<float>()));
        quantize_absmax(got, c["offset"]);
        EXPECT_EQ(got.absmax_q, tensors.at(key + ".absmax_q").bytes);
        EXPECT_EQ(got.nested_absmax, tensors.at(key + ".nested_absmax").floats());
      }
      EXPECT_EQ(got.packed, tensors.at(key + ".packed").bytes);
      std::vector<float> values(x.size());
      dequantize_rows(got.view(), 0, size["rows"], values);
      EXPECT_EQ(digest(values), c["dequantized_sha256"]);
      ++cases;
    }
  }
  EXPECT_GT(cases, 40);
}

TEST(Quantize8, EqualsBitsandbytesBitForBit) {
  const auto tensors = golden::read_tensors(kData + "quant.golden.safetensors");
  const auto about = golden::read_json(kData + "quant.golden.json");
  int cases = 0;
  for (const auto& size : about["sizes"]) {
    if (!size.contains("int8")) continue;
    const std::string id = std::to_string(size["id"].get<int>());
    const Int8 got = quantize_8bit(tensors.at(id + ".x").floats(), size["rows"], size["cols"]);
    const auto& expected = tensors.at(id + ".int8").bytes;
    ASSERT_EQ(got.q.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(got.q[i], static_cast<std::int8_t>(expected[i])) << i;
    EXPECT_EQ(got.scb, tensors.at(id + ".scb").floats());
    ++cases;
  }
  EXPECT_GE(cases, 5);
}

// No value is further from its decoded self than half the widest gap of the codebook (nf4: 0.3038, between -1 and
// -0.696) times the block's absmax, plus one rounding.
TEST(Quantize4, ErrorIsWithinHalfTheWidestGap) {
  std::mt19937 random(5);
  std::normal_distribution<float> normal(0, 0.05f);
  for (const Code4 code : {Code4::kNf4, Code4::kFp4}) {
    std::vector<float> sorted(codebook(code).begin(), codebook(code).end());
    std::sort(sorted.begin(), sorted.end());
    float gap = 0;
    for (std::size_t i = 1; i < 16; ++i) gap = std::max(gap, sorted[i] - sorted[i - 1]);
    for (std::int64_t n = 1; n <= 130; ++n) {
      std::vector<float> x(static_cast<std::size_t>(n) * 3), back(x.size());
      for (float& v : x) v = normal(random);
      const Block4 q = quantize_4bit(x, 3, n, code, false);
      dequantize_rows(q.view(), 0, 3, back);
      for (std::size_t i = 0; i < x.size(); ++i) {
        const float absmax = q.absmax[i / kBlockSize];
        EXPECT_LE(std::fabs(x[i] - back[i]), absmax * (gap / 2 + 1e-6f)) << n << ' ' << i;
      }
    }
  }
}

TEST(Quantize4, RowsDecodeAloneAsTheyDoTogether) {
  std::vector<float> x(7 * 130), all(x.size()), some(2 * 130);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::sin(static_cast<float>(i));
  const Block4 q = quantize_4bit(x, 7, 130, Code4::kNf4, true);
  dequantize_rows(q.view(), 0, 7, all);
  dequantize_rows(q.view(), 4, 2, some);
  EXPECT_TRUE(std::equal(some.begin(), some.end(), all.begin() + 4 * 130));
}

TEST(Quantize4, ZerosAndASingleBlockDecodeExactly) {
  std::vector<float> zeros(100), back(100);
  const Block4 z = quantize_4bit(zeros, 1, 100, Code4::kNf4, true);
  dequantize_rows(z.view(), 0, 1, back);
  for (const float v : back) EXPECT_EQ(v, 0.0f);
  const std::vector<float> one = {0.5f, -0.5f, 0.0f};
  const Block4 q = quantize_4bit(one, 1, 3, Code4::kNf4, true);
  dequantize_rows(q.view(), 0, 1, back);
  EXPECT_EQ(back[0], 0.5f);
  EXPECT_EQ(back[1], -0.5f);
  EXPECT_EQ(back[2], 0.0f);
}

TEST(Fp16, RoundsLikeTheHardware) {
  for (std::uint32_t bits = 0; bits < 0x47800000u; bits += 4099) {
    float x = 0;
    std::memcpy(&x, &bits, 4);
    const auto hardware = static_cast<float>(static_cast<_Float16>(x));
    if (std::isfinite(hardware)) {
      EXPECT_EQ(round_to_fp16(x), hardware) << bits;
    }
  }
  EXPECT_FALSE(fits_fp16(std::vector<float>{1.0f, 65520.0f}));
  EXPECT_TRUE(fits_fp16(std::vector<float>{1.0f, -65504.0f}));
}

}  // namespace
}  // namespace docket::quant
