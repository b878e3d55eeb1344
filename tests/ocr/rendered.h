// Pictures of text with known words and boxes, drawn by OpenCV's stroke font, for the OCR tests.
#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "page/page.h"

namespace docket::ocr {

struct RenderedWord {
  std::string text;
  cv::Rect2f box;  // of its ink
};

struct Rendered {
  cv::Mat gray;  // 8-bit, black on white
  std::vector<RenderedWord> words;
};

// The lines of a docket, one under the other; `letter_height` is that of a capital, pixels.
Rendered render(const std::vector<std::string>& lines, int letter_height);

// Six lines as a shop prints them.
const std::vector<std::string>& docket_lines();

// `gray` turned clockwise by `degrees` about its middle, the ground white.
cv::Mat turned(const cv::Mat& gray, double degrees);

page::Page to_page(const cv::Mat& gray);

}  // namespace docket::ocr
