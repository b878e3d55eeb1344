#include "ocr/prepare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "ocr/ink.h"
#include "ocr/light.h"
#include "ocr/paper.h"
#include "ocr/skew.h"
#include "tests/ocr/rendered.h"

namespace docket::ocr {
namespace {

std::vector<std::string> many_lines() {
  std::vector<std::string> lines;
  for (int i = 0; i < 4; ++i) lines.insert(lines.end(), docket_lines().begin(), docket_lines().end());
  return lines;
}

double mean_distance(const cv::Point2f& a, const cv::Point2f& b) { return cv::norm(a - b); }

TEST(TextHeight, IsThatOfTheCapitals) {
  for (const int height : {10, 16, 24, 40, 60}) {
    const double found = text_height(find_ink(render(docket_lines(), height).gray));
    EXPECT_NEAR(found, height, 2 + 0.15 * height) << height;  // the pen's thickness adds to the height
  }
}

TEST(TextHeight, IsZeroWithoutText) {
  EXPECT_EQ(text_height(find_ink(cv::Mat(400, 300, CV_8UC1, cv::Scalar(255)))), 0);
  EXPECT_EQ(text_height(find_ink(cv::Mat(1, 1, CV_8UC1, cv::Scalar(0)))), 0);
}

// The property the reader needs: 0.3 degrees, at every lean that it corrects.
TEST(Skew, IsFoundWithin0_3Degrees) {
  const cv::Mat gray = render(many_lines(), 20).gray;
  for (const double degrees : {-10.0, -5.3, -3.0, -1.1, -0.4, 0.0, 0.4, 0.9, 2.0, 3.0, 4.7, 8.0, 10.0})
    EXPECT_NEAR(skew_degrees(find_ink(turned(gray, degrees))), degrees, 0.3);
}

TEST(Skew, NoiseHasNone) {
  cv::Mat noise(600, 400, CV_8UC1);
  cv::RNG rng(7);
  rng.fill(noise, cv::RNG::UNIFORM, 0, 256);
  EXPECT_EQ(skew_degrees({}), 0);
  EXPECT_NEAR(skew_degrees(find_ink(noise)), 0, 12);
}

TEST(Light, DarkGroundIsToldFromDarkPicture) {
  const cv::Mat gray = render(docket_lines(), 24).gray;
  EXPECT_FALSE(light_on_dark(gray));
  EXPECT_TRUE(light_on_dark(255 - gray));
  const cv::Mat badly_lit = gray * 0.3;  // paper at 77 of 255
  EXPECT_FALSE(light_on_dark(badly_lit));
}

TEST(Light, FaintPrintBecomesAsDarkAsStrongPrintBesideIt) {
  const cv::Mat strong = render(docket_lines(), 24).gray;
  cv::Mat faint;
  strong.convertTo(faint, CV_8U, 0.3, 0.7 * 255);  // ink at 178 of 255
  cv::Mat page(strong.rows + 200 + faint.rows, strong.cols, CV_8UC1, cv::Scalar(255));
  strong.copyTo(page.rowRange(0, strong.rows));
  faint.copyTo(page.rowRange(strong.rows + 200, page.rows));
  const cv::Mat even = even_contrast(page, 24);
  ASSERT_EQ(even.size(), page.size());
  double of_strong = 0, of_faint = 0;
  cv::minMaxLoc(even.rowRange(0, strong.rows), &of_strong);
  cv::minMaxLoc(even.rowRange(strong.rows + 200, even.rows), &of_faint);
  EXPECT_LT(of_faint, 90);
  EXPECT_NEAR(of_faint, of_strong, 30);
  // Paper stays paper.
  double darkest = 0;
  cv::minMaxLoc(even_contrast(cv::Mat(300, 300, CV_8UC1, cv::Scalar(252)), 24), &darkest);
  EXPECT_GT(darkest, 230);
}

TEST(Light, ShadowLeavesAndInkStays) {
  const Rendered rendered = render(docket_lines(), 24);
  cv::Mat shaded = rendered.gray.clone();
  for (int y = 0; y < shaded.rows; ++y)
    for (int x = 0; x < shaded.cols; ++x) {
      const double light = 0.35 + 0.65 * x / shaded.cols;
      shaded.at<std::uint8_t>(y, x) =
          cv::saturate_cast<std::uint8_t>(light * (40 + shaded.at<std::uint8_t>(y, x) * 0.8));
    }
  const cv::Mat even = even_light(shaded, 24);
  ASSERT_EQ(even.size(), shaded.size());
  const cv::Mat paper = rendered.gray == 255, print = rendered.gray == 0;
  cv::Scalar mean, spread;
  cv::meanStdDev(even, mean, spread, paper);
  EXPECT_GT(mean[0], 240);
  EXPECT_LT(spread[0], 15);
  EXPECT_LT(cv::mean(even, print)[0], 80);
}

TEST(Light, PictureWithoutLightIsLeftAlone) {
  const cv::Mat black(50, 40, CV_8UC1, cv::Scalar(0));
  EXPECT_EQ(cv::countNonZero(even_light(black, 20)), 0);
  EXPECT_EQ(even_light(cv::Mat(1, 1, CV_8UC1, cv::Scalar(9)), 0).size(), cv::Size(1, 1));
}

TEST(Paper, CornersAreFoundOnADarkTable) {
  const cv::Mat sheet = render(many_lines(), 20).gray;
  const auto w = static_cast<float>(sheet.cols), h = static_cast<float>(sheet.rows);
  const Corners truth = {cv::Point2f(120, 90), cv::Point2f(120 + w * 0.9F, 140), cv::Point2f(90 + w, 100 + h),
                         cv::Point2f(70, 60 + h * 0.95F)};
  const cv::Point2f from[4] = {{0, 0}, {w, 0}, {w, h}, {0, h}};
  cv::Mat photo(sheet.rows + 240, sheet.cols + 260, CV_8UC1, cv::Scalar(60));
  cv::warpPerspective(sheet, photo, cv::getPerspectiveTransform(from, truth.data()), photo.size(), cv::INTER_LINEAR,
                      cv::BORDER_TRANSPARENT);
  const auto found = find_paper(photo, find_ink(photo));
  ASSERT_TRUE(found);
  // The outline is found on a picture of 400 pixels and widened by 1 %.
  for (std::size_t i = 0; i < 4; ++i) EXPECT_LT(mean_distance((*found)[i], truth[i]), 0.03 * photo.rows) << i;
}

TEST(Paper, SheetThatFillsThePictureIsNotCut) {
  const cv::Mat gray = render(many_lines(), 20).gray;
  EXPECT_FALSE(find_paper(gray, find_ink(gray)));
}

TEST(Paper, TextBesideTheSheetForbidsTheCut) {
  cv::Mat gray = render(many_lines(), 20).gray;
  gray(cv::Rect(gray.cols / 2, 0, gray.cols / 2, gray.rows)) -= cv::Scalar(90);
  EXPECT_FALSE(find_paper(gray, find_ink(gray)));
}

TEST(Straighten, TakesTheCornersToTheSheet) {
  const Corners corners = {cv::Point2f(12, 8), cv::Point2f(210, 20), cv::Point2f(230, 330), cv::Point2f(5, 310)};
  const cv::Size size = sheet_size(corners);
  std::vector<cv::Point2f> to;
  cv::perspectiveTransform(std::vector<cv::Point2f>(corners.begin(), corners.end()), to, straighten(corners, size));
  EXPECT_LT(mean_distance(to[0], {0, 0}), 0.01);
  EXPECT_LT(mean_distance(to[2], {static_cast<float>(size.width), static_cast<float>(size.height)}), 0.01);
}

// Whatever was cropped, turned and scaled: the ink of the prepared picture must lie where the page has it.
TEST(Prepare, ToPageIsTheInverseOfWhatWasDone) {
  for (const double degrees : {-3.0, 0.0, 2.0}) {
    for (const int height : {9, 26, 50}) {
      cv::Mat gray = turned(render(many_lines(), height).gray, degrees);
      const page::Page page = to_page(gray);
      const Prepared prepared = prepare(page);
      EXPECT_NEAR(prepared.text_height, kTextHeight, 0.2 * kTextHeight) << height;
      cv::Mat back;
      cv::warpPerspective(prepared.plain, back, prepared.to_page, gray.size(), cv::INTER_LINEAR, cv::BORDER_REPLICATE);
      cv::Mat blurred, difference;
      cv::GaussianBlur(gray, blurred, {}, height / 12.0);
      cv::GaussianBlur(back, back, {}, height / 12.0);
      cv::absdiff(back, blurred, difference);
      EXPECT_LT(cv::mean(difference)[0], 4) << degrees << " degrees, height " << height;
    }
  }
}

TEST(Prepare, OnlyWhatThePageNeeds) {
  const cv::Mat gray = render(many_lines(), 26).gray;
  EXPECT_THAT(prepare(to_page(gray)).notes, testing::IsEmpty());
  EXPECT_THAT(prepare(to_page(255 - gray)).notes, testing::ElementsAre("inverted"));
  EXPECT_THAT(prepare(to_page(turned(gray, 3))).notes, testing::ElementsAre("deskewed"));
  const cv::Mat faint = 230 + gray / 10;
  EXPECT_THAT(prepare(to_page(faint)).notes, testing::ElementsAre("low_contrast"));
}

TEST(Prepare, BoundsTheSizeOfWhatTesseractReads) {
  cv::RNG rng(3);
  cv::Mat large(5000, 4000, CV_8UC1);
  rng.fill(large, cv::RNG::UNIFORM, 0, 256);
  EXPECT_LE(prepare(to_page(large)).plain.total(), 6'100'000U);
}

}  // namespace
}  // namespace docket::ocr
