#include "fields/reply_sentences.h"

#include <algorithm>
#include <optional>
#include <string>

#include "fields/reply_phrases.h"
#include "rules/text.h"

namespace docket::fields {
namespace {

constexpr std::size_t kLongestGap = 90;    // bytes between a label and its value
constexpr std::size_t kLongestText = 120;  // bytes of a name

class Sentence {
 public:
  Sentence(std::string_view text, Span span, std::vector<Said>& out)
      : text_(text), span_(span), words_(words_in(text, span)), phrases_(phrases_in(text, words_)), out_(out) {}

  void read() {
    for (std::size_t p = 0; p < phrases_.size(); ++p) {
      const std::size_t first = phrases_[p].first;
      if (first > 0 && any_of(words_[first - 1].text, {"before", "after", "without", "excluding"})) continue;
      const ValueForm form = value_form(phrases_[p].key);
      const bool shaped = form == ValueForm::kMoney || form == ValueForm::kAbn || form == ValueForm::kDate ||
                          form == ValueForm::kTime || form == ValueForm::kRate;
      if (shaped) {
        if (!(form == ValueForm::kMoney && behind(p)) && !ahead(p, form)) missing(p);
      } else if (form == ValueForm::kText) {
        if (!name_ahead(p)) missing(p);
      }
    }
    document_type();
  }

 private:
  Span label(std::size_t p) const { return {words_[phrases_[p].first].span.begin, words_[phrases_[p].last].span.end}; }
  std::string_view between(std::size_t begin, std::size_t end) const { return text_.substr(begin, end - begin); }
  bool taken(Span span) const {
    return std::any_of(out_.begin(), out_.end(),
                       [&](const Said& said) { return said.value.begin < span.end && span.begin < said.value.end; });
  }
  bool denied(std::size_t p, std::string_view gap) const {
    const std::size_t first = phrases_[p].first, from = first >= 3 ? words_[first - 3].span.begin : span_.begin;
    // Only what stands in the same clause before the label.
    std::string_view before = between(from, label(p).begin);
    const std::size_t clause = before.find_last_of(",;:.)");
    if (clause != std::string_view::npos) before.remove_prefix(clause + 1);
    return says_no(before) || says_no(gap);
  }
  void say(std::size_t p, Span value, bool absent, std::string_view gap) {
    out_.push_back({phrases_[p].key, value, label(p), absent, says_doubt(gap)});
  }

  // "$4.15 GST", "$45.60 in total": an amount right before its label.
  bool behind(std::size_t p) {
    const Span name = label(p);
    if (any_of(words_[phrases_[p].first].text, {"including", "includes", "incl", "inc", "plus"})) return false;
    const std::size_t from = name.begin > span_.begin + 24 ? name.begin - 24 : span_.begin;
    std::optional<Span> last;
    for (std::size_t at = from; at < name.begin;) {
      // A number that begins before `from` would be cut: start at a border.
      while (at > span_.begin && at < name.begin && !rules::is_space(text_[at - 1]) && text_[at - 1] != '(') ++at;
      const auto found = find_value(ValueForm::kMoney, text_.substr(0, name.begin), at, false);
      if (!found) break;
      last = found;
      at = found->end;
    }
    if (!last || taken(*last)) return false;
    const std::string gap = rules::lower(rules::trim(between(last->end, name.begin)));
    if (!any_of(gap, {"", "in", "of", "for", "as", "is the", "was the", "(", "as the", "is", "worth of", "of the",
                      "in the"}))
      return false;
    say(p, *last, false, between(span_.begin, last->begin));
    return true;
  }

  static bool connects(std::string_view gap, ValueForm form) {
    const std::string_view bare = rules::trim(gap);
    if (bare.empty() || bare == ":" || bare == "=" || bare == "-" || bare == "(" || bare == "#" || bare == "no." ||
        bare == ":-" || bare == "\xE2\x80\x93" || bare == "\xE2\x80\x94" || bare == "**" || bare == ":**" ||
        bare == "**:") {
      return true;
    }
    bool verb = false;
    for (const std::string& word : rules::words_of(gap)) {
      if (any_of(word, {"including", "includes", "include", "incl", "plus", "excluding", "excludes", "less", "minus",
                        "rate", "percent", "than", "but", "before", "after", "discount"}))
        return false;
      verb = verb ||
             any_of(word, {"is",     "was",     "are",      "were",    "of",    "at",        "comes",     "came",
                           "totals", "totaled", "totalled", "amounts", "being", "as",        "reads",     "equals",
                           "be",     "shows",   "says",     "number",  "to",    "amounting", "totalling", "totaling"});
      verb = verb || (form == ValueForm::kDate && word == "on") || (form == ValueForm::kAbn && word == "no");
    }
    return verb;
  }

