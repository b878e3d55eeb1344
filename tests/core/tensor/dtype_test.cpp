#include "core/tensor/dtype.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace docket {
namespace {

TEST(DType, F16RoundTripsEveryBitPattern) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float value = f16_to_f32(half);
    if (std::isnan(value)) continue;
    ASSERT_EQ(f32_to_f16(value), half) << bits;
  }
}

TEST(DType, F16KnownValues) {  // IEEE 754-2019 table 3.5 and its neighbours
  EXPECT_EQ(f16_to_f32(0x3C00), 1.0F);
  EXPECT_EQ(f16_to_f32(0x7BFF), 65504.0F);
  EXPECT_EQ(f16_to_f32(0x0001), 0x1p-24F);
  EXPECT_EQ(f16_to_f32(0xC000), -2.0F);
  EXPECT_EQ(f32_to_f16(65519.996F), 0x7BFF);
  EXPECT_EQ(f32_to_f16(65520.0F), 0x7C00);
  EXPECT_EQ(f32_to_f16(0x1p-25F), 0x0000);         // a tie goes to even
  EXPECT_EQ(f32_to_f16(0x1.000002p-25F), 0x0001);  // just above it does not
  EXPECT_EQ(f32_to_f16(1.0F + 0x1p-11F), 0x3C00);  // tie to even
  EXPECT_EQ(f32_to_f16(1.0F + 0x3p-11F), 0x3C02);  // tie to even, upwards
  EXPECT_TRUE(std::isnan(f16_to_f32(f32_to_f16(std::numeric_limits<float>::quiet_NaN()))));
}

TEST(DType, Bf16RoundsToNearestEven) {
  EXPECT_EQ(f32_to_bf16(1.0F), 0x3F80);
  EXPECT_EQ(f32_to_bf16(1.0F + 0x1p-8F), 0x3F80);
  EXPECT_EQ(f32_to_bf16(1.0F + 0x3p-8F), 0x3F82);
  EXPECT_EQ(f32_to_bf16(std::numeric_limits<float>::max()), 0x7F80);
  EXPECT_TRUE(std::isnan(bf16_to_f32(f32_to_bf16(std::numeric_limits<float>::quiet_NaN()))));
}

TEST(DType, NamesRoundTrip) {
  for (const char* name : {"F32", "F16", "BF16", "F64", "I64", "I32", "I16", "I8", "U8", "BOOL"})
    EXPECT_STREQ(to_string(parse_dtype(name).value()), name);
  EXPECT_FALSE(parse_dtype("F8_E4M3").has_value());
}

TEST(DType, ConvertsUnalignedBytes) {
  alignas(4) unsigned char bytes[9] = {0, 0x00, 0x3C, 0x00, 0xC0};
  float out[2];
  convert_to_f32(DType::kF16, bytes + 1, out, 2);
  EXPECT_EQ(out[0], 1.0F);
  EXPECT_EQ(out[1], -2.0F);
}

}  // namespace
}  // namespace docket
