// ocr: a Page in, Words out: the second reader, independent of the vision-language model.
#pragma once

#include <string>
#include <vector>

#include "page/page.h"

namespace docket::ocr {

enum class Source { kOcr, kTextLayer };

struct Word {
  std::string text;      // UTF-8, not empty, no white space
  page::Box box;         // in the Page's pixels (Page::to_source maps it further)
  float confidence = 0;  // 0..1, the reader's own; not calibrated
  Source source = Source::kOcr;
};

// All words of one Page, in reading order by the reader's own lines (fields groups them again by geometry).
struct Words {
  int page_number = 1;  // Page::number
  int receipt = 0;      // Page::receipt
  std::vector<Word> words;
  // Where the page was read more than once: what each pass read, for whoever would rather hold the readings against
  // each other by their meaning. `words` is made from them. Empty otherwise.
  std::vector<std::vector<Word>> readings;
  float mean_confidence = 0;       // weighted by characters; 0 when there are no words
  double text_height = 0;          // median height of a line's words, pixels; 0 when unknown
  std::vector<std::string> notes;  // ids, e.g. "no_text", "low_contrast", "text_layer_disagrees"
};

}  // namespace docket::ocr
