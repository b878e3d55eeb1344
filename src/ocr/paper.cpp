#include "ocr/paper.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "core/base/check.h"

namespace docket::ocr {
namespace {

constexpr double kWorkingSize = 400;      // pixels of the longer side: an outline needs no more
constexpr double kSmallestShare = 0.12;   // of the picture; less is some other thing
constexpr double kLargestShare = 0.95;    // more has nothing to cut off
constexpr double kSolid = 0.90;           // share of the four-cornered outline that the sheet fills
constexpr double kMostInkLost = 0.02;     // share of letters that may lie outside
constexpr double kMarginShare = 0.01;     // the outline is widened by this, for letters on the edge
constexpr double kFewestForInkTest = 20;  // letters

Corners clockwise(const std::vector<cv::Point>& points, double scale) {
  Corners corners;
  const auto sum = [](const cv::Point& p) { return p.x + p.y; };
  const auto difference = [](const cv::Point& p) { return p.y - p.x; };
  const auto pick = [&](auto&& key, bool largest) {
    const auto less = [&](const cv::Point& a, const cv::Point& b) { return key(a) < key(b); };
    const auto it = largest ? std::max_element(points.begin(), points.end(), less)
                            : std::min_element(points.begin(), points.end(), less);
    return cv::Point2f(static_cast<float>(it->x * scale), static_cast<float>(it->y * scale));
  };
  corners[0] = pick(sum, false);
  corners[1] = pick(difference, false);
  corners[2] = pick(sum, true);
  corners[3] = pick(difference, true);
  return corners;
}

// The largest bright thing, holes of print filled.
std::vector<cv::Point> bright_outline(const cv::Mat& small) {
  cv::Mat bright;
  cv::GaussianBlur(small, bright, {5, 5}, 0);
  cv::threshold(bright, bright, 0, 255, cv::THRESH_BINARY | cv::THRESH_OTSU);
  cv::morphologyEx(bright, bright, cv::MORPH_CLOSE, cv::getStructuringElement(cv::MORPH_RECT, {9, 9}));
  cv::morphologyEx(bright, bright, cv::MORPH_OPEN, cv::getStructuringElement(cv::MORPH_RECT, {9, 9}));
  std::vector<std::vector<cv::Point>> outlines;
  cv::findContours(bright, outlines, cv::RETR_EXTERNAL, cv::CHAIN_APPROX_SIMPLE);
  const auto largest = std::max_element(outlines.begin(), outlines.end(), [](const auto& a, const auto& b) {
    return cv::contourArea(a) < cv::contourArea(b);
  });
  return largest == outlines.end() ? std::vector<cv::Point>() : *largest;
}

void widen(Corners& corners) {
  cv::Point2f middle(0, 0);
  for (const auto& corner : corners) middle += corner * 0.25F;
  for (auto& corner : corners) corner += (corner - middle) * static_cast<float>(2 * kMarginShare);
}

bool keeps_the_ink(const Corners& corners, const std::vector<cv::Rect>& ink) {
  if (static_cast<double>(ink.size()) < kFewestForInkTest) return false;
  const std::vector<cv::Point2f> outline(corners.begin(), corners.end());
  const auto outside = std::count_if(ink.begin(), ink.end(), [&](const cv::Rect& box) {
    const cv::Point2f middle(static_cast<float>(box.x) + static_cast<float>(box.width) / 2,
                             static_cast<float>(box.y) + static_cast<float>(box.height) / 2);
    return cv::pointPolygonTest(outline, middle, false) < 0;
  });
  return static_cast<double>(outside) <= kMostInkLost * static_cast<double>(ink.size());
}

}  // namespace

std::optional<Corners> find_paper(const cv::Mat& gray, const std::vector<cv::Rect>& ink) {
  CHECK(gray.type() == CV_8UC1 && !gray.empty());
  const double scale = std::max(1.0, std::max(gray.cols, gray.rows) / kWorkingSize);
  if (std::min(gray.cols, gray.rows) / scale < 40) return std::nullopt;
  cv::Mat small;
  cv::resize(gray, small, {}, 1 / scale, 1 / scale, cv::INTER_AREA);

  const std::vector<cv::Point> outline = bright_outline(small);
  if (outline.size() < 4) return std::nullopt;
  std::vector<cv::Point> hull, four;
  cv::convexHull(outline, hull);
  cv::approxPolyDP(hull, four, 0.03 * cv::arcLength(hull, true), true);
  if (four.size() != 4) return std::nullopt;
  const double area = cv::contourArea(four);
  const double share = area / static_cast<double>(small.total());
  if (share < kSmallestShare || share > kLargestShare || cv::contourArea(outline) < kSolid * area) return std::nullopt;

  Corners corners = clockwise(four, scale);
  widen(corners);
  const std::vector<cv::Point2f> polygon(corners.begin(), corners.end());
  if (!cv::isContourConvex(polygon) || !keeps_the_ink(corners, ink)) return std::nullopt;
  return corners;
}

cv::Size sheet_size(const Corners& c) {
  const auto longer = [](const cv::Point2f& a, const cv::Point2f& b) { return std::max(cv::norm(a), cv::norm(b)); };
  return {std::max(1, static_cast<int>(std::lround(longer(c[1] - c[0], c[2] - c[3])))),
          std::max(1, static_cast<int>(std::lround(longer(c[3] - c[0], c[2] - c[1]))))};
}

cv::Matx33d straighten(const Corners& corners, const cv::Size& size) {
  const auto w = static_cast<float>(size.width), h = static_cast<float>(size.height);
  const cv::Point2f to[4] = {{0, 0}, {w, 0}, {w, h}, {0, h}};
  return cv::getPerspectiveTransform(corners.data(), to);
}

}  // namespace docket::ocr
