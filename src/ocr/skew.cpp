#include "ocr/skew.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "ocr/ink.h"

namespace docket::ocr {
namespace {

constexpr std::size_t kFewestMarks = 20;
constexpr std::size_t kMostMarks = 3000;  // enough to see the lines; more only costs time

// Sum of squares of the rows' counts: the more the lower edges share rows, the larger.
class Profile {
 public:
  Profile(const std::vector<cv::Rect>& ink, double row_height) : row_height_(row_height) {
    const std::size_t step = std::max<std::size_t>(1, ink.size() / kMostMarks);
    for (std::size_t i = 0; i < ink.size(); i += step)
      feet_.emplace_back(ink[i].x + ink[i].width / 2.0, ink[i].y + ink[i].height);
  }

  double sharpness(double degrees) {
    const double slope = std::tan(degrees * std::numbers::pi / 180);
    rows_.clear();
    for (const auto& foot : feet_)
      rows_.push_back(static_cast<int>(std::floor((foot.y - slope * foot.x) / row_height_)));
    std::sort(rows_.begin(), rows_.end());
    double sum = 0;
    for (std::size_t first = 0, i = 0; i <= rows_.size(); ++i) {
      if (i < rows_.size() && rows_[i] == rows_[first]) continue;
      const auto run = static_cast<double>(i - first);
      sum += run * run;
      first = i;
    }
    return sum;
  }

 private:
  double row_height_;
  std::vector<cv::Point2d> feet_;
  std::vector<int> rows_;
};

double sharpest(Profile& profile, double from, double to, double step) {
  double best = (from + to) / 2, best_sharpness = profile.sharpness(best);
  const int steps = static_cast<int>(std::lround((to - from) / step));
  for (int i = 0; i <= steps; ++i) {
    const double degrees = from + i * step;
    const double sharpness = profile.sharpness(degrees);
    if (sharpness <= best_sharpness) continue;
    best = degrees;
    best_sharpness = sharpness;
  }
  return best;
}

}  // namespace

double skew_degrees(const std::vector<cv::Rect>& ink) {
  if (ink.size() < kFewestMarks) return 0;
  const double height = text_height(ink);
  Profile coarse(ink, std::max(2.0, height / 3));
  const double about = sharpest(coarse, -kMostSkewDegrees, kMostSkewDegrees, 0.5);
  Profile fine(ink, std::max(1.5, height / 6));
  const double degrees = sharpest(fine, about - 0.75, about + 0.75, 0.1);
  // A true lean gathers the letters; noise gathers nothing, whatever the angle.
  return fine.sharpness(degrees) > 1.05 * fine.sharpness(0) ? degrees : 0;
}

}  // namespace docket::ocr
