// Replies of a vision-language model -> candidates, beside those that OCR's words give.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fields/candidates.h"
#include "fields/context.h"
#include "ocr/words.h"

namespace docket::fields {

// A token of a reply: where its bytes end in the text, and the natural log of its probability.
struct ReplyToken {
  std::size_t end = 0;
  float logprob = 0;
};

struct ModelReply {
  std::string text;
  std::vector<ReplyToken> tokens;  // in order; empty: the probability of every value is `confidence`
  double confidence = 1;           // 0..1
  int page = 0;                    // 1-based
  std::string source;              // which question of which model: "fields.general@1 nano"
  bool cut_off = false;            // stopped before its end
  std::string stopped;             // why: "length", "loop", "empty", "time"; empty when it ended by itself
  std::optional<FieldId> asked;    // the one field that was asked for: a reply without a label is its value
};

// A special token that asks for the fields without any words; a model that has it knows no other question.
inline constexpr std::string_view kFieldsToken = "<|fields|>";

// Adds a candidate for every value of a scalar field that has the form of the field (parse_reply says which values
// there are). The score is the log-odds of the model's own probability for the value's tokens; for an ABN, what its
// checksum says; and what is lost where the reply itself doubts, or where `pages`, another reader's words, show nothing
// like the value (it is flagged "ungrounded" then).
void find_in_replies(const std::vector<ModelReply>& replies, const std::vector<ocr::Words>& pages,
                     const Context& context, Candidates& candidates);

// The lines sold and the tenders that the replies list, for documents where no other reader found any. A line needs a
// description; of several replies the one with most lines counts.
std::vector<LineItem> items_in_replies(const std::vector<ModelReply>& replies);
std::vector<Payment> payments_in_replies(const std::vector<ModelReply>& replies);

}  // namespace docket::fields
