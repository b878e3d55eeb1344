// How the rows between the header and the totals become line items.
#pragma once

#include <optional>
#include <string>

#include "fields/document.h"

namespace docket::fields {

// What the words left of a row's amounts say.
struct ItemText {
  std::string description;  // what is left when code, quantity and price are taken out
  std::string code;
  std::string marker;  // a tax mark printed before the words
  std::optional<std::string> quantity, unit, unit_price;
};

// Reads Tokens [first, last) of a line.
ItemText read_item_text(const Line& line, std::size_t first, std::size_t last);

// The code that a tax mark stands for under the printed legend ("* = GST applies"): for a marked line, for a plain one.
struct Legend {
  std::string mark;
  std::string marked, plain;  // "GST" or "FRE"
  std::string text;
};
std::optional<Legend> read_legend(const Document& document);

}  // namespace docket::fields
