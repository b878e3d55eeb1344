// Pictures that the tests of page draw: till receipts in a stroke font, on a ground of some colour.
#pragma once

#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include "page/page.h"

namespace docket::page {

inline const std::vector<std::string>& receipt_lines() {
  static const std::vector<std::string> lines = {
      "CORNER GROCER PTY LTD", "12 Station Street Newtown", "TAX INVOICE 004417",
      "Milk 2 litre 4.50",     "Bread wholemeal 5.20",      "Apples pink lady 3.95",
      "Subtotal 13.65",        "GST included 1.24",         "TOTAL 13.65",
      "EFTPOS 13.65",          "Thank you for shopping"};
  return lines;
}

// White paper of 400 x 520 pixels with the lines above, letters about 18 pixels high.
inline cv::Mat receipt_picture() {
  cv::Mat paper(520, 400, CV_8UC3, cv::Scalar(238, 238, 240));
  int y = 50;
  for (const std::string& line : receipt_lines()) {
    cv::putText(paper, line, {24, y}, cv::FONT_HERSHEY_DUPLEX, 0.75, cv::Scalar(40, 40, 40), 1, cv::LINE_AA);
    y += 42;
  }
  return paper;
}

inline Page page_of(const cv::Mat& rgb) {
  Page page;
  page.width = page.source_width = rgb.cols;
  page.height = page.source_height = rgb.rows;
  const cv::Mat packed = rgb.isContinuous() ? rgb : rgb.clone();
  page.rgb.assign(packed.data, packed.data + packed.total() * 3);
  return page;
}

// A ground with soft noise and a slope of light, which no real table is without.
inline cv::Mat ground(int width, int height, const cv::Scalar& colour, double noise) {
  cv::Mat out(height, width, CV_8UC3, colour), grain(height / 4, width / 4, CV_8UC3);
  cv::RNG random(7);
  random.fill(grain, cv::RNG::NORMAL, 0, noise);
  cv::resize(grain, grain, out.size(), 0, 0, cv::INTER_CUBIC);
  for (int y = 0; y < height; ++y) {
    cv::Mat row = out.row(y);
    row -= cv::Scalar::all(12.0 * y / height);
  }
  return out + grain;
}

}  // namespace docket::page
