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

// `even` (from even_light) with faint print made as dark as strong print: the darkness of every spot is stretched by
// that of the darkest ink within a few letters of it. Tesseract looks for lines on a picture thresholded at one value,
// where a black margin or one bold line makes faint print vanish. Paper without print is stretched by no more than
// about 5. Same size.
cv::Mat even_contrast(const cv::Mat& even, double text_height);

}  // namespace docket::ocr
