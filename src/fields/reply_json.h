// JSON as models write it: between prose, fenced, in single quotes, with comments or a comma too many, cut off
// anywhere.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fields/reply_values.h"

namespace docket::fields {

// One string, number, true, false or null.
struct JsonLeaf {
  std::vector<std::string> path;  // member names from the outermost in; elements of an array add nothing
  int element = -1;               // its place in the innermost array around it; -1 outside of one
  std::string text;               // unescaped
  Span span;                      // of the reply, without the quotes
  bool null = false;
};

struct JsonParts {
  std::vector<JsonLeaf> leaves;
  std::vector<Span> regions;  // what of the text was read as JSON
};

// Every object in the text, in order. A string that the end of the text cuts off is left out, and so is a number that
// touches the end. Nesting beyond 32 is passed over.
JsonParts find_json(std::string_view text);

}  // namespace docket::fields
