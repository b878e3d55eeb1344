// ocr: several readings of one picture made one, word by word.
#pragma once

#include <vector>

#include "ocr/words.h"

namespace docket::ocr {

// Words of both readings (boxes in the same pixels) that lie on the same spot are held against each other, as a group
// where one reading joins what the other parts. Equal texts confirm each other: the greater confidence counts. Where
// they differ, the reading with the greater confidence (weighted by letters, and by how much of the spot it covers)
// wins. What one reading alone has is kept: always from `base`, from `other` when it is sure enough and of the size of
// text. The order is that of `base`, additions at the end.
std::vector<Word> reconcile(const std::vector<Word>& base, const std::vector<Word>& other);

// Puts words in reading order: lines from top to bottom, each from left to right. For pictures whose lines are level.
std::vector<Word> in_reading_order(std::vector<Word> words);

// Median height of the words' boxes; 0 without words.
double median_height(const std::vector<Word>& words);

}  // namespace docket::ocr
