// ocr: the marks on a picture that may be letters, and how tall the text is.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

namespace docket::ocr {

// Bounding boxes of the dark connected components of `gray` (8-bit, dark on light) whose size and shape a letter could
// have, in its pixels. At most 20,000. Light that varies over the page is allowed for (local threshold).
std::vector<cv::Rect> find_ink(const cv::Mat& gray);

// Height in pixels of a capital letter or digit of the body text: the median over `ink`. 0 when there are fewer than 8
// marks, which is no text to speak of.
double text_height(const std::vector<cv::Rect>& ink);

}  // namespace docket::ocr
