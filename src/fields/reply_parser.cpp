#include "fields/reply_parser.h"

#include <algorithm>

#include "fields/reply_forms.h"
#include "fields/reply_loop.h"
#include "rules/text.h"

namespace docket::fields {
namespace {

constexpr std::size_t kMostBytes = std::size_t{64} << 10;

bool refuses(std::string_view reply) {
  const std::string lower = rules::lower(reply.substr(0, 600));
  for (const std::string_view phrase : {"i'm sorry",
                                        "i am sorry",
                                        "i\xE2\x80\x99m sorry",
                                        "i cannot",
                                        "i can't",
                                        "i can\xE2\x80\x99t",
                                        "i am unable",
                                        "i'm unable",
                                        "i\xE2\x80\x99m unable",
                                        "i'm not able",
                                        "i\xE2\x80\x99m not able",
                                        "i am not able",
                                        "as an ai",
                                        "i apologize",
                                        "cannot assist",
                                        "can't assist",
                                        "can't help",
                                        "unable to assist",
                                        "no image",
                                        "i don't have access",
                                        "i don't see",
                                        "i'm not going to",
                                        "unable to provide",
                                        "i won't"}) {
    if (lower.find(phrase) != std::string::npos) return true;
  }
  return false;
}

// Half of a value stands at the end of a reply that was cut off.
void drop_half_value(std::string_view reply, ParsedReply& found) {
  std::size_t end = reply.size();
  while (end > 0 && std::string_view(" *\",").find(reply[end - 1]) != std::string_view::npos) --end;
  std::erase_if(found.values,
                [&](const ReplyValue& value) { return value.form != ReplyForm::kJson && value.span.end >= end; });
}

// In the order of the reply, no two equal; what is given is not absent.
void tidy(ParsedReply& found) {
  std::stable_sort(found.values.begin(), found.values.end(),
                   [](const ReplyValue& a, const ReplyValue& b) { return a.span.begin < b.span.begin; });
  std::vector<ReplyValue> kept;
  for (ReplyValue& value : found.values) {
    const bool known = std::any_of(kept.begin(), kept.end(), [&](const ReplyValue& other) {
      return other.key == value.key && other.text == value.text && other.item == value.item;
    });
    if (!known) kept.push_back(std::move(value));
  }
  found.values = std::move(kept);
  std::erase_if(found.absent, [&](std::string_view key) {
    return std::any_of(found.values.begin(), found.values.end(),
                       [&](const ReplyValue& value) { return value.key == key; });
  });
}

}  // namespace

std::string_view to_string(ReplyForm form) {
  switch (form) {
    case ReplyForm::kJson:
      return "json";
    case ReplyForm::kKeyValue:
      return "key_value";
    case ReplyForm::kTable:
      return "table";
    case ReplyForm::kSentence:
      return "sentence";
    case ReplyForm::kBare:
      return "bare";
  }
  return "bare";
}

void read_bare_form(ReplyDraft& draft, std::string_view key) {
  const std::string_view reply = draft.rest();
  std::size_t begin = 0;
  while (begin < reply.size() && rules::is_space(reply[begin])) ++begin;
  const Span line = strip_marks(reply, {begin, std::min(reply.find('\n', begin), reply.size())});
  if (line.empty()) return;
  const std::string_view text = draft.piece(line);
  if (says_absent(text) || says_no(text)) return draft.add_absent(key);
  if (has_shape(value_form(key))) {
    const auto found = find_value(value_form(key), reply, begin, true);
    if (found) draft.add(key, *found, "", ReplyForm::kBare, -1, says_doubt(draft.piece({begin, found->begin})));
    return;
  }
  Span value = line;
  if (reply[value.end - 1] == '.' && value.end - value.begin > 4) --value.end;
  if (value.end - value.begin <= 120) draft.add(key, value, "", ReplyForm::kBare, -1, says_doubt(text));
}

ParsedReply parse_reply(std::string_view reply, const ParseOptions& options) {
  ParseOptions own = options;
  if (reply.size() > kMostBytes) {
    reply = reply.substr(0, kMostBytes);
    own.cut_off = true;
  }
  const auto loop = repeats_from(reply);
  if (loop) {
    own.cut_off = *loop >= reply.size() || reply[*loop] != '\n';
    reply = reply.substr(0, *loop);
  }
  ReplyDraft draft(reply);
  read_json_form(draft);
  read_lines_form(draft);
  const bool sorry = refuses(reply);
  ParsedReply& found = draft.found();
  if (found.values.empty() && own.asked && !sorry) read_bare_form(draft, *own.asked);
  found.refused = sorry && found.values.empty();
  if (own.cut_off) drop_half_value(reply, found);
  tidy(found);
  found.looped = loop.has_value();
  return std::move(found);
}

}  // namespace docket::fields
