// What a vision-language model is asked, and how its answer is read: one contract, so both are here.
//
// The answer is lines "KEY: VALUE". A key is a field's name in capitals (SUPPLIER_ABN), or one of the short names of a
// model that was trained on them (STORE, ABN, DATE, TOTAL, GST). What is not printed is NOT_FOUND or NONE.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fields/candidates.h"
#include "fields/context.h"

namespace docket::fields {

// One line of a reply.
struct ReplyLine {
  std::string text;
  double confidence = 1;  // the model's own probability of the line, 0..1
  int page = 0;           // 1-based
};

// A special token that asks for the fields without any words; a model that has it knows no other question.
inline constexpr std::string_view kFieldsToken = "<|fields|>";

// The question in words, for a model that follows a chat.
std::string fields_question();

// Adds a candidate for each line that names a field and gives a value which that field can have. Lines of another form
// and unknown keys are passed over: a model may say more than it was asked for. The score is the log-odds of the
// model's own probability and, for an ABN, what its checksum says; it is not fitted on examples yet.
void find_in_reply(const std::vector<ReplyLine>& reply, const Context& context, Candidates& candidates);

}  // namespace docket::fields
