// ocr: the page's picture as Tesseract reads it best: the sheet alone, upright, evenly lit, dark on light, its text at
// one height. Only what the page needs is done; all geometry is one homography, so pixels are resampled once.
#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "page/page.h"

namespace docket::ocr {

struct Prepared {
  cv::Mat plain;                   // 8-bit gray, dark on light, geometry put right
  cv::Mat even;                    // the same with even light
  cv::Matx33d to_page;             // from their pixels to the page's
  double text_height = 0;          // capitals in `plain`, pixels; 0 when unknown
  std::vector<std::string> notes;  // "inverted", "cropped_to_paper", "deskewed", "low_contrast"
};

// Capitals are brought to this height, where the documentation of Tesseract's LSTM sees its optimum at 30 to 33 and
// more does no harm.
inline constexpr double kTextHeight = 34;

// The page in 8-bit gray.
cv::Mat to_gray(const page::Page& page);

// Brings capitals to `text_height` pixels.
Prepared prepare(const page::Page& page, double text_height = kTextHeight);

// The bounding box, in the page's pixels, of a box in the prepared picture; clamped to the page.
page::Box to_page_box(const cv::Matx33d& to_page, const page::Box& box, const page::Page& page);

}  // namespace docket::ocr
