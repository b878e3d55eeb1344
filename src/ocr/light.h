// ocr: makes the light even and the text dark on light.
#pragma once

#include <opencv2/core.hpp>

namespace docket::ocr {

// True when the text of `gray` (8-bit) is light on a dark ground: it is dark on the whole, and within small tiles
// most pixels (the ground: ink covers less than half) lie nearer the dark end.
bool light_on_dark(const cv::Mat& gray);

// `gray` divided by its background, so that the paper is near 255 everywhere and shadows and folds fade. The background
// is what remains when everything smaller than `text_height` * 1.5 pixels and darker than its surroundings is removed.
// Same size; a picture without light (all 0) stays as it is.
cv::Mat even_light(const cv::Mat& gray, double text_height);

}  // namespace docket::ocr
