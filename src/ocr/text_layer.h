// ocr: the words that a PDF brings along, held against its picture before they are believed.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "core/base/result.h"
#include "ocr/tesseract_engine.h"
#include "ocr/words.h"
#include "page/page.h"

namespace docket::ocr {

// The text layer's words in reading order, boxes in the page's pixels, confidence 1.
std::vector<Word> text_layer_words(const page::Page& page);

// True when the text layer says what the picture (8-bit gray, as large as the page) shows:
// - 9 in 10 words have ink under their boxes (a layer that is shifted or of another page has not),
// - 6 in 10 of the letter-like marks lie under words (a layer of a header over a scanned page has not),
// - of up to 8 words read by OCR, spread over the page, half are alike (garbled encodings, invisible text of a bad
// OCR). Costs about 10 ms a word read. Errors: those of the engine, except that running out of time counts as agreement
// of the words not read.
Result<bool> text_layer_agrees(const page::Page& page, const cv::Mat& gray, TesseractEngine& engine,
                               Clock::time_point deadline);

// Letters and digits of `a` and `b`, case folded, that need changing, over the longer length: 0 alike, 1 nothing alike.
double difference(const std::string& a, const std::string& b);

}  // namespace docket::ocr
