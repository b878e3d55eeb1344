#include "ocr/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace docket::ocr {
namespace {

page::Page plain_page(int width, int height, std::uint8_t value) {
  page::Page page;
  page.width = page.source_width = width;
  page.height = page.source_height = height;
  page.rgb.assign(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3, value);
  return page;
}

TEST(OcrReader, MissingLanguageDataNamesTheDebianPackage) {
  ReaderOptions options;
  options.language = "xyz";
  const auto reader = OcrReader::create(options);
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(reader.error().message, testing::HasSubstr("tesseract-ocr-xyz"));
}

TEST(OcrReader, PixelsThatDoNotFitTheSizeAreAnError) {
  auto reader = OcrReader::create();
  ASSERT_TRUE(reader);
  page::Page page = plain_page(20, 10, 255);
  page.rgb.pop_back();
  EXPECT_FALSE(reader->read(page));
  EXPECT_FALSE(reader->read(page::Page{}));
}

TEST(OcrReader, PageWithoutTextIsANoteNotAnError) {
  auto reader = OcrReader::create();
  ASSERT_TRUE(reader);
  for (const auto& page : {plain_page(1, 1, 255), plain_page(2, 300, 0), plain_page(400, 600, 255)}) {
    const auto words = reader->read(page);
    ASSERT_TRUE(words);
    EXPECT_TRUE(words->words.empty());
    EXPECT_THAT(words->notes, testing::Contains("no_text"));
    EXPECT_EQ(words->mean_confidence, 0);
    EXPECT_EQ(words->text_height, 0);
  }
}

TEST(Support, NamesTheVersionAndTheLanguages) {
  const Support support = supported();
  EXPECT_THAT(support.tesseract_version, testing::StartsWith("5."));
  EXPECT_THAT(support.languages, testing::Contains("eng"));
  EXPECT_TRUE(supported("/nowhere").languages.empty());
}

}  // namespace
}  // namespace docket::ocr
