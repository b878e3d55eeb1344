#include "ocr/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <thread>

#include "tests/ocr/rendered.h"

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
  for (const auto& page : {plain_page(1, 1, 255), plain_page(1, 900, 128), plain_page(700, 3, 0), plain_page(2, 300, 0),
                           plain_page(400, 600, 255)}) {
    const auto words = reader->read(page);
    ASSERT_TRUE(words);
    EXPECT_TRUE(words->words.empty());
    EXPECT_THAT(words->notes, testing::Contains("no_text"));
    EXPECT_EQ(words->mean_confidence, 0);
    EXPECT_EQ(words->text_height, 0);
  }
}

// One reader serves all tests: loading the language data takes longer than reading a small page.
OcrReader& reader() {
  static OcrReader shared = *OcrReader::create();
  return shared;
}

// Words read with the wanted text, of the words wanted.
double share_read(const std::vector<RenderedWord>& wanted, const Words& words) {
  std::vector<std::string> read;
  for (const Word& word : words.words) read.push_back(word.text);
  double found = 0;
  for (const auto& word : wanted) {
    const auto it = std::find(read.begin(), read.end(), word.text);
    if (it == read.end()) continue;
    ++found;
    read.erase(it);
  }
  return found / static_cast<double>(wanted.size());
}

double iou(const page::Box& a, const cv::Rect2f& b) {
  const cv::Rect2f box(a.x0, a.y0, a.width(), a.height());
  const double both = static_cast<double>((box & b).area());
  return both / (static_cast<double>(box.area()) + static_cast<double>(b.area()) - both);
}

class OcrReaderHeights : public testing::TestWithParam<int> {};

TEST_P(OcrReaderHeights, ReadsWhatWasWrittenAndWhere) {
  const Rendered rendered = render(docket_lines(), GetParam());
  const auto words = reader().read(to_page(rendered.gray));
  ASSERT_TRUE(words);
  EXPECT_GE(share_read(rendered.words, *words), 0.9);
  EXPECT_GT(words->mean_confidence, 0.7F);
  EXPECT_NEAR(words->text_height, GetParam(), 0.3 * GetParam() + 2);
  for (const auto& wanted : rendered.words) {
    const auto it = std::find_if(words->words.begin(), words->words.end(),
                                 [&](const Word& word) { return word.text == wanted.text; });
    if (it == words->words.end()) continue;
    // A pixel or two around small letters is already a third of their area.
    EXPECT_GT(iou(it->box, wanted.box), GetParam() < 16 ? 0.5 : 0.65) << wanted.text;
  }
}

INSTANTIATE_TEST_SUITE_P(FromSmallToLarge, OcrReaderHeights, testing::Values(11, 16, 24, 48, 90));

TEST(OcrReader, ReadsTextThatLeans) {
  const Rendered rendered = render(docket_lines(), 28);
  for (const double degrees : {-3.0, 3.0}) {
    const auto words = reader().read(to_page(turned(rendered.gray, degrees)));
    ASSERT_TRUE(words);
    EXPECT_GE(share_read(rendered.words, *words), 0.9) << degrees;
  }
}

TEST(OcrReader, ReadsLightPrintOnDark) {
  const Rendered rendered = render(docket_lines(), 28);
  const auto words = reader().read(to_page(255 - rendered.gray));
  ASSERT_TRUE(words);
  EXPECT_GE(share_read(rendered.words, *words), 0.9);
  EXPECT_THAT(words->notes, testing::Contains("inverted"));
}

TEST(OcrReader, ReadsThroughAShadow) {
  const Rendered rendered = render(docket_lines(), 28);
  cv::Mat shaded;
  rendered.gray.convertTo(shaded, CV_8U, 0.7, 50);
  shaded(cv::Rect(0, 0, shaded.cols / 2, shaded.rows)) *= 0.35;
  const auto words = reader().read(to_page(shaded));
  ASSERT_TRUE(words);
  EXPECT_GE(share_read(rendered.words, *words), 0.8);
}

