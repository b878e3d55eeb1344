#include "rules/sensitive.h"

#include <algorithm>
#include <array>
#include <set>

#include "rules/acn.h"
#include "rules/card.h"
#include "rules/text.h"

namespace docket::rules {
namespace {

constexpr std::string_view kRedacted = "[redacted]";
// How far behind its label a number may stand, in bytes.
constexpr std::size_t kReach = 24;

enum class Shape { kDigits, kMonthYear, kCode, kHex };

struct Rule {
  std::string_view label;  // lower-case words
  std::string_view kind;
  Shape shape;
  std::size_t least, most;  // digits or characters
  bool keep_last4;
};

constexpr std::array<Rule, 40> kRules = {{
    {"tax file number", "tfn", Shape::kDigits, 8, 9, false},
    {"tax file no", "tfn", Shape::kDigits, 8, 9, false},
    {"tfn", "tfn", Shape::kDigits, 8, 9, false},
    {"medicare card", "medicare", Shape::kDigits, 10, 11, false},
    {"medicare no", "medicare", Shape::kDigits, 10, 11, false},
    {"medicare number", "medicare", Shape::kDigits, 10, 11, false},
    {"medicare", "medicare", Shape::kDigits, 10, 11, false},
    {"drivers licence", "licence", Shape::kCode, 5, 12, false},
    {"driver licence", "licence", Shape::kCode, 5, 12, false},
    {"driver s licence", "licence", Shape::kCode, 5, 12, false},
    {"drivers license", "licence", Shape::kCode, 5, 12, false},
    {"driver license", "licence", Shape::kCode, 5, 12, false},
    {"card no", "card", Shape::kDigits, 7, 19, true},
    {"card number", "card", Shape::kDigits, 7, 19, true},
    {"card", "card", Shape::kDigits, 7, 19, true},
    {"pan", "card", Shape::kDigits, 7, 19, true},
    {"expiry date", "expiry", Shape::kMonthYear, 4, 6, false},
    {"expiry", "expiry", Shape::kMonthYear, 4, 6, false},
    {"exp date", "expiry", Shape::kMonthYear, 4, 6, false},
    {"exp", "expiry", Shape::kMonthYear, 4, 6, false},
    {"valid thru", "expiry", Shape::kMonthYear, 4, 6, false},
    {"authorisation code", "auth_code", Shape::kCode, 4, 8, false},
    {"authorisation no", "auth_code", Shape::kCode, 4, 8, false},
    {"authorization code", "auth_code", Shape::kCode, 4, 8, false},
    {"auth code", "auth_code", Shape::kCode, 4, 8, false},
    {"auth no", "auth_code", Shape::kCode, 4, 8, false},
    {"auth id", "auth_code", Shape::kCode, 4, 8, false},
    {"auth", "auth_code", Shape::kCode, 4, 8, false},
    {"approval code", "auth_code", Shape::kCode, 4, 8, false},
    {"approval no", "auth_code", Shape::kCode, 4, 8, false},
    {"appr code", "auth_code", Shape::kCode, 4, 8, false},
    {"tc", "cryptogram", Shape::kHex, 12, 40, false},
    {"arqc", "cryptogram", Shape::kHex, 12, 40, false},
    {"aac", "cryptogram", Shape::kHex, 12, 40, false},
    {"flybuys", "loyalty", Shape::kDigits, 8, 19, true},
    {"rewards", "loyalty", Shape::kDigits, 8, 19, true},
    {"loyalty", "loyalty", Shape::kDigits, 6, 19, true},
    {"member", "loyalty", Shape::kDigits, 6, 19, true},
    {"membership", "loyalty", Shape::kDigits, 6, 19, true},
    {"frequent flyer", "loyalty", Shape::kDigits, 6, 19, true},
}};

bool word_char(char c) { return is_alpha(c) || is_digit(c); }

// The end of `label` at `at`: its words with one or more non-word characters between; npos when it is not there. A
// digit may follow at once ("AUTH123456").
std::size_t label_end(std::string_view text, std::size_t at, std::string_view label) {
  for (std::size_t i = 0; i < label.size(); ++i) {
    if (label[i] == ' ') {
      const std::size_t before = at;
      while (at < text.size() && !word_char(text[at]) && at - before < 3) ++at;
      if (at == before) return std::string_view::npos;
    } else {
      if (at >= text.size() || to_lower(text[at]) != label[i]) return std::string_view::npos;
      ++at;
    }
  }
  return at < text.size() && is_alpha(text[at]) ? std::string_view::npos : at;
}

struct Span {
  std::size_t begin = 0, end = 0;
  std::string digits;
};

// A run of digits, spaces, hyphens and mask characters from `at` on, ending in a digit.
Span digits_span(std::string_view text, std::size_t at) {
  Span span{at, at, {}};
  for (std::size_t i = at; i < text.size(); ++i) {
    const char c = text[i];
    if (is_digit(c)) {
      span.digits.push_back(c);
      span.end = i + 1;
    } else if (c != '-' && (c != ' ' || (i > at && text[i - 1] == ' ')) && c != '*' && c != '#' && c != 'X' &&
               c != 'x' && c != '.') {
      break;
    }
  }
  return span;
}

Span month_year_span(std::string_view text, std::size_t at) {
  Span span{at, at, {}};
  std::size_t i = at;
  while (i < text.size() && is_digit(text[i]) && i - at < 2) ++i;
  if (i - at != 2 || i >= text.size()) return span;
  if (text[i] == '/' || text[i] == '-') ++i;
  const std::size_t year = i;
  while (i < text.size() && is_digit(text[i])) ++i;
  // A third group would make it a full date, which is not a card's expiry.
  if ((i - year != 2 && i - year != 4) || (i < text.size() && (text[i] == '/' || text[i] == '-'))) return span;
  span.digits = digits_only(text.substr(at, i - at));
  span.end = i;
  return span;
}

Span code_span(std::string_view text, std::size_t at, bool hex) {
  Span span{at, at, {}};
  std::size_t digits = 0;
  while (span.end < text.size()) {
    const char c = text[span.end];
    const char folded = to_lower(c);
    if (!is_digit(c) && !(hex ? folded >= 'a' && folded <= 'f' : is_alpha(c))) break;
    digits += is_digit(c) ? 1 : 0;
    span.digits.push_back(c);
    ++span.end;
  }
  // A word without digits is the next label, not a code.
  if (digits < 2 || (span.end < text.size() && is_alpha(text[span.end]))) return {at, at, {}};
  return span;
}

Span value_span(std::string_view text, std::size_t at, const Rule& rule) {
  switch (rule.shape) {
    case Shape::kDigits:
      return digits_span(text, at);
    case Shape::kMonthYear:
      return month_year_span(text, at);
    case Shape::kCode:
      return code_span(text, at, false);
    case Shape::kHex:
      return code_span(text, at, true);
  }
  return {at, at, {}};
}

// The first value of the rule's shape and size within reach of the label's end.
std::optional<Span> find_value(std::string_view text, std::size_t from, const Rule& rule) {
  const std::size_t limit = std::min(text.size(), from + kReach);
  for (std::size_t at = from; at < limit; ++at) {
    if (text.substr(at).starts_with(kRedacted) || text[at] == '\n') return std::nullopt;
    if (at > 0 && at > from && word_char(text[at - 1])) continue;
    if (!is_digit(text[at]) && rule.shape != Shape::kCode && rule.shape != Shape::kHex) continue;
    if (!word_char(text[at])) continue;
    // The middle of a full date is no expiry.
    if (rule.shape == Shape::kMonthYear && at > 0 && (text[at - 1] == '/' || text[at - 1] == '-')) continue;
    auto span = value_span(text, at, rule);
    if (span.digits.size() >= rule.least && span.digits.size() <= rule.most) return span;
    if (is_digit(text[at]) && span.digits.size() > rule.most) return std::nullopt;
  }
  return std::nullopt;
}

// Masks the values behind every label of one rule.
void apply(const Rule& rule, std::string& text, std::set<std::string>& kinds) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (at > 0 && word_char(text[at - 1])) continue;
    const std::size_t end = label_end(text, at, rule.label);
    if (end == std::string_view::npos) continue;
    const auto span = find_value(text, end, rule);
    if (!span) continue;
    std::string mask(kRedacted);
    if (rule.keep_last4) {
      // At most the last four of the trailing group.
      const std::string_view value = std::string_view(text).substr(span->begin, span->end - span->begin);
      mask = mask_card(parse_card(value));
    }
    text.replace(span->begin, span->end - span->begin, mask);
    kinds.insert(std::string(rule.kind));
  }
}

}  // namespace

