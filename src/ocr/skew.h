// ocr: by how much the lines of text lean.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

namespace docket::ocr {

// Lines that lean more than this are not looked for: turning a page is the page stage's work.
inline constexpr double kMostSkewDegrees = 12;

// Angle of the text lines in degrees, positive when they run downwards to the right (clockwise), within
// +-kMostSkewDegrees, to about 0.1; 0 when `ink` (find_ink) does not show one. The angle is the one at which the lower
// edges of the letters fall into the fewest rows (the profile method of Baird 1987, with edges of letters instead of
// pixels).
double skew_degrees(const std::vector<cv::Rect>& ink);

}  // namespace docket::ocr
