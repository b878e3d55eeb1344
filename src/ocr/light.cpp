#include "ocr/light.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "core/base/check.h"

namespace docket::ocr {
namespace {

constexpr int kDarkGround = 110;   // of 255: a median below this is a dark ground
constexpr int kTile = 32;          // pixels a side: holds a few letters and the ground between them
constexpr int kTextContrast = 25;  // of 255, within a tile that has text
constexpr int kStrongInk = 200;    // of 255: how dark even_contrast makes the darkest ink
constexpr int kFaintInk = 40;      // of 255: what is fainter is noise as far as contrast goes
constexpr int kReduce = 4;         // the background varies slowly, so it is found at a quarter of the size

int median(const cv::Mat& gray) {
  int histogram[256] = {};
  for (int y = 0; y < gray.rows; ++y)
    for (const std::uint8_t *p = gray.ptr(y), *end = p + gray.cols; p != end; ++p) ++histogram[*p];
  std::int64_t left = static_cast<std::int64_t>(gray.total()) / 2;
  int value = 0;
  while (value < 255 && (left -= histogram[value]) >= 0) ++value;
  return value;
}

cv::Mat shrink(const cv::Mat& gray, double factor) {
  cv::Mat small;
  const cv::Size size(std::max(1, static_cast<int>(gray.cols / factor)),
                      std::max(1, static_cast<int>(gray.rows / factor)));
  cv::resize(gray, small, size, 0, 0, cv::INTER_AREA);
  return small;
}

}  // namespace

bool light_on_dark(const cv::Mat& gray) {
  CHECK(gray.type() == CV_8UC1 && !gray.empty());
  if (median(gray) >= kDarkGround) return false;
  const cv::Mat small = shrink(gray, std::max(1.0, std::max(gray.cols, gray.rows) / 1200.0));
  double votes = 0;
  for (int y = 0; y < small.rows; y += kTile) {
    for (int x = 0; x < small.cols; x += kTile) {
      const cv::Mat tile = small(cv::Rect(x, y, std::min(kTile, small.cols - x), std::min(kTile, small.rows - y)));
      double darkest = 0, brightest = 0;
      cv::minMaxLoc(tile, &darkest, &brightest);
      if (brightest - darkest >= kTextContrast) votes += (darkest + brightest) / 2 - cv::mean(tile)[0];
    }
  }
  return votes > 0;
}

cv::Mat even_light(const cv::Mat& gray, double text_height) {
  CHECK(gray.type() == CV_8UC1 && !gray.empty());
  const int reach = std::clamp(static_cast<int>(std::lround(text_height * 1.5 / kReduce)), 2, 60) | 1;
  cv::Mat background = shrink(gray, kReduce);
  cv::morphologyEx(background, background, cv::MORPH_CLOSE, cv::getStructuringElement(cv::MORPH_RECT, {reach, reach}));
  cv::medianBlur(background, background, std::min(2 * reach + 1, 31));
  cv::resize(background, background, gray.size(), 0, 0, cv::INTER_LINEAR);
  background.setTo(1, background == 0);
  cv::Mat even;
  cv::divide(gray, background, even, 255);
  return even;
}

cv::Mat even_contrast(const cv::Mat& even, double text_height) {
  CHECK(even.type() == CV_8UC1 && !even.empty());
  const int reach = std::clamp(static_cast<int>(std::lround(text_height * 3 / kReduce)), 3, 60) | 1;
  cv::Mat ink = shrink(even, kReduce);
  cv::erode(ink, ink, cv::getStructuringElement(cv::MORPH_RECT, {3 * reach, reach}));  // lines are wider than high
  cv::blur(ink, ink, {2 * reach + 1, 2 * reach + 1});
  cv::resize(ink, ink, even.size(), 0, 0, cv::INTER_LINEAR);
  cv::Mat darkness = 255 - even, darkest = 255 - ink, stretched;
  cv::max(darkest, kFaintInk, darkest);
  cv::divide(darkness, darkest, stretched, kStrongInk);
  return 255 - stretched;
}

}  // namespace docket::ocr
