// ocr: joins what Tesseract parted though it is printed as one.
#pragma once

#include <vector>

#include "ocr/words.h"

namespace docket::ocr {

// "65." "20" -> "65.20": fonts of fixed pitch leave a wide gap after the point, where Tesseract sees the end of a word.
// Neighbours in `words` (in reading order, level lines) are joined when they stand on one line, less than a letter's
// height apart, and one side ends or begins with the point (or comma) and two digits follow it. The confidence is that
// of both, by letters.
std::vector<Word> join_split_amounts(const std::vector<Word>& words);

}  // namespace docket::ocr
