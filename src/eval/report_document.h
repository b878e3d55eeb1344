// eval: one document of the report: its pictures with boxes, and its fields beside the truth.
#pragma once

#include <string>
#include <utility>

#include "eval/evaluate.h"
#include "eval/html.h"
#include "eval/picture.h"

namespace docket::eval {

void write_document(HtmlWriter& html, const DocumentResult& document, const Result<std::vector<Picture>>& pictures);

// The part of a and of b that differs: byte ranges [begin, end) after their common start and before their common end,
// on borders of UTF-8 characters. Empty ranges when they are equal.
struct Difference {
  std::pair<std::size_t, std::size_t> a, b;
};
Difference difference(std::string_view a, std::string_view b);

}  // namespace docket::eval
