#include "ocr/prepare.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

#include "ocr/ink.h"
#include "ocr/light.h"
#include "ocr/paper.h"
#include "ocr/skew.h"

namespace docket::ocr {
namespace {

constexpr double kMostPixels = 6e6;  // of the prepared picture: bounds Tesseract's time and memory
constexpr double kMostEnlarged = 4;  // beyond this there is nothing left to see
constexpr double kMostReduced = 0.1;
constexpr double kLeastSkew = 0.3;   // degrees; Tesseract copes with less
constexpr int kLeastContrast = 40;   // of 255, between the 2nd and 98th percentile
constexpr double kSameScale = 0.12;  // a change below this is not worth the blur
// Ink is measured on a picture of at most this many pixels a side, or noise of large photographs counts as letters.
constexpr double kMeasureSize = 2400;

cv::Matx33d scaling(double factor) { return {factor, 0, 0, 0, factor, 0, 0, 0, 1}; }

// Turns a picture of `size` by -degrees about its middle and moves it so that nothing is cut off; `size` becomes the
// new size.
cv::Matx33d levelling(double degrees, cv::Size2d& size) {
  const double radians = -degrees * std::numbers::pi / 180;
  const double c = std::cos(radians), s = std::sin(radians);
  const cv::Size2d turned(std::abs(c) * size.width + std::abs(s) * size.height,
                          std::abs(s) * size.width + std::abs(c) * size.height);
  const cv::Matx33d matrix(c, -s, turned.width / 2 - c * size.width / 2 + s * size.height / 2,  //
                           s, c, turned.height / 2 - s * size.width / 2 - c * size.height / 2,  //
                           0, 0, 1);
  size = turned;
  return matrix;
}

int contrast(const cv::Mat& gray) {
  int histogram[256] = {};
  for (int y = 0; y < gray.rows; ++y)
    for (const std::uint8_t *p = gray.ptr(y), *end = p + gray.cols; p != end; ++p) ++histogram[*p];
  const auto at = [&](double share) {
    double left = share * static_cast<double>(gray.total());
    int value = 0;
    while (value < 255 && (left -= histogram[value]) > 0) ++value;
    return value;
  };
  return at(0.98) - at(0.02);
}

double scale_for(double height, double wanted, const cv::Size2d& size) {
  double factor = height > 0 ? std::clamp(wanted / height, kMostReduced, kMostEnlarged) : 1;
  factor = std::min(factor, std::sqrt(kMostPixels / std::max(1.0, size.area())));
  return std::abs(factor - 1) < kSameScale && size.area() <= kMostPixels ? 1 : factor;
}

std::vector<cv::Rect> move(const std::vector<cv::Rect>& ink, const cv::Matx33d& matrix) {
  std::vector<cv::Rect> moved;
  moved.reserve(ink.size());
  for (const cv::Rect& box : ink) {
    const std::vector<cv::Point2f> corners = {cv::Point2f(box.tl()), cv::Point2f(box.br())};
    std::vector<cv::Point2f> to;
    cv::perspectiveTransform(corners, to, matrix);
    moved.emplace_back(cv::Point(to[0]), cv::Point(to[1]));
  }
  return moved;
}

bool is_identity(const cv::Matx33d& matrix) { return cv::norm(matrix - cv::Matx33d::eye(), cv::NORM_INF) < 1e-9; }

cv::Mat resample(const cv::Mat& gray, const cv::Matx33d& matrix, double scale, const cv::Size& size) {
  if (is_identity(matrix)) return gray;
  // Sampling a picture at less than half its size would skip pixels: blur what lies between first.
  cv::Mat from = gray;
  if (scale < 0.7) cv::GaussianBlur(gray, from, {}, 0.4 / scale);
  cv::Mat to;
  cv::warpPerspective(from, to, matrix, size, cv::INTER_CUBIC, cv::BORDER_REPLICATE);
  return to;
}

}  // namespace

cv::Mat to_gray(const page::Page& page) {
  const cv::Mat rgb(page.height, page.width, CV_8UC3, const_cast<std::uint8_t*>(page.rgb.data()));  // only read
  cv::Mat gray;
  cv::cvtColor(rgb, gray, cv::COLOR_RGB2GRAY);
  return gray;
}

Prepared prepare(const page::Page& page, double text_height_wanted) {
  Prepared prepared;
  cv::Mat gray = to_gray(page);
  if (light_on_dark(gray)) {
    cv::bitwise_not(gray, gray);
    prepared.notes.emplace_back("inverted");
  }
  if (contrast(gray) < kLeastContrast) prepared.notes.emplace_back("low_contrast");

  const double reduce = std::max(1.0, std::max(gray.cols, gray.rows) / kMeasureSize);
  cv::Mat measured = gray;
  if (reduce > 1) cv::resize(gray, measured, {}, 1 / reduce, 1 / reduce, cv::INTER_AREA);
  std::vector<cv::Rect> ink = find_ink(measured);

  cv::Matx33d matrix = scaling(1 / reduce);
  cv::Size2d size(measured.size());
  if (const auto paper = find_paper(measured, ink)) {
    const cv::Size sheet = sheet_size(*paper);
    const cv::Matx33d to_sheet = straighten(*paper, sheet);
    matrix = to_sheet * matrix;
    ink = move(ink, to_sheet);
    size = sheet;
    prepared.notes.emplace_back("cropped_to_paper");
  }
  const double skew = skew_degrees(ink);
  if (std::abs(skew) >= kLeastSkew) {
    matrix = levelling(skew, size) * matrix;
    prepared.notes.emplace_back("deskewed");
  }
  const double height = text_height(ink);
  // The scale is told from the page's own pixels: an untouched page then stays untouched.
  double scale = scale_for(height * reduce, text_height_wanted, size * reduce);
  matrix = scaling(scale * reduce) * matrix;
  size = size * (scale * reduce);
  const cv::Size whole(std::max(1, static_cast<int>(std::lround(size.width))),
                       std::max(1, static_cast<int>(std::lround(size.height))));

  prepared.plain = resample(gray, matrix, scale, whole);
  prepared.text_height = height * reduce * scale;
  prepared.even = even_light(prepared.plain, prepared.text_height > 0 ? prepared.text_height : text_height_wanted);
  prepared.to_page = matrix.inv();
  return prepared;
}

page::Box to_page_box(const cv::Matx33d& to_page, const page::Box& box, const page::Page& page) {
  const std::vector<cv::Point2f> corners = {{box.x0, box.y0}, {box.x1, box.y0}, {box.x1, box.y1}, {box.x0, box.y1}};
  std::vector<cv::Point2f> to;
  cv::perspectiveTransform(corners, to, to_page);
  const auto [left, right] = std::minmax({to[0].x, to[1].x, to[2].x, to[3].x});
  const auto [top, bottom] = std::minmax({to[0].y, to[1].y, to[2].y, to[3].y});
  const auto width = static_cast<float>(page.width), height = static_cast<float>(page.height);
  return {std::clamp(left, 0.0F, width), std::clamp(top, 0.0F, height), std::clamp(right, 0.0F, width),
          std::clamp(bottom, 0.0F, height)};
}

}  // namespace docket::ocr
