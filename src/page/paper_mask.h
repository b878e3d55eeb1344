// Tells paper from what it lies on by colour, taught by the picture itself: the ground right around the print is paper,
// what is far from any print and unlike it is not. Works for white paper on a light table, where brightness alone
// fails.
#pragma once

#include <opencv2/core.hpp>
#include <optional>
#include <vector>

namespace docket::page {

// 255 where `rgb` (8-bit, about 800 pixels on its longer side) shows paper, 0 elsewhere; specks and thin bridges
// removed. `marks` are the boxes of the print in its pixels. Nothing when the picture has no clear second colour: the
// paper fills it, or the ground looks the same.
std::optional<cv::Mat> find_paper(const cv::Mat& rgb, const std::vector<cv::Rect>& marks);

}  // namespace docket::page
