#include "ocr/mend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace docket::ocr {
namespace {

Word word(const std::string& text, float x0, float x1, float y = 0, float confidence = 1) {
  Word made;
  made.text = text;
  made.box = {x0, y, x1, y + 20};
  made.confidence = confidence;
  return made;
}

std::vector<std::string> joined(const std::vector<Word>& words) {
  std::vector<std::string> texts;
  for (const Word& w : join_split_amounts(words)) texts.push_back(w.text);
  return texts;
}

TEST(JoinSplitAmounts, JoinsCentsToTheirPoint) {
  EXPECT_THAT(joined({word("RM", 0, 30), word("65.", 40, 75), word("20", 85, 105)}),
              testing::ElementsAre("RM", "65.20"));
  EXPECT_THAT(joined({word("0", 0, 10), word(".00", 14, 40)}), testing::ElementsAre("0.00"));
  EXPECT_THAT(joined({word("1,234", 0, 50), word(",50T", 52, 80)}), testing::ElementsAre("1,234,50T"));
}

TEST(JoinSplitAmounts, LeavesOtherNeighboursAlone) {
  EXPECT_THAT(joined({word("65.", 0, 35), word("20", 60, 80)}), testing::SizeIs(2)) << "too far apart";
  EXPECT_THAT(joined({word("65.", 0, 35), word("20", 45, 65, 30)}), testing::SizeIs(2)) << "another line";
  EXPECT_THAT(joined({word("65.", 0, 35), word("2018", 45, 85)}), testing::SizeIs(2)) << "no cents";
  EXPECT_THAT(joined({word("NO.", 0, 35), word("20", 45, 65)}), testing::SizeIs(2)) << "no dollars";
  EXPECT_THAT(joined({word("12", 0, 20), word("50", 25, 45)}), testing::SizeIs(2)) << "no point";
}

TEST(JoinSplitAmounts, BoxAndConfidenceAreThoseOfBoth) {
  const auto words = join_split_amounts({word("5.", 0, 15, 2, 0.5F), word("20", 20, 40, 0, 0.9F)});
  ASSERT_EQ(words.size(), 1U);
  EXPECT_FLOAT_EQ(words[0].box.x1, 40);
  EXPECT_FLOAT_EQ(words[0].box.y0, 0);
  EXPECT_FLOAT_EQ(words[0].box.y1, 22);
  EXPECT_FLOAT_EQ(words[0].confidence, 0.7F);
}

}  // namespace
}  // namespace docket::ocr
