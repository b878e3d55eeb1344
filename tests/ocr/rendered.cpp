#include "tests/ocr/rendered.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <sstream>

namespace docket::ocr {
namespace {

constexpr int kFont = cv::FONT_HERSHEY_SIMPLEX;

// Draws one word with its left foot at `foot` and gives the box of its ink.
cv::Rect2f draw(cv::Mat& gray, const std::string& word, const cv::Point& foot, double scale, int thickness) {
  cv::Mat alone(gray.size(), CV_8UC1, cv::Scalar(0));
  cv::putText(alone, word, foot, kFont, scale, cv::Scalar(255), thickness, cv::LINE_AA);
  gray.setTo(0, alone > 128);
  return cv::Rect2f(cv::boundingRect(alone > 128));
}

}  // namespace

Rendered render(const std::vector<std::string>& lines, int letter_height) {
  const int thickness = std::max(1, letter_height / 9);
  const double scale = cv::getFontScaleFromHeight(kFont, letter_height, thickness);
  int widest = 0, baseline = 0;
  for (const auto& line : lines)
    widest = std::max(widest, cv::getTextSize(line, kFont, scale, thickness, &baseline).width);
  const int margin = 2 * letter_height, pitch = 2 * letter_height, rows = static_cast<int>(lines.size());
  Rendered rendered{cv::Mat(2 * margin + rows * pitch, widest * 5 / 4 + 2 * margin, CV_8UC1, cv::Scalar(255)), {}};
  for (int row = 0; row < rows; ++row) {
    cv::Point foot(margin, margin + row * pitch + letter_height);
    std::istringstream words(lines[static_cast<std::size_t>(row)]);
    for (std::string word; words >> word;) {
      rendered.words.push_back({word, draw(rendered.gray, word, foot, scale, thickness)});
      foot.x += cv::getTextSize(word, kFont, scale, thickness, &baseline).width + letter_height;
    }
  }
  return rendered;
}

const std::vector<std::string>& docket_lines() {
  static const std::vector<std::string> lines = {"CORNER BAKERY", "12 HIGH STREET", "DATE 14/03/2024",
                                                 "BREAD 4.50",    "COFFEE 5.20",    "TOTAL 9.70"};
  return lines;
}

cv::Mat turned(const cv::Mat& gray, double degrees) {
  const cv::Point2f middle(static_cast<float>(gray.cols) / 2, static_cast<float>(gray.rows) / 2);
  cv::Mat to;
  // OpenCV's angle counts the other way round.
  cv::warpAffine(gray, to, cv::getRotationMatrix2D(middle, -degrees, 1), gray.size(), cv::INTER_LINEAR,
                 cv::BORDER_CONSTANT, cv::Scalar(255));
  return to;
}

page::Page to_page(const cv::Mat& gray) {
  cv::Mat rgb;
  cv::cvtColor(gray, rgb, cv::COLOR_GRAY2RGB);
  page::Page page;
  page.width = page.source_width = rgb.cols;
  page.height = page.source_height = rgb.rows;
  page.rgb.assign(rgb.data, rgb.data + rgb.total() * 3);
  return page;
}

}  // namespace docket::ocr
