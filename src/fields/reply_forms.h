// The forms that a reply may have, each read by a function of its own that adds to the draft what it finds.
#pragma once

#include <string_view>
#include <vector>

#include "fields/reply_draft.h"

namespace docket::fields {

// Every JSON object in the reply; blanks it out for those who come after.
void read_json_form(ReplyDraft& draft);

// The rest line by line: KEY: VALUE in any dress, labels and values on lines of their own, lists of what was bought,
// tables, sentences.
void read_lines_form(ReplyDraft& draft);

// A table: one field a row, a head above one row of values, or the lines sold. `lines` are consecutive rows.
bool is_table_row(const ReplyDraft& draft, Span line);
void read_table_form(ReplyDraft& draft, const std::vector<Span>& lines);

// A reply to the question for `key` that is nothing but the value.
void read_bare_form(ReplyDraft& draft, std::string_view key);

}  // namespace docket::fields
