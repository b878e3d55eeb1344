#include "core/weights/safetensors.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

namespace docket::weights {
namespace {

// A file from its header text and its data.
std::vector<std::byte> file_of(const std::string& header, std::size_t data_bytes) {
  std::vector<std::byte> out(8 + header.size() + data_bytes);
  const std::uint64_t size = header.size();
  std::memcpy(out.data(), &size, 8);
  std::memcpy(out.data() + 8, header.data(), header.size());
  for (std::size_t i = 0; i < data_bytes; ++i) out[8 + header.size() + i] = static_cast<std::byte>(i);
  return out;
}

std::string reason_of(const std::string& header, std::size_t data_bytes) {
  const auto file = file_of(header, data_bytes);
  const auto parsed = parse_safetensors(file, "f");
  return parsed ? "accepted" : parsed.error().text();
}

TEST(Safetensors, ReadsTensorsOfEveryKind) {
  const auto file = file_of(
      R"({"__metadata__":{"format":"pt"},"b":{"dtype":"F16","shape":[2,3],"data_offsets":[4,16]},)"
      R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"e":{"dtype":"I8","shape":[0,7],"data_offsets":[16,16]}}   )",
      16);
  const auto parsed = parse_safetensors(file, "f");
  ASSERT_TRUE(parsed) << parsed.error().text();
  ASSERT_EQ(parsed->size(), 3U);
  const StoredTensor& b = parsed->at("b");
  EXPECT_EQ(b.dtype, DType::kF16);
  EXPECT_EQ(b.shape, (Shape{2, 3}));
  ASSERT_EQ(b.bytes.size(), 12U);
  EXPECT_EQ(b.bytes[0], std::byte{4});
  EXPECT_TRUE(parsed->at("e").bytes.empty());
}

TEST(Safetensors, NamesFileTensorAndReason) {
  const std::string f32 = R"({"t":{"dtype":"F32","shape":[2],"data_offsets":)";
  EXPECT_EQ(reason_of(f32 + "[0,8]}}", 8), "accepted");
  EXPECT_EQ(reason_of(f32 + "[0,9]}}", 9), "f: t: F32 [2] takes 8 bytes, data_offsets span 9");
  EXPECT_EQ(reason_of(f32 + "[0,8]}}", 7), "f: t: data_offsets end at 8 but the file holds 7 bytes of data");
  EXPECT_EQ(reason_of(f32 + "[0,8]}}", 9), "f: holds 1 bytes after the last tensor");
  EXPECT_EQ(reason_of(f32 + "[1,9]}}", 9), "f: t: leaves a gap of 1 bytes before it");
  EXPECT_EQ(reason_of(f32 + "[8,0]}}", 8), "f: t: data_offsets end before they begin");
  EXPECT_EQ(reason_of(f32 + "[-8,0]}}", 8), "f: t: data_offsets is not a pair of whole numbers >= 0");
  EXPECT_EQ(reason_of(f32 + "[0,18446744073709551615]}}", 8),
            "f: t: data_offsets end at 18446744073709551615 but the file holds 8 bytes of data");
  EXPECT_EQ(reason_of(R"({"t":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]}})", 2),
            "f: t: dtype F8_E4M3 is not one that docket reads");
  EXPECT_EQ(reason_of(R"({"t":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0),
            "f: t: shape is too large");
  EXPECT_EQ(reason_of(R"({"t":{"dtype":"F32","shape":[-1],"data_offsets":[0,0]}})", 0),
            "f: t: shape holds something that is not a whole number >= 0");
  EXPECT_EQ(reason_of(R"({"t":{"dtype":"F32","shape":[1.5],"data_offsets":[0,0]}})", 0),
            "f: t: shape holds something that is not a whole number >= 0");
  EXPECT_EQ(reason_of(R"({"t":{"shape":[1],"data_offsets":[0,4]}})", 4), "f: t: dtype is missing");
  EXPECT_EQ(reason_of(R"({"t":3})", 0), "f: t: the entry is not a JSON object");
  EXPECT_EQ(reason_of("[]", 0), "f: the header is not a JSON object");
  EXPECT_EQ(reason_of("{", 0), "f: the header is not valid JSON");
}

TEST(Safetensors, RefusesOverlapAndRepeatedNames) {
  const std::string a = R"("a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]})";
  const std::string b = R"("b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]})";
  EXPECT_EQ(reason_of("{" + a + "," + b + "}", 6), "f: b: overlaps the tensor before it");
  EXPECT_EQ(reason_of("{" + a + "," + a + "}", 4), "f: a: the name is given twice");
}

TEST(Safetensors, RefusesImpossibleHeaderLengths) {
  std::vector<std::byte> file(8, std::byte{0xFF});
  EXPECT_EQ(parse_safetensors(file, "f").error().text(), "f: the header length is beyond the limit of 100 MB");
  file.resize(7);
  EXPECT_EQ(parse_safetensors(file, "f").error().text(), "f: is too short for a safetensors file");
  file.assign(8, std::byte{0});
  file[0] = std::byte{9};
  EXPECT_EQ(parse_safetensors(file, "f").error().text(),
            "f: the header is said to take 9 bytes, the file ends after 0");
}

TEST(Safetensors, SurvivesDeepNesting) {
  EXPECT_NE(reason_of(std::string(1000000, '['), 0), "accepted");
  std::string deep = R"({"t":)" + std::string(100000, '[') + std::string(100000, ']') + "}";
  EXPECT_EQ(reason_of(deep, 0), "f: t: the entry is not a JSON object");
}

// Every result of a damaged file is an error or a set of tensors that lie inside the file.
TEST(Safetensors, RandomCorruptionNeverEscapesTheFile) {
  const auto good = file_of(
      R"({"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"b":{"dtype":"BF16","shape":[4],"data_offsets":[16,24]}})",
      24);
  std::mt19937 random(20240611);
  int errors = 0;
  for (int round = 0; round < 5000; ++round) {
    auto file = good;
    const auto changes = 1 + random() % 3;
    for (unsigned i = 0; i < changes; ++i) file[random() % file.size()] = static_cast<std::byte>(random());
    if (random() % 4 == 0) file.resize(random() % file.size());
    const auto parsed = parse_safetensors(file, "f");
    if (!parsed) {
      ++errors;
      EXPECT_FALSE(parsed.error().text().empty());
      continue;
    }
    for (const auto& [name, tensor] : *parsed) {
      EXPECT_GE(tensor.bytes.data(), file.data());
      EXPECT_LE(tensor.bytes.data() + tensor.bytes.size(), file.data() + file.size());
      EXPECT_EQ(tensor.bytes.size(), static_cast<std::size_t>(tensor.shape.count()) * size_bytes(tensor.dtype));
    }
  }
  EXPECT_GT(errors, 2500);
}

}  // namespace
}  // namespace docket::weights
