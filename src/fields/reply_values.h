// Values by their shape inside running text: where an amount, an ABN, a date or a time stands, and what says that there
// is none.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "fields/reply_keys.h"

namespace docket::fields {

// Bytes [begin, end) of a text.
struct Span {
  std::size_t begin = 0, end = 0;
  bool empty() const { return begin >= end; }
};

// The first value of that form in `text`, at or behind `from`; nullopt when there is none. kText is what is left when
// trimmed. `loose` lets a bare whole number be an amount ("TOTAL: 45"), which in a sentence it is not.
std::optional<Span> find_value(ValueForm form, std::string_view text, std::size_t from, bool loose);

// Whether a value says that there is none: "NOT_FOUND", "N/A", "not visible on the receipt", "[Insert ABN]",
// "XX/XX/XXXX".
bool says_absent(std::string_view value);

// Whether a text doubts what it says: "approximately", "appears to be".
bool says_doubt(std::string_view text);

// Whether a text takes back what follows: "no ABN", "cannot read the total".
bool says_no(std::string_view text);

// White space, quotes and marks of emphasis at both ends left out.
Span strip_marks(std::string_view text, Span span);

}  // namespace docket::fields
