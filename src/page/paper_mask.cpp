#include "page/paper_mask.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace docket::page {
namespace {

constexpr double kFarFromPrint = 0.04;    // of the longer side
constexpr double kLeastFar = 0.05;        // of the picture must be far from print
constexpr double kLeastSeparation = 1.8;  // between the two colours, in standard deviations

using Colour = cv::Vec3f;

// CIE Lab with the print rubbed out: what is left is the colour of the paper and of what it lies on.
cv::Mat ground_colour(const cv::Mat& rgb) {
  cv::Mat blank, lab;
  cv::morphologyEx(rgb, blank, cv::MORPH_CLOSE, cv::getStructuringElement(cv::MORPH_RECT, {9, 9}));
  cv::medianBlur(blank, blank, 7);
  blank.convertTo(blank, CV_32FC3, 1.0 / 255);
  cv::cvtColor(blank, lab, cv::COLOR_RGB2Lab);
  return lab;
}

struct Samples {
  cv::Vec3d mean;
  cv::Matx33d covariance;
  double count = 0;
};

Samples sample(const cv::Mat& lab, const cv::Mat& mask) {
  Samples out;
  cv::Vec3d sum;
  cv::Matx33d squares = cv::Matx33d::zeros();
  for (int y = 0; y < lab.rows; ++y) {
    const auto* colours = lab.ptr<Colour>(y);
    const auto* taken = mask.ptr<std::uint8_t>(y);
    for (int x = 0; x < lab.cols; ++x) {
      if (taken[x] == 0) continue;
      const cv::Vec3d colour = colours[x];
      sum += colour;
      squares += colour * colour.t();
      ++out.count;
    }
  }
  if (out.count == 0) return out;
  out.mean = sum * (1 / out.count);
  out.covariance = squares * (1 / out.count) - out.mean * out.mean.t();
  return out;
}

// Fisher's linear discriminant: the direction in which paper and ground differ most against their spread.
struct Discriminant {
  cv::Vec3d direction;
  double threshold = 0;
  double separation = 0;  // of the means, in standard deviations
};

Discriminant discriminate(const Samples& paper, const Samples& ground) {
  const cv::Matx33d within = paper.covariance + ground.covariance + cv::Matx33d::eye() * 0.2;
  Discriminant out;
  out.direction = within.inv() * (paper.mean - ground.mean);
  const double length = cv::norm(out.direction);
  if (length < 1e-9) return out;
  out.direction *= 1 / length;
  out.threshold = out.direction.dot(paper.mean + ground.mean) / 2;
  const double variance = out.direction.dot(within * out.direction) / 2;
  out.separation = out.direction.dot(paper.mean - ground.mean) / std::sqrt(variance);
  return out;
}

cv::Mat side_of(const cv::Mat& lab, const Discriminant& by) {
  cv::Mat mask(lab.size(), CV_8UC1);
  for (int y = 0; y < lab.rows; ++y) {
    const auto* colours = lab.ptr<Colour>(y);
    auto* out = mask.ptr<std::uint8_t>(y);
    for (int x = 0; x < lab.cols; ++x) out[x] = by.direction.dot(cv::Vec3d(colours[x])) > by.threshold ? 255 : 0;
  }
  return mask;
}

}  // namespace

std::optional<cv::Mat> find_paper(const cv::Mat& rgb, const std::vector<cv::Rect>& marks) {
  const cv::Mat lab = ground_colour(rgb);
  cv::Mat near(lab.size(), CV_8UC1, cv::Scalar(0));
  for (const cv::Rect& mark : marks) {
    const int around = std::max(mark.width, mark.height) / 2;
    cv::rectangle(near, {mark.x - around, mark.y - around, mark.width + 2 * around, mark.height + 2 * around}, 255, -1);
  }
  cv::Mat distance, far;
  cv::distanceTransform(255 - near, distance, cv::DIST_L2, 3);
  far = distance > kFarFromPrint * std::max(lab.cols, lab.rows);
  if (cv::countNonZero(far) < kLeastFar * static_cast<double>(far.total())) return std::nullopt;
  const Samples paper = sample(lab, near);
  Discriminant by = discriminate(paper, sample(lab, far));
  for (int round = 0; round < 3; ++round) {  // the bare margins of the paper are far from print too: leave them out
    cv::Mat ground = far & ~side_of(lab, by);
    if (cv::countNonZero(ground) < kLeastFar * static_cast<double>(far.total())) return std::nullopt;
    by = discriminate(paper, sample(lab, ground));
  }
  if (by.separation < kLeastSeparation) return std::nullopt;
  cv::Mat mask = side_of(lab, by);
  cv::morphologyEx(mask, mask, cv::MORPH_CLOSE, cv::getStructuringElement(cv::MORPH_RECT, {5, 5}));
  cv::morphologyEx(mask, mask, cv::MORPH_OPEN, cv::getStructuringElement(cv::MORPH_RECT, {11, 11}));
  return mask;
}

}  // namespace docket::page
