#include "reply/text_stream.h"

#include <gtest/gtest.h>

#include <random>

namespace docket::reply {
namespace {

TEST(TextStream, HoldsIncompleteCharacters) {
  TextStream stream({});
  EXPECT_EQ(stream.push("caf\xC3"), "caf");
  EXPECT_EQ(stream.push("\xA9"), "\u00E9");
  EXPECT_EQ(stream.push("\xE6\x9D"), "");
  EXPECT_EQ(stream.finish(), "\uFFFD");
  EXPECT_EQ(stream.text(), "caf\u00E9\uFFFD");
}

TEST(TextStream, StopsBeforeAStopString) {
  TextStream stream({"\n\n", "END"});
  EXPECT_EQ(stream.push("one\n"), "one");
  EXPECT_EQ(stream.push("two E"), "\ntwo ");
  EXPECT_EQ(stream.push("N"), "");
  EXPECT_EQ(stream.push("DS three"), "");
  EXPECT_TRUE(stream.stopped());
  EXPECT_EQ(stream.push("more"), "");
  EXPECT_EQ(stream.finish(), "");
  EXPECT_EQ(stream.text(), "one\ntwo ");
}

TEST(TextStream, AnyCutOfTheBytesGivesTheSameText) {
  const std::string bytes = "ab\u00E9 \u6771ENaEN\xFF\n\nENDx";
  std::mt19937 random(1);
  for (int run = 0; run < 500; ++run) {
    TextStream stream({"END", "\n\n\n"});
    std::string joined;
    for (std::size_t i = 0; i < bytes.size();) {
      const std::size_t n = 1 + random() % 4;
      joined += stream.push(std::string_view(bytes).substr(i, n));
      i += n;
    }
    joined += stream.finish();
    EXPECT_EQ(joined, "ab\u00E9 \u6771ENaEN\uFFFD\n\n");
    EXPECT_EQ(stream.text(), joined);
  }
}

}  // namespace
}  // namespace docket::reply
