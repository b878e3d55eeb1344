// ocr: where on a photograph the paper lies.
#pragma once

#include <array>
#include <opencv2/core.hpp>
#include <optional>
#include <vector>

namespace docket::ocr {

// Corners in pixels, clockwise from the top left.
using Corners = std::array<cv::Point2f, 4>;

// The corners of the one bright sheet on a darker ground that `gray` shows, or nothing: when the sheet fills the
// picture, when its outline is not four-cornered, or when it would cut off more than 2 % of the letters (`ink`, from
// find_ink): to cut text off is worse than to read some ground along with it.
std::optional<Corners> find_paper(const cv::Mat& gray, const std::vector<cv::Rect>& ink);

// The size of the upright sheet that the corners span: the longer of each pair of opposite edges.
cv::Size sheet_size(const Corners& corners);

// Takes the corners to the upright sheet {0, 0, size}.
cv::Matx33d straighten(const Corners& corners, const cv::Size& size);

}  // namespace docket::ocr
