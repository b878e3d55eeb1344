#include "page/text_marks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <opencv2/imgproc.hpp>

namespace docket::page {
namespace {

constexpr int kSmallestSide = 3;   // pixels; dots and specks are smaller
constexpr int kLargestSide = 120;  // pixels; logos and shadows are larger
constexpr std::size_t kMostMarks = 6000;
constexpr int kWindow = 31;        // of the local mean, pixels
constexpr double kContrast = 14;   // darker than the local mean by this, of 255
constexpr double kPaper = 0.6;     // of the picture's bright level, at least, on average around a mark
constexpr double kFarthest = 3.0;  // a neighbour's gap, in mark heights
constexpr double kOverlap = 0.45;  // of the smaller of two neighbours, across the direction of the line

double median(std::vector<int> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

int longer_side(const cv::Rect& mark) { return std::max(mark.width, mark.height); }

// Gap from `a` to `b` where b follows a along one axis, or infinity when b does not. Lengths along and across that
// axis.
double gap_along(int a_begin, int a_length, int a_across, int a_breadth, int b_begin, int b_length, int b_across,
                 int b_breadth) {
  const double never = std::numeric_limits<double>::infinity();
  if (2 * b_begin + b_length <= 2 * a_begin + a_length) return never;
  const int shared = std::min(a_across + a_breadth, b_across + b_breadth) - std::max(a_across, b_across);
  if (shared < kOverlap * std::min(a_breadth, b_breadth)) return never;
  return std::max(0, b_begin - (a_begin + a_length));
}

double gap_right(const cv::Rect& a, const cv::Rect& b) {
  return gap_along(a.x, a.width, a.y, a.height, b.x, b.width, b.y, b.height);
}

double gap_below(const cv::Rect& a, const cv::Rect& b) {
  return gap_along(a.y, a.height, a.x, a.width, b.y, b.height, b.x, b.width);
}

// The marks in order of their left edge, so that neighbours are found in a short stretch of them.
std::vector<cv::Rect> left_to_right(std::vector<cv::Rect> marks) {
  std::sort(marks.begin(), marks.end(), [](const cv::Rect& a, const cv::Rect& b) { return a.x < b.x; });
  return marks;
}

void fit(MarkLine& line) {
  double sx = 0, sy = 0, sxx = 0, sxy = 0;
  std::vector<int> heights;
  const auto n = static_cast<double>(line.marks.size());
  for (const cv::Rect& mark : line.marks) {
    const double x = mark.x + mark.width / 2.0;
    const double y = mark.y + mark.height / 2.0;
    sx += x;
    sy += y;
    sxx += x * x;
    sxy += x * y;
    heights.push_back(mark.height);
  }
  const double spread = sxx - sx * sx / n;
  line.slope = spread > 0 ? (sxy - sx * sy / n) / spread : 0;
  line.middle = {sx / n, sy / n};
  line.mark_height = median(heights);
  line.length = line.marks.back().br().x - line.marks.front().x;
}

// The 95th percentile of an 8-bit picture.
int bright_level(const cv::Mat& gray) {
  std::array<int, 256> counts{};
  for (int y = 0; y < gray.rows; y += 2) {
    const std::uint8_t* row = gray.ptr<std::uint8_t>(y);
    for (int x = 0; x < gray.cols; x += 2) ++counts[row[x]];
  }
  int left = std::accumulate(counts.begin(), counts.end(), 0) / 20;
  int level = 255;
  while (level > 0 && left > counts[static_cast<std::size_t>(level)]) left -= counts[static_cast<std::size_t>(level--)];
  return level;
}

}  // namespace

std::vector<cv::Rect> find_marks(const cv::Mat& gray) {
  cv::Mat smooth, mean, ink;
  cv::GaussianBlur(gray, smooth, {3, 3}, 0);
  cv::blur(smooth, mean, {kWindow, kWindow});
  cv::subtract(mean, smooth, ink);  // saturates: lighter than the mean is 0
  cv::threshold(ink, ink, kContrast, 255, cv::THRESH_BINARY);
  ink.setTo(0, mean < kPaper * bright_level(mean));  // what lies on a dark ground is not print on paper
  cv::Mat labels, stats, centroids;
  const int count = cv::connectedComponentsWithStats(ink, labels, stats, centroids, 8, CV_32S);
  std::vector<cv::Rect> marks;
  std::vector<int> sides;
  for (int i = 1; i < count; ++i) {
    const cv::Rect mark(stats.at<int>(i, cv::CC_STAT_LEFT), stats.at<int>(i, cv::CC_STAT_TOP),
                        stats.at<int>(i, cv::CC_STAT_WIDTH), stats.at<int>(i, cv::CC_STAT_HEIGHT));
    const int longer = longer_side(mark);
    const int shorter = std::min(mark.width, mark.height);
    if (longer < 2 * kSmallestSide || longer > kLargestSide || shorter < 1 || longer > 8 * shorter) continue;
    if (stats.at<int>(i, cv::CC_STAT_AREA) * 8 < mark.area()) continue;  // frames and scratches
    marks.push_back(mark);
    sides.push_back(longer);
  }
  const double usual = median(sides);
  std::erase_if(
      marks, [usual](const cv::Rect& mark) { return longer_side(mark) > 3 * usual || longer_side(mark) * 3 < usual; });
  if (marks.size() > kMostMarks) marks.resize(kMostMarks);
  return marks;
}

NeighbourVotes vote_on_direction(const std::vector<cv::Rect>& marks) {
  const std::vector<cv::Rect> sorted = left_to_right(marks);
  NeighbourVotes votes;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const cv::Rect& a = sorted[i];
    const double reach = kFarthest * longer_side(a);
    double right = reach, below = reach;
    for (std::size_t j = i + 1; j < sorted.size() && sorted[j].x <= a.br().x + reach; ++j) {
      right = std::min(right, gap_right(a, sorted[j]));
      below = std::min(below, gap_below(a, sorted[j]));
    }
    // What lies below may begin further left.
    for (std::size_t j = i; j-- > 0 && sorted[j].x + kLargestSide >= a.x;)
      below = std::min(below, gap_below(a, sorted[j]));
    if (right < 0.8 * below) ++votes.across;
    if (below < 0.8 * right) ++votes.down;
  }
  return votes;
}

std::vector<MarkLine> find_lines(const std::vector<cv::Rect>& marks, int fewest) {
  const std::vector<cv::Rect> sorted = left_to_right(marks);
  std::vector<std::size_t> next(sorted.size(), sorted.size());
  std::vector<bool> follows(sorted.size(), false);
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const cv::Rect& a = sorted[i];
    double best = kFarthest * longer_side(a);
    const double reach = a.br().x + best;
    for (std::size_t j = i + 1; j < sorted.size() && sorted[j].x <= reach; ++j) {
      const double gap = gap_right(a, sorted[j]);
      if (gap >= best || follows[j]) continue;
      best = gap;
      next[i] = j;
    }
    if (next[i] < sorted.size()) follows[next[i]] = true;
  }
  std::vector<MarkLine> lines;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (follows[i]) continue;
    MarkLine line;
    for (std::size_t j = i; j < sorted.size(); j = next[j]) line.marks.push_back(sorted[j]);
    if (static_cast<int>(line.marks.size()) < fewest) continue;
    fit(line);
    lines.push_back(std::move(line));
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const MarkLine& a, const MarkLine& b) { return a.marks.size() > b.marks.size(); });
  return lines;
}

}  // namespace docket::page
