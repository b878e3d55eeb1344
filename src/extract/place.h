// extract: from the pixels that the readers worked in to those of the picture as a viewer shows it.
#pragma once

#include <span>
#include <string>

#include "ocr/words.h"
#include "page/page.h"
#include "record/record.h"

namespace docket::extract {

// Maps every box of the record through the to_source of its page (found by number among `pages`).
void move_boxes_to_source(record::Record& record, std::span<const page::Page> pages);

// The words as text, one printed line a line, as record wants it to look for phrases.
std::string text_of(std::span<const ocr::Words> pages);

}  // namespace docket::extract