  // Whether another label of the same form stands in the way.
  bool other_between(std::size_t p, std::size_t end, ValueForm form) const {
    for (std::size_t q = p + 1; q < phrases_.size() && label(q).begin < end; ++q) {
      if (value_form(phrases_[q].key) == form) return true;
    }
    return false;
  }

  // The first value of its form behind the label.
  bool ahead(std::size_t p, ValueForm form) {
    const Span name = label(p);
    for (std::size_t at = name.end; at < span_.end;) {
      const auto found = find_value(form, text_.substr(0, span_.end), at, false);
      if (!found || found->begin - name.end > kLongestGap || other_between(p, found->begin, form)) return false;
      const std::string_view gap = between(name.end, found->begin);
      if (taken(*found)) {
        at = found->end;
        continue;
      }
      if (!connects(gap, form)) return false;
      if (denied(p, gap)) return false;
      say(p, *found, false, gap);
      return true;
    }
    return false;
  }

  // A name or a number of letters and digits behind "is", "was" or a colon.
  bool name_ahead(std::size_t p) {
    const Span name = label(p);
    std::size_t at = name.end;
    const std::size_t next = p + 1 < phrases_.size() ? label(p + 1).begin : span_.end;
    if (!phrases_[p].direct) {
      const auto begin = behind_connector(p);
      if (!begin) return false;
      at = *begin;
    }
    while (at < span_.end && std::string_view(" :\"'`*#").find(text_[at]) != std::string_view::npos) ++at;
    if (text_.substr(at).starts_with("\xE2\x80\x9C")) at += 3;
    if (at >= span_.end) return false;
    const bool quoted = at > span_.begin && (text_[at - 1] == '"' || text_[at - 1] == '\x9C');
    const Span value = quoted ? to_quote(at) : to_end_of_name(p, at, next);
    if (value.empty() || value.end - value.begin > kLongestText) return false;
    const std::string_view found = between(value.begin, value.end);
    if (says_absent(found) || denied(p, between(name.end, at))) return false;
    const bool number = phrases_[p].key != "supplier_name" && phrases_[p].key != "buyer_name" &&
                        !phrases_[p].key.ends_with("address") && phrases_[p].key != "payment_method" &&
                        phrases_[p].key != "operator" && phrases_[p].key != "currency" &&
                        phrases_[p].key != "bank_account_name" && phrases_[p].key != "supplier_trading_name" &&
                        phrases_[p].key != "fuel_grade" && phrases_[p].key != "supplier_email" &&
                        phrases_[p].key != "supplier_website";
    if (number && std::none_of(found.begin(), found.end(), rules::is_digit)) return false;
    const char first = found.front();
    const bool begins = first == '(' || first == '+' || (first >= 'A' && first <= 'Z') || rules::is_digit(first) ||
                        static_cast<unsigned char>(first) >= 0x80 || quoted;
    const bool free = phrases_[p].key == "payment_method" || phrases_[p].key == "supplier_email" ||
                      phrases_[p].key == "supplier_website" || phrases_[p].key == "fuel_grade";
    if (!begins && !free) return false;
    say(p, value, false, between(name.end, value.begin));
    return true;
  }

  // Behind the verb that follows the label, over at most six words ("on this receipt").
  std::optional<std::size_t> behind_connector(std::size_t p) const {
    const std::size_t after = label(p).end;
    const std::string_view rest = text_.substr(after, span_.end - after);
    if (const std::size_t colon = rest.find_first_not_of(" *\"'`");
        colon != std::string_view::npos && (rest[colon] == ':' || rest[colon] == '=')) {
      return after + colon + 1;
    }
    for (std::size_t w = phrases_[p].last + 1; w < words_.size() && w <= phrases_[p].last + 7; ++w) {
      if (any_of(words_[w].text, {"is", "was", "are", "reads", "named", "called", "be"})) {
        std::size_t end = words_[w].span.end;
        if (w + 1 < words_.size() &&
            any_of(words_[w + 1].text, {"called", "named", "shown", "listed", "printed", "given", "identified"})) {
          end = words_[w + 1].span.end;
          if (w + 2 < words_.size() && words_[w + 2].text == "as") end = words_[w + 2].span.end;
        }
        if (words_[w].text == "is" && w + 2 < words_.size() && words_[w + 1].text == "likely")
          end = words_[w + 1].span.end;
        return end;
      }
      if (any_of(words_[w].text, {"has", "and", "but", "includes", "including"})) return std::nullopt;
    }
    return std::nullopt;
  }

