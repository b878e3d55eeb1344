#include "page/split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "page/orientation.h"
#include "tests/page/pictures.h"

namespace docket::page {
namespace {

const cv::Rect kLeft(90, 120, 400, 520), kRight(640, 200, 400, 520);

cv::Mat two_receipts(const cv::Scalar& table, double noise) {
  cv::Mat picture = ground(1150, 840, table, noise);
  receipt_picture().copyTo(picture(kLeft));
  receipt_picture().copyTo(picture(kRight));
  return picture;
}

void expect_around(const Box& box, const cv::Rect& paper) {
  EXPECT_NEAR(box.x0, paper.x, 30);
  EXPECT_NEAR(box.y0, paper.y, 30);
  EXPECT_NEAR(box.x1, paper.br().x, 30);
  EXPECT_NEAR(box.y1, paper.br().y, 30);
}

TEST(Split, FindsTwoReceiptsOnDarkAndOnLightGround) {
  for (const cv::Scalar& table : {cv::Scalar(70, 60, 50), cv::Scalar(205, 196, 178), cv::Scalar(60, 110, 70)}) {
    const std::vector<Box> boxes = find_receipts(page_of(two_receipts(table, 3)));
    ASSERT_EQ(boxes.size(), 2U) << table;
    expect_around(boxes[0], kLeft);
    expect_around(boxes[1], kRight);
  }
}

TEST(Split, FindsTheSameReceiptsWhicheverWayThePhotoLies) {
  const Page page = page_of(two_receipts(cv::Scalar(205, 196, 178), 3));
  for (const int degrees : {90, 180, 270}) {
    const Page turned = turn(page, degrees);
    const std::vector<Box> boxes = find_receipts(turned);
    ASSERT_EQ(boxes.size(), 2U) << degrees;
    std::vector<Box> sources;
    for (const Box& box : boxes) sources.push_back(apply(turned.to_source, box));
    if (sources[0].x0 > sources[1].x0) std::swap(sources[0], sources[1]);
    expect_around(sources[0], kLeft);
    expect_around(sources[1], kRight);
  }
}

TEST(Split, CutsThePixelsAndKeepsTheWayBack) {
  const Page page = page_of(two_receipts(cv::Scalar(70, 60, 50), 3));
  const std::vector<Page> receipts = split(page);
  ASSERT_EQ(receipts.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    const Page& receipt = receipts[i];
    EXPECT_EQ(receipt.receipt, static_cast<int>(i));
    EXPECT_EQ(receipt.source_width, page.width);
    EXPECT_THAT(receipt.notes, ::testing::Contains("split_receipt"));
    const Box at = apply(receipt.to_source, {5, 7, 6, 8});
    EXPECT_EQ(receipt.row(7)[5 * 3], page.row(static_cast<int>(at.y0))[static_cast<int>(at.x0) * 3]);
  }
}

TEST(Split, LeavesOneReceiptWhole) {
  const cv::Mat receipt = receipt_picture();
  EXPECT_TRUE(find_receipts(page_of(receipt)).empty());
  cv::Mat on_table = ground(1150, 840, cv::Scalar(205, 196, 178), 3);
  receipt.copyTo(on_table(kLeft));
  EXPECT_TRUE(find_receipts(page_of(on_table)).empty());
  const std::vector<Page> pages = split(page_of(on_table));
  ASSERT_EQ(pages.size(), 1U);
  EXPECT_EQ(pages[0].width, 1150);
  EXPECT_TRUE(pages[0].notes.empty());
}

TEST(Split, AFoldDoesNotPartAReceipt) {
  cv::Mat picture = two_receipts(cv::Scalar(70, 60, 50), 3);
  for (const cv::Rect& paper : {kLeft, kRight}) {  // a shadow of the table's colour across the middle
    cv::rectangle(picture, {paper.x, paper.y + 226, paper.width, 28}, cv::Scalar(66, 56, 46), -1);
  }
  const std::vector<Box> boxes = find_receipts(page_of(picture));
  ASSERT_EQ(boxes.size(), 2U);
  expect_around(boxes[0], kLeft);
  expect_around(boxes[1], kRight);
}

TEST(Split, ABlankSheetBesideAReceiptIsNotOne) {
  cv::Mat picture = two_receipts(cv::Scalar(70, 60, 50), 3);
  cv::rectangle(picture, kRight, cv::Scalar(238, 238, 240), -1);
  EXPECT_TRUE(find_receipts(page_of(picture)).empty());
}

TEST(Split, NothingToFindIsNoTrouble) {
  EXPECT_TRUE(find_receipts(page_of(cv::Mat(1, 1, CV_8UC3, cv::Scalar::all(9)))).empty());
  EXPECT_TRUE(find_receipts(page_of(cv::Mat(1, 20000, CV_8UC3, cv::Scalar::all(255)))).empty());
  EXPECT_TRUE(find_receipts(page_of(ground(800, 600, cv::Scalar(120, 100, 80), 25))).empty());
}

}  // namespace
}  // namespace docket::page
