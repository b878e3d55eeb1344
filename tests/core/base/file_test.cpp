#include "core/base/file.h"

#include <gtest/gtest.h>

#include <fstream>

namespace docket {
namespace {

std::filesystem::path scratch(const char* name) { return std::filesystem::path(::testing::TempDir()) / name; }

TEST(File, WritesAndReadsTheSameBytes) {
  const std::string content("a\0b\r\n\xff", 6);
  ASSERT_TRUE(write_file_atomic(scratch("file_test_roundtrip"), content));
  const auto read = read_text_file(scratch("file_test_roundtrip"), 6);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, content);
}

TEST(File, RefusesMoreBytesThanTheLimit) {
  ASSERT_TRUE(write_file_atomic(scratch("file_test_limit"), "1234567"));
  const auto read = read_file(scratch("file_test_limit"), 6);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kLimitExceeded);
}

TEST(File, NamesTheFileThatIsMissing) {
  const auto read = read_file("/nonexistent/receipt.jpg", 1);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(read.error().text(), "/nonexistent/receipt.jpg: cannot open: No such file or directory");
}

TEST(File, RefusesAFolder) {
  const auto read = read_file("/tmp", 1);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kInvalidArgument);
}

TEST(File, Sha256MatchesPublishedVectors) {  // FIPS 180-2, appendix B.1 and the empty message
  const std::string abc = "abc";
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(abc.data());
  EXPECT_EQ(sha256_hex({bytes, 3}), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex({bytes, 0}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

}  // namespace
}  // namespace docket
