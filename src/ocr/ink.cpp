#include "ocr/ink.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "core/base/check.h"

namespace docket::ocr {
namespace {

constexpr std::size_t kMostMarks = 20000;
constexpr std::size_t kFewestMarks = 8;
// How much darker than its surroundings ink is, of 255. Faded thermal print keeps about 20; JPEG noise stays below 10.
constexpr double kInkContrast = 15;

bool letter_like(const cv::Rect& box, int area, const cv::Size& page) {
  if (box.height < 5 || box.height > std::max(24, page.height / 8)) return false;
  if (box.width > box.height * 1.6 || box.width * 7 < box.height) return false;
  const double fill = static_cast<double>(area) / box.area();
  return fill > 0.15 && fill < 0.97;
}

}  // namespace

std::vector<cv::Rect> find_ink(const cv::Mat& gray) {
  CHECK(gray.type() == CV_8UC1 && !gray.empty());
  std::vector<cv::Rect> ink;
  if (gray.rows < 8 || gray.cols < 8) return ink;
  // The window must be wider than a stroke and not much wider than a letter.
  const int window = std::max(15, (std::max(gray.cols, gray.rows) / 40) | 1);
  cv::Mat dark, labels, stats, centers;
  cv::adaptiveThreshold(gray, dark, 255, cv::ADAPTIVE_THRESH_MEAN_C, cv::THRESH_BINARY_INV, window, kInkContrast);
  const int count = cv::connectedComponentsWithStats(dark, labels, stats, centers, 8);
  for (int i = 1; i < count && ink.size() < kMostMarks; ++i) {
    const int* s = stats.ptr<int>(i);
    const cv::Rect box(s[cv::CC_STAT_LEFT], s[cv::CC_STAT_TOP], s[cv::CC_STAT_WIDTH], s[cv::CC_STAT_HEIGHT]);
    if (letter_like(box, s[cv::CC_STAT_AREA], gray.size())) ink.push_back(box);
  }
  return ink;
}

double text_height(const std::vector<cv::Rect>& ink) {
  if (ink.size() < kFewestMarks) return 0;
  std::vector<int> heights;
  heights.reserve(ink.size());
  for (const cv::Rect& box : ink) heights.push_back(box.height);
  const auto middle = heights.begin() + static_cast<std::ptrdiff_t>(heights.size() / 2);
  std::nth_element(heights.begin(), middle, heights.end());
  return *middle;
}

}  // namespace docket::ocr
