// One parser for replies of any kind: JSON (whole, fenced, cut off), KEY: VALUE lines in any order, case and dress,
// tables, sentences, a value alone, refusals, loops. Each value keeps the bytes of the reply that it was taken from,
// and is nothing but those bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fields/reply_keys.h"
#include "fields/reply_values.h"

namespace docket::fields {

enum class ReplyForm { kJson, kKeyValue, kTable, kSentence, kBare };
std::string_view to_string(ReplyForm form);  // "json", "key_value", "table", "sentence", "bare"

struct ReplyValue {
  std::string_view key;  // schema name: a FieldId's, "payment_method", "card_last4", "line_items.description", ...
  std::string text;      // what the reply says, trimmed; of JSON unescaped
  Span span;             // of the reply: text is these bytes, but for JSON's escapes
  std::string label;     // the reply's own words for the key
  ReplyForm form = ReplyForm::kKeyValue;
  int item = -1;         // of the lines sold: which, from 0
  bool doubted = false;  // the reply itself is not sure ("appears to be")
};

struct ParsedReply {
  std::vector<ReplyValue> values;         // in the order of the reply, no two equal
  std::vector<std::string_view> absent;   // keys that the reply says are not there
  std::vector<std::string> unknown_keys;  // what looks like a key of an answer and names no field
  bool refused = false;                   // it says that it cannot or will not, and gives no value
  bool looped = false;                    // its end only repeats; the repetitions were left out
};

struct ParseOptions {
  bool cut_off = false;                   // the reply was stopped before its end: what touches the end is half a value
  std::optional<std::string_view> asked;  // the one key that was asked for: a reply without any label is its value
};

// Never fails: a reply that says nothing gives nothing. Cost: linear in the reply but for the search for loops; meant
// for replies of some thousand bytes, of which at most the first 64 KB are looked at.
ParsedReply parse_reply(std::string_view reply, const ParseOptions& options = {});

}  // namespace docket::fields
