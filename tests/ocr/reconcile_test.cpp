#include "ocr/reconcile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace docket::ocr {
namespace {

using testing::ElementsAre;

Word word(const std::string& text, float x, float y, float confidence, float width = 0) {
  Word made;
  made.text = text;
  made.box = {x, y, x + (width > 0 ? width : 10 * static_cast<float>(text.size())), y + 20};
  made.confidence = confidence;
  return made;
}

std::vector<std::string> texts(const std::vector<Word>& words) {
  std::vector<std::string> list;
  for (const Word& w : words) list.push_back(w.text);
  return list;
}

TEST(Reconcile, TheSurerReadingOfASpotWins) {
  const auto words = reconcile({word("T0TAL", 0, 0, 0.4F), word("9.70", 90, 0, 0.9F)},
                               {word("TOTAL", 1, 1, 0.9F), word("9.78", 91, 1, 0.6F)});
  EXPECT_THAT(texts(words), ElementsAre("TOTAL", "9.70"));
}

TEST(Reconcile, EqualTextsConfirmEachOther) {
  const auto words = reconcile({word("9.70", 0, 0, 0.5F)}, {word("9.70", 1, 0, 0.8F)});
  ASSERT_THAT(texts(words), ElementsAre("9.70"));
  EXPECT_FLOAT_EQ(words[0].confidence, 0.8F);
}

TEST(Reconcile, JoinedAndPartedWordsShareOneSpot) {
  const auto words = reconcile({word("TOTAL9.70", 0, 0, 0.9F)}, {word("TOTAL", 0, 0, 0.7F), word("9.70", 50, 0, 0.8F)});
  EXPECT_THAT(texts(words), ElementsAre("TOTAL", "9.70"));
}

TEST(Reconcile, FragmentDoesNotReplaceTheWholeWord) {
  const auto words = reconcile({word("14/03/2024", 0, 0, 0.7F)}, {word("03", 30, 0, 0.8F)});
  EXPECT_THAT(texts(words), ElementsAre("14/03/2024"));
}

TEST(Reconcile, WhatOneReadingAloneHasIsKeptWhenSure) {
  const auto words = reconcile({word("A", 0, 0, 0.1F)}, {word("MILK", 0, 40, 0.9F), word("~;", 0, 80, 0.2F)});
  EXPECT_THAT(texts(words), ElementsAre("A", "MILK"));
}

TEST(Reconcile, WithItselfOrNothingChangesNothing) {
  std::mt19937 random(11);
  std::uniform_real_distribution<float> at(0, 900), sure(0, 1);
  for (int round = 0; round < 50; ++round) {
    std::vector<Word> words;
    for (int row = 0; row < 20; ++row)
      words.push_back(word("W" + std::to_string(row), at(random), 30.0F * static_cast<float>(row), sure(random)));
    EXPECT_EQ(texts(reconcile(words, words)), texts(words));
    EXPECT_EQ(texts(reconcile(words, {})), texts(words));
  }
}

TEST(ReadingOrder, LinesThenWordsWhateverTheOrderGiven) {
  std::vector<Word> words;
  for (int row = 0; row < 5; ++row)
    for (int column = 0; column < 3; ++column)
      words.push_back(word(std::to_string(row) + std::to_string(column), 100.0F * static_cast<float>(column),
                           30.0F * static_cast<float>(row) + static_cast<float>(column % 2) * 4, 1));
  const auto wanted = texts(words);
  std::mt19937 random(5);
  for (int round = 0; round < 20; ++round) {
    std::shuffle(words.begin(), words.end(), random);
    EXPECT_EQ(texts(in_reading_order(words)), wanted);
  }
}

}  // namespace
}  // namespace docket::ocr
