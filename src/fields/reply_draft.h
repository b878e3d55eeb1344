// A reply while it is read: its text, what of it nobody has read yet, and what was found. The readers of the forms of
// reply (reply_forms.h) work on one draft in turn.
#pragma once

#include <string>
#include <string_view>

#include "fields/reply_parser.h"

namespace docket::fields {

inline constexpr std::size_t kLongestValue = 200;  // bytes of a text value

// The columns of the lines sold that a reply may name in other words.
inline constexpr std::string_view kItemDescription = "line_items.description", kItemAmount = "line_items.amount";

class ReplyDraft {
 public:
  // `reply` outlives the draft.
  explicit ReplyDraft(std::string_view reply) : reply_(reply), rest_(reply) {}

  std::string_view reply() const { return reply_; }
  // The reply with what blank() was told of as spaces; every other byte in its place.
  std::string_view rest() const { return rest_; }
  std::string_view piece(Span span) const { return rest().substr(span.begin, span.end - span.begin); }
  void blank(Span span);

  // A value that is the bytes of rest() in `span` without marks at its ends; nothing when these are not the reply's
  // own.
  void add(std::string_view key, Span span, std::string_view label, ReplyForm form, int item = -1,
           bool doubted = false);
  void add(ReplyValue value) { found_.values.push_back(std::move(value)); }
  void add_absent(std::string_view key);
  void add_unknown(std::string_view label);  // left out when it is no short name
  void add_sentences(Span span);             // what the sentences there say
  // "Milk | Bread", "Milk; Bread" or "Milk, Bread": one column of the lines sold, in order.
  void add_list(std::string_view key, std::string_view label, Span span);
  int take_item() { return next_item_++; }  // the number of another line sold

  ParsedReply& found() { return found_; }

 private:
  std::string_view reply_;
  std::string rest_;
  ParsedReply found_;
  int next_item_ = 0;
};

}  // namespace docket::fields
