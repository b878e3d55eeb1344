// What sentences say: "The total amount is $45.60, including $4.15 GST."
#pragma once

#include <string_view>
#include <vector>

#include "fields/reply_values.h"

namespace docket::fields {

struct Said {
  std::string_view key;
  Span value;  // of the text; empty when it is said to be absent
  Span label;
  bool absent = false;
  bool doubted = false;
};

// Everything that the sentences in `within` say, in order of the labels.
std::vector<Said> read_sentences(std::string_view text, Span within);

}  // namespace docket::fields
