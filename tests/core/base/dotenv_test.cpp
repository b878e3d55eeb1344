#include "core/base/dotenv.h"

#include <gtest/gtest.h>

namespace docket {
namespace {

std::string value_of(const std::string& line) {
  const auto entries = parse_dotenv(line, ".env");
  if (!entries) return "error: " + entries.error().text();
  return entries->size() == 1 ? entries->front().value : "entries: " + std::to_string(entries->size());
}

TEST(DotEnv, ReadsTheFormsThatShellsAndContainerToolsWrite) {
  EXPECT_EQ(value_of("A=1"), "1");
  EXPECT_EQ(value_of("export A=1"), "1");
  EXPECT_EQ(value_of("  A = some words  \r\n"), "some words");
  EXPECT_EQ(value_of("A=x # why"), "x");
  EXPECT_EQ(value_of("A=x#y"), "x#y");
  EXPECT_EQ(value_of("A=#empty"), "");
  EXPECT_EQ(value_of("A="), "");
  EXPECT_EQ(value_of("A='a \\n # b' # why"), "a \\n # b");
  EXPECT_EQ(value_of(R"(A="a\n\"b\"\\ # c")"), "a\n\"b\"\\ # c");
  EXPECT_EQ(value_of("\xEF\xBB\xBF"
                     "A=1"),
            "1");
}

TEST(DotEnv, KeepsOrderAndLineNumbers) {
  const auto entries = parse_dotenv("# first\n\nB=2\nA=1\nB=3", ".env");
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 3u);
  EXPECT_EQ((*entries)[0].key, "B");
  EXPECT_EQ((*entries)[0].line, 3);
  EXPECT_EQ((*entries)[2].value, "3");
  EXPECT_EQ((*entries)[2].line, 5);
}

TEST(DotEnv, NamesTheFileAndLineOfWhatItCannotRead) {
  EXPECT_EQ(value_of("A=1\nwhat is this"), "error: .env: line 2: expected = after the key");
  EXPECT_EQ(value_of("=1"), "error: .env: line 1: expected KEY=VALUE");
  EXPECT_EQ(value_of("1A=1"), "error: .env: line 1: expected KEY=VALUE");
  EXPECT_EQ(value_of("A='x"), "error: .env: line 1: expected the closing quote at the end of the value");
  EXPECT_EQ(value_of("A=\"x\" y"), "error: .env: line 1: expected the closing quote at the end of the value");
  EXPECT_EQ(value_of(std::string("A=\0", 3)), "error: .env: line 1: holds a NUL byte");
}

}  // namespace
}  // namespace docket
