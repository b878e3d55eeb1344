// Where on the paper a value stands that only a model gave: the words that read like it, if there are any.
#pragma once

#include <optional>
#include <string_view>

#include "fields/layout.h"
#include "fields/reply_keys.h"

namespace docket::fields {

struct Placed {
  int page = 0;
  page::Box box;
  double edits = 0;  // text_match's weighted edits between the words and the value
};

// The words that read most like `raw`, of several that do equally the first. Text may run over three lines and differ
// by a twelfth of its letters, or what tolerance() allows; numbers and dates stand on one line, and only letters and
// digits of like shape may differ: one of up to 8, two of more. An amount is a word of its own ("12.50" is not in
// "112.50"), and a date also stands where the words mean the same day (`value`, ISO). `page` 0 is any page. nullopt:
// the words show nothing like it. Cost: words x letters^2.
std::optional<Placed> find_place(const Layout& layout, int page, ValueForm form, std::string_view raw,
                                 std::string_view value);

// Gives every chosen value and every line sold that has no place one, and takes back the flag "ungrounded" where it
// finds one. Kinds of document and yes or no stand nowhere.
void place_values(const Layout& layout, Fields& fields);

}  // namespace docket::fields
