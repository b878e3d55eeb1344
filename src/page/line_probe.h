// How much like printed text a strip of one line looks, asked of Tesseract. The one place where page uses it.
#pragma once

#include <opencv2/core.hpp>

#include "core/base/result.h"

namespace docket::page {

// Letters and digits that Tesseract reads in `strip` (8-bit gray, one line of dark text on light, characters of 20 to
// 40 pixels), each counted by its confidence (0..1): a line the right way up scores about its number of characters, the
// same line upside down much less. One engine a thread is kept for its life (about 30 MB). Errors: kUnavailable without
// Tesseract's English data.
Result<double> probe_line(const cv::Mat& strip);

}  // namespace docket::page
