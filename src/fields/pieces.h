// A line's Tokens cut into runs of letters and digits, the unit that labels and keywords are compared by.
#pragma once

#include <string>
#include <vector>

#include "fields/layout.h"

namespace docket::fields {

struct Piece {
  std::string text;   // folded as letters (text_match.h)
  std::size_t token;  // index in the line
};

// The pieces of the Tokens [first, last). Runs of digits alone are kept as digits ("42", not "AZ").
std::vector<Piece> pieces_of(const Line& line, std::size_t first, std::size_t last);

}  // namespace docket::fields
