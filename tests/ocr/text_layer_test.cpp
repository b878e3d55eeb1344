#include "ocr/text_layer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ocr/reader.h"
#include "tests/ocr/rendered.h"

namespace docket::ocr {
namespace {

page::Page page_with_layer(const Rendered& rendered) {
  page::Page page = to_page(rendered.gray);
  for (const auto& word : rendered.words)
    page.text_layer.push_back(
        {word.text, {word.box.x, word.box.y, word.box.x + word.box.width, word.box.y + word.box.height}});
  return page;
}

Words read(const page::Page& page) {
  static OcrReader reader = *OcrReader::create();
  return *reader.read(page);
}

TEST(TextLayer, IsUsedWhenThePictureAgrees) {
  const page::Page page = page_with_layer(render(docket_lines(), 20));
  const Words words = read(page);
  EXPECT_THAT(words.notes, testing::IsEmpty());
  ASSERT_EQ(words.words.size(), page.text_layer.size());
  for (std::size_t i = 0; i < words.words.size(); ++i) {
    EXPECT_EQ(words.words[i].source, Source::kTextLayer);
    EXPECT_EQ(words.words[i].text, page.text_layer[i].text);
    EXPECT_EQ(words.words[i].confidence, 1.0F);
  }
}

void expect_ocr_instead(const page::Page& page) {
  const Words words = read(page);
  EXPECT_THAT(words.notes, testing::Contains("text_layer_disagrees"));
  EXPECT_THAT(words.words, testing::Each(testing::Field(&Word::source, Source::kOcr)));
}

TEST(TextLayer, OfAnotherPlaceIsNotBelieved) {
  page::Page page = page_with_layer(render(docket_lines(), 20));
  for (auto& span : page.text_layer) span.box.y0 += 25, span.box.y1 += 15;
  expect_ocr_instead(page);
}

TEST(TextLayer, OfOtherTextIsNotBelieved) {
  page::Page page = page_with_layer(render(docket_lines(), 20));
  for (auto& span : page.text_layer)
    for (char& c : span.text) c = static_cast<char>('A' + (c * 7) % 26);
  expect_ocr_instead(page);
}

TEST(TextLayer, OfAHeaderAloneIsNotBelieved) {
  page::Page page = page_with_layer(render(docket_lines(), 20));
  page.text_layer.resize(2);
  expect_ocr_instead(page);
}

TEST(TextLayer, OfABlankPageIsNotBelieved) {
  page::Page page = page_with_layer(render(docket_lines(), 20));
  std::fill(page.rgb.begin(), page.rgb.end(), std::uint8_t{255});
  const Words words = read(page);
  EXPECT_THAT(words.notes, testing::ElementsAre("text_layer_disagrees", "low_contrast", "no_text"));
}

TEST(Difference, CountsLettersAndDigitsThatChange) {
  EXPECT_EQ(difference("Total:", "TOTAL"), 0);
  EXPECT_EQ(difference("", ""), 0);
  EXPECT_EQ(difference("ABC", ""), 1);
  EXPECT_DOUBLE_EQ(difference("9.70", "9.78"), 1.0 / 3);
  EXPECT_DOUBLE_EQ(difference("BREAD", "BREADS"), 1.0 / 6);
}

}  // namespace
}  // namespace docket::ocr