  Span to_quote(std::size_t at) const {
    std::size_t end = at;
    while (end < span_.end && text_[end] != '"' && !text_.substr(end).starts_with("\xE2\x80\x9D")) ++end;
    return end < span_.end ? Span{at, end} : Span{};
  }

  // Until a clause ends: a bracket, "and the", "which", a comma before a small letter or another label.
  Span to_end_of_name(std::size_t p, std::size_t at, std::size_t next) const {
    std::size_t end = span_.end;
    for (std::size_t i = at; i < end; ++i) {
      const std::string_view rest = text_.substr(i, span_.end - i);
      if (rest[0] == ';' || rest.starts_with(" (") || rest.starts_with("**") || rest[0] == '`') end = i;
      for (const std::string_view stop :
           {" and the ",   " and was ",  " and is ",        " with ",        " which ",      " located ",
            " dated ",     " as shown",  " as printed",     " as indicated", " for a total", " totalling",
            " totaling",   " for $",     " in the amount",  " and its ",     " and a ",      " and it ",
            " at the top", " issued on", " on the receipt", " who ",         " based in "}) {
        if (rest.starts_with(stop)) end = i;
      }
      if (rest.starts_with(" on ") && rest.size() > 4 &&
          (rules::is_digit(rest[4]) || find_value(ValueForm::kDate, rest, 0, false).value_or(Span{99, 99}).begin <= 8))
        end = i;
      if (rest[0] == ',' && rest.size() > 2 && rest[1] == ' ' && ((rest[2] >= 'a' && rest[2] <= 'z') || i + 2 == next))
        end = i;
      const bool number = value_form(phrases_[p].key) == ValueForm::kText && phrases_[p].key.ends_with("number");
      if (number && (rest[0] == ',' || rest[0] == ' ') && end == span_.end) end = i;
      if (phrases_[p].key == "payment_method" &&
          (rest[0] == ',' || rest.starts_with(" on ") || rest.starts_with(" and ") || rest.starts_with(" ending")))
        end = std::min(end, i);
    }
    return strip_marks(text_, {at, end});
  }

  // "No ABN is visible", "the total cannot be read".
  void missing(std::size_t p) {
    const Span name = label(p);
    const std::size_t next = p + 1 < phrases_.size() ? label(p + 1).begin : span_.end;
    const std::string_view after = between(name.end, next);
    if (denied(p, after)) say(p, {}, true, after);
  }

  // "This is a tax invoice from ...".
  void document_type() {
    const std::string lower = rules::lower(between(span_.begin, span_.end));
    for (const std::string_view lead : {"is a ", "is an ", "shows a ", "shows an ", "contains a ", "to be a ",
                                        "to be an ", "image of a ", "picture of a ", "photo of a ", "depicts a "}) {
      const std::size_t at = lower.find(lead);
      if (at == std::string::npos) continue;
      for (const std::string_view type :
           {"tax invoice", "credit note", "adjustment note", "purchase order", "delivery docket", "delivery note",
            "eftpos receipt", "quotation", "quote", "statement", "payslip", "refund receipt", "receipt", "invoice"}) {
        const std::size_t begin = lower.find(type, at + lead.size());
        if (begin == std::string::npos || begin > at + lead.size() + 24) continue;
        if (says_no(std::string_view(lower).substr(0, begin))) return;
        const Span value{span_.begin + begin, span_.begin + begin + type.size()};
        out_.push_back({"document_type", value, {}, false, says_doubt(std::string_view(lower).substr(0, begin))});
        return;
      }
    }
  }

  std::string_view text_;
  Span span_;
  std::vector<Word> words_;
  std::vector<Phrase> phrases_;
  std::vector<Said>& out_;
};

}  // namespace

std::vector<Said> read_sentences(std::string_view text, Span within) {
  std::vector<Said> out;
  for (const Span& span : sentences_of(text, within)) Sentence(text, span, out).read();
  return out;
}

}  // namespace docket::fields
