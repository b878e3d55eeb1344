#include "page/upright.h"

#include <gtest/gtest.h>

#include "page/orientation.h"
#include "tests/page/pictures.h"

namespace docket::page {
namespace {

// The Transform maps each corner of the page to a corner of the source, and back to where the pixel came from.
TEST(Turn, CarriesPixelsWordsAndTheWayBack) {
  Page page;
  page.width = page.source_width = 3;
  page.height = page.source_height = 2;
  for (std::uint8_t i = 0; i < 6; ++i) page.rgb.insert(page.rgb.end(), {i, i, i});
  page.text_layer = {{"x", {2, 0, 3, 1}}};  // the pixel of value 2
  for (const int degrees : {0, 90, 180, 270}) {
    SCOPED_TRACE(degrees);
    const Page turned = turn(page, degrees);
    const bool sideways = degrees % 180 != 0;
    ASSERT_EQ(turned.width, sideways ? 2 : 3);
    ASSERT_EQ(turned.height, sideways ? 3 : 2);
    EXPECT_EQ(turned.turned_degrees, degrees);
    for (int y = 0; y < turned.height; ++y) {
      for (int x = 0; x < turned.width; ++x) {
        const auto fx = static_cast<float>(x), fy = static_cast<float>(y);
        const Box source = apply(turned.to_source, {fx, fy, fx + 1, fy + 1});
        EXPECT_EQ(source.width(), 1);
        EXPECT_EQ(source.height(), 1);
        EXPECT_EQ(page.row(static_cast<int>(source.y0))[static_cast<int>(source.x0) * 3], turned.row(y)[x * 3]);
      }
    }
    const Box whole = apply(turned.to_source, {0, 0, float(turned.width), float(turned.height)});
    EXPECT_EQ(whole.x0, 0);
    EXPECT_EQ(whole.y0, 0);
    EXPECT_EQ(whole.x1, 3);
    EXPECT_EQ(whole.y1, 2);
    const Box word = turned.text_layer[0].box;
    EXPECT_EQ(turned.row(static_cast<int>(word.y0))[static_cast<int>(word.x0) * 3], 2);
  }
}

TEST(Turn, FourQuartersAreAWholeTurn) {
  const Page page = page_of(receipt_picture());
  Page turned = page;
  for (int i = 0; i < 4; ++i) turned = turn(std::move(turned), 90);
  EXPECT_EQ(turned.rgb, page.rgb);
  EXPECT_EQ(turned.turned_degrees, 0);
  EXPECT_EQ(turned.to_source, kIdentity);
}

TEST(Crop, MapsBackToItsPlaceAlsoAfterATurn) {
  Page page = turn(page_of(receipt_picture()), 90);
  page.text_layer = {{"in", {110, 60, 130, 70}}, {"out", {0, 0, 10, 10}}};
  const Page part = crop(page, {100.4F, 50.2F, 199.6F, 149.8F});
  ASSERT_EQ(part.width, 100);
  ASSERT_EQ(part.height, 100);
  const Page original = page_of(receipt_picture());
  for (const int at : {0, 37, 99}) {
    const auto edge = static_cast<float>(at);
    const Box source = apply(part.to_source, {edge, edge, edge + 1, edge + 1});
    EXPECT_EQ(original.row(static_cast<int>(source.y0))[static_cast<int>(source.x0) * 3], part.row(at)[at * 3]);
  }
  ASSERT_EQ(part.text_layer.size(), 1U);
  EXPECT_EQ(part.text_layer[0].text, "in");
  EXPECT_EQ(part.text_layer[0].box.x0, 10);
  EXPECT_EQ(part.text_layer[0].box.y0, 10);
}

TEST(Upright, TurnsAReceiptBackFromEveryWayRound) {
  const Page page = page_of(receipt_picture());
  for (const int degrees : {0, 90, 180, 270}) {
    SCOPED_TRACE(degrees);
    const auto found = upright(turn(page, degrees));
    ASSERT_TRUE(found.has_value()) << found.error().text();
    EXPECT_EQ(found->rgb, page.rgb);
    EXPECT_EQ(found->turned_degrees, 0);
  }
}

TEST(Upright, LeavesTiltedPagesAsTheyLie) {
  const cv::Mat picture = receipt_picture();
  for (const double tilt : {-15.0, -8.0, 8.0, 15.0}) {
    cv::Mat tilted;
    cv::warpAffine(picture, tilted, cv::getRotationMatrix2D({200, 260}, tilt, 0.8), picture.size(), cv::INTER_AREA,
                   cv::BORDER_CONSTANT, cv::Scalar(60, 50, 40));
    const auto found = find_upright(page_of(tilted));
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->degrees, 0) << tilt;
  }
}

TEST(Upright, LeavesPagesWithoutPrintAsTheyLie) {
  const cv::Mat blank(500, 300, CV_8UC3, cv::Scalar::all(255));
  const cv::Mat dot(1, 1, CV_8UC3, cv::Scalar::all(7));
  const cv::Mat thread(1, 20000, CV_8UC3, cv::Scalar::all(200));
  for (const cv::Mat& picture : {blank, ground(300, 500, cv::Scalar(120, 100, 80), 20), dot, thread}) {
    const auto found = find_upright(page_of(picture));
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->degrees, 0);
  }
}

TEST(Upright, TrustsATextLayer) {
  Page page = turn(page_of(receipt_picture()), 180);
  page.text_layer = {{"word", {10, 10, 40, 20}}};
  const auto found = upright(page);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->turned_degrees, 180);
  EXPECT_EQ(found->rgb, page.rgb);
}

}  // namespace
}  // namespace docket::page