Redaction redact(std::string_view text) {
  std::set<std::string> kinds;
  std::string out(text);
  // The four digits that a mask keeps can make another number with what follows them. Every change removes digits, so
  // this ends.
  for (std::string before; before != out;) {
    before = out;
    int cards = 0;
    out = redact_cards(out, &cards);
    if (cards > 0) kinds.insert("card");
    for (const auto& rule : kRules) apply(rule, out, kinds);
  }
  return {std::move(out), {kinds.begin(), kinds.end()}};
}

std::string mask_email(std::string_view email) {
  const std::size_t at = email.find('@');
  if (at == std::string_view::npos || at == 0) return "***";
  return std::string(email.substr(0, 1)).append("***").append(email.substr(at));
}

std::string mask_phone(std::string_view phone) {
  std::string out(phone);
  std::size_t kept = 0;
  for (std::size_t i = out.size(); i-- > 0;) {
    if (is_digit(out[i]) && kept++ >= 3) out[i] = '*';
  }
  return out;
}

std::string mask_name(std::string_view name) {
  std::string out;
  bool start = true;
  for (const char c : name) {
    if (start && !is_space(c)) {
      if (!out.empty()) out += ' ';
      out.append(1, static_cast<unsigned char>(c) < 0x80 ? c : '*').append(".");
    }
    start = is_space(c);
  }
  return out;
}

}  // namespace docket::rules