TEST(OcrReader, LinesComeInReadingOrder) {
  const auto words = reader().read(to_page(render(docket_lines(), 28).gray));
  ASSERT_TRUE(words);
  std::string text;
  for (const Word& word : words->words) text += word.text + " ";
  EXPECT_EQ(text, "CORNER BAKERY 12 HIGH STREET DATE 14/03/2024 BREAD 4.50 COFFEE 5.20 TOTAL 9.70 ");
}

TEST(OcrReader, EveryPassIsKeptBesideWhatIsMadeOfThem) {
  const Rendered rendered = render(docket_lines(), 28);
  const auto words = reader().read(to_page(rendered.gray));
  ASSERT_TRUE(words);
  ASSERT_EQ(words->readings.size(), 2u);  // both alike
  for (const auto& reading : words->readings) {
    Words one;
    one.words = reading;
    EXPECT_GE(share_read(rendered.words, one), 0.9);
    // In the page's pixels, whatever the pass made of the picture.
    for (const auto& wanted : rendered.words) {
      const auto it =
          std::find_if(reading.begin(), reading.end(), [&](const Word& word) { return word.text == wanted.text; });
      if (it == reading.end()) continue;
      EXPECT_GT(iou(it->box, wanted.box), 0.6) << wanted.text;
    }
  }
}

TEST(OcrReader, APageThatIsHardToReadIsReadAThirdTime) {
  cv::Mat hard;
  cv::GaussianBlur(render(docket_lines(), 14).gray, hard, {}, 2.2);
  const auto words = reader().read(to_page(hard));
  ASSERT_TRUE(words);
  EXPECT_EQ(words->readings.size(), 3u);
}

TEST(OcrReader, NumbersOfThePagePassThrough) {
  page::Page page = to_page(render({"TOTAL 9.70"}, 28).gray);
  page.number = 3;
  page.receipt = 2;
  const auto words = reader().read(page);
  ASSERT_TRUE(words);
  EXPECT_EQ(words->page_number, 3);
  EXPECT_EQ(words->receipt, 2);
}

TEST(OcrReader, StopsAtItsTimeBudgetAndSaysSo) {
  ReaderOptions options;
  options.time_budget_ms = 1;
  auto hurried = OcrReader::create(options);
  ASSERT_TRUE(hurried);
  const auto words = hurried->read(to_page(render(docket_lines(), 28).gray));
  ASSERT_TRUE(words);
  EXPECT_THAT(words->notes, testing::Contains("time_budget"));
}

TEST(OcrReader, LargePageWithinLimitsIsRead) {
  const Rendered rendered = render(docket_lines(), 60);
  cv::Mat large(5200, 4000, CV_8UC1, cv::Scalar(250));
  rendered.gray.copyTo(large(cv::Rect(500, 700, rendered.gray.cols, rendered.gray.rows)));
  const auto words = reader().read(to_page(large));
  ASSERT_TRUE(words);
  EXPECT_GE(share_read(rendered.words, *words), 0.9);
}

// What the thread sanitizer is to look at: readers share nothing, and each gives what one alone gives.
TEST(OcrReader, ReadersInSeveralThreadsAgreeWithOneAlone) {
  const page::Page page = to_page(render(docket_lines(), 20).gray);
  const auto alone = reader().read(page);
  ASSERT_TRUE(alone);
  std::vector<std::vector<Word>> read(3);
  std::vector<std::thread> threads;
  for (auto& words : read)
    threads.emplace_back([&page, &words] {
      auto own = OcrReader::create();
      if (!own) return;
      for (int round = 0; round < 2; ++round) {
        auto result = own->read(page);
        if (result) words = result->words;
      }
    });
  for (auto& thread : threads) thread.join();
  for (const auto& words : read) {
    ASSERT_EQ(words.size(), alone->words.size());
    for (std::size_t i = 0; i < words.size(); ++i) EXPECT_EQ(words[i].text, alone->words[i].text);
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
