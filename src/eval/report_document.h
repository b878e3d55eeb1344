// eval: one document of the report: its pictures with boxes, and its fields beside the truth.
#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "eval/evaluate.h"
#include "eval/html.h"
#include "eval/picture.h"

namespace docket::eval {

// A rectangle on a page with its name on a tag; `kind` picks the colour (report_style.h).
struct DrawnBox {
  std::string name, kind;
  std::array<double, 4> box;  // x0 y0 x1 y1, pixels of the picture
};
void write_picture(HtmlWriter& html, const std::string& file, const Picture& picture,
                   const std::vector<DrawnBox>& boxes);

// A table cell whose bytes [begin, end) are marked.
void write_marked(HtmlWriter& html, const std::string& text, std::pair<std::size_t, std::size_t> range);

void write_document(HtmlWriter& html, const DocumentResult& document, const Result<std::vector<Picture>>& pictures);

// The part of a and of b that differs: byte ranges [begin, end) after their common start and before their common end,
// on borders of UTF-8 characters. Empty ranges when they are equal.
struct Difference {
  std::pair<std::size_t, std::size_t> a, b;
};
Difference difference(std::string_view a, std::string_view b);

}  // namespace docket::eval
