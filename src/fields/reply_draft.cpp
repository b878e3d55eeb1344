#include "fields/reply_draft.h"

#include <algorithm>

#include "fields/reply_sentences.h"

namespace docket::fields {
namespace {

constexpr std::size_t kMostUnknown = 20;

}  // namespace

void ReplyDraft::blank(Span span) {
  for (std::size_t i = span.begin; i < span.end; ++i) rest_[i] = rest_[i] == '\n' ? '\n' : ' ';
}

void ReplyDraft::add(std::string_view key, Span span, std::string_view label, ReplyForm form, int item, bool doubted) {
  span = strip_marks(reply_, span);
  if (span.empty() || piece(span) != reply_.substr(span.begin, span.end - span.begin)) return;  // across JSON
  const Span name = strip_marks(label, {0, label.size()});
  const std::string words(label.substr(name.begin, name.end - name.begin));
  found_.values.push_back({key, std::string(piece(span)), span, words, form, item, doubted});
}

void ReplyDraft::add_absent(std::string_view key) {
  auto& absent = found_.absent;
  if (std::find(absent.begin(), absent.end(), key) == absent.end()) absent.push_back(key);
}

void ReplyDraft::add_unknown(std::string_view label) {
  const auto words = label_words(label);
  if (words.empty() || words.size() > 4 || found_.unknown_keys.size() >= kMostUnknown) return;
  const Span name = strip_marks(label, {0, label.size()});
  found_.unknown_keys.emplace_back(label.substr(name.begin, name.end - name.begin));
}

void ReplyDraft::add_sentences(Span span) {
  for (const Said& said : read_sentences(rest_, span)) {
    if (said.absent) {
      add_absent(said.key);
    } else {
      add(said.key, said.value, piece(said.label), ReplyForm::kSentence, -1, said.doubted);
    }
  }
}

void ReplyDraft::add_list(std::string_view key, std::string_view label, Span own) {
  const std::string_view mark = piece(own).find('|') != std::string_view::npos    ? "|"
                                : piece(own).find("; ") != std::string_view::npos ? "; "
                                                                                  : ", ";
  int item = 0;
  for (std::size_t begin = own.begin; begin <= own.end;) {
    const std::size_t found = piece({begin, own.end}).find(mark);
    const std::size_t end = found == std::string_view::npos ? own.end : begin + found;
    const Span span = strip_marks(rest_, {begin, end});
    if (!span.empty() && !says_absent(piece(span))) add(key, span, label, ReplyForm::kKeyValue, item);
    ++item;
    begin = end + mark.size();
  }
}

}  // namespace docket::fields
