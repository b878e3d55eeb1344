#include "fields/reply_values.h"

#include <algorithm>
#include <array>
#include <string>

#include "rules/date.h"
#include "rules/text.h"

namespace docket::fields {
namespace {

using rules::is_alpha;
using rules::is_digit;

bool word_char(char c) { return is_alpha(c) || is_digit(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80; }

bool starts_at(std::string_view text, std::size_t at, std::string_view what) {
  return text.substr(at).starts_with(what);
}

// "$", "A$", "AU$", "AUD", "USD", "RM" before digits: the bytes that it takes, 0 for none.
std::size_t currency_at(std::string_view text, std::size_t at) {
  constexpr std::array<std::string_view, 11> kCurrencies = {"AUD$", "AUD", "AU$", "A$",  "US$",         "USD",
                                                            "NZ$",  "RM",  "$",   "EUR", "\xE2\x82\xAC"};
  for (const std::string_view currency : kCurrencies) {
    if (!starts_at(text, at, currency)) continue;
    std::size_t end = at + currency.size();
    while (end < text.size() && text[end] == ' ') ++end;
    return end - at;
  }
  return 0;
}

// Digits with separators: "1,234.50", "45", "45,60"; ends behind the last digit.
std::size_t number_end(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_digit(text[end])) {
    while (end < text.size() && is_digit(text[end])) ++end;
    const bool goes_on = end + 1 < text.size() && (text[end] == '.' || text[end] == ',') && is_digit(text[end + 1]);
    if (!goes_on) break;
    ++end;
  }
  return end;
}

bool has_cents(std::string_view number) {
  const std::size_t mark = number.find_last_of(".,");
  return mark != std::string_view::npos && number.size() - mark - 1 == 2;
}

// A number that is part of something else: a date, a time, a rate, an id.
bool broken_off(std::string_view text, std::size_t from, std::size_t begin, std::size_t end) {
  if (begin > from && (word_char(text[begin - 1]) || text[begin - 1] == '/' || text[begin - 1] == ':')) return true;
  if (begin > from + 1 && (text[begin - 1] == '.' || text[begin - 1] == '-') && is_digit(text[begin - 2])) return true;
  if (end >= text.size()) return false;
  const char next = text[end];
  if (next == '%' || next == '/' || next == ':' || word_char(next)) return true;
  if (next == '-' && end + 1 < text.size() && is_digit(text[end + 1])) return true;
  return next == ' ' && (starts_at(text, end + 1, "%") || starts_at(text, end + 1, "percent"));
}

std::optional<Span> find_money(std::string_view text, std::size_t from, bool loose) {
  for (std::size_t i = from; i < text.size(); ++i) {
    const bool part_of_word = i > from && word_char(text[i - 1]);
    const std::size_t currency = part_of_word ? 0 : currency_at(text, i);
    const std::size_t digits = i + currency;
    if (digits >= text.size() || !is_digit(text[digits])) continue;
    const std::size_t end = number_end(text, digits);
    const std::string_view number = text.substr(digits, end - digits);
    const bool alone = text.find_first_not_of(" .", end) == std::string_view::npos;
    const bool amount = currency > 0 || has_cents(number) || (loose && (alone || number.find('.') != number.npos));
    if (!amount || broken_off(text, from, currency > 0 ? i : digits, end)) {
      i = end > i ? end - 1 : i;
      continue;
    }
    std::size_t begin = i, last = end;
    if (begin > 0 && text[begin - 1] == '-') --begin;
    if (begin > 0 && text[begin - 1] == '(' && last < text.size() && text[last] == ')' && loose) --begin, ++last;
    return Span{begin, last};
  }
  return std::nullopt;
}

std::optional<Span> find_number(std::string_view text, std::size_t from) {
  for (std::size_t i = from; i < text.size(); ++i) {
    const std::size_t digits = i + currency_at(text, i);
    if (digits >= text.size() || !is_digit(text[digits])) continue;
    if (i > 0 && (word_char(text[i - 1]) || text[i - 1] == '/')) continue;
    return Span{i, number_end(text, digits)};
  }
  return std::nullopt;
}

// 9 to 14 digits, or letters that are read for digits, in groups.
std::optional<Span> find_abn(std::string_view text, std::size_t from) {
  for (std::size_t i = from; i < text.size(); ++i) {
    if (!is_digit(text[i]) || (i > 0 && word_char(text[i - 1]))) continue;
    std::size_t digits = 0, last = i;
    for (std::size_t group = i; group < text.size();) {
      std::size_t end = group, real = 0;
      while (end < text.size() && word_char(text[end]) && rules::digit_for(text[end]))
        real += is_digit(text[end++]) ? 1 : 0;
      // A group without a digit is a word that happens to be of such letters.
      if (real == 0 || digits + (end - group) > 14 || (end < text.size() && word_char(text[end]))) break;
      digits += end - group;
      last = end;
      while (end < text.size() && std::string_view(" -.\t").find(text[end]) != std::string_view::npos) ++end;
      group = end;
    }
    const bool whole = last >= text.size() || !word_char(text[last]);
    if (digits >= 9 && whole) return Span{i, last};
    i = last > i ? last - 1 : i;
  }
  return std::nullopt;
}

std::optional<Span> find_time(std::string_view text, std::size_t from) {
  for (std::size_t i = from; i < text.size(); ++i) {
    if (!is_digit(text[i]) || (i > 0 && (word_char(text[i - 1]) || text[i - 1] == ':' || text[i - 1] == '$'))) continue;
    std::size_t end = i;
    while (end < text.size() && is_digit(text[end])) ++end;
    const std::size_t hours = end - i;
    const auto pair = [&](std::size_t at) {
      return at + 2 < text.size() && (text[at] == ':' || text[at] == '.') && is_digit(text[at + 1]) &&
             is_digit(text[at + 2]) && (at + 3 >= text.size() || !is_digit(text[at + 3]));
    };
    bool colon = false;
    while (pair(end)) {
      colon = colon || text[end] == ':';
      end += 3;
    }
    const bool minutes = end > i + hours;
    std::size_t half = end;
    while (half < text.size() && text[half] == ' ') ++half;
    const std::string_view rest = text.substr(std::min(half, text.size()));
    std::size_t mark = 0;
    for (const std::string_view form : {"am", "pm", "a.m.", "p.m.", "a.m", "p.m"}) {
      if (rules::lower(rest.substr(0, form.size())) == form) mark = std::max(mark, form.size());
    }
    if (mark > 0 && half + mark < text.size() && is_alpha(text[half + mark])) mark = 0;
    if (mark > 0) end = half + mark;
    const bool right = hours <= 2 && (colon || mark > 0) && (minutes || mark > 0);
    if (right && (end >= text.size() || !word_char(text[end]))) return Span{i, end};
    i = i + hours - 1;
  }
  return std::nullopt;
}

std::optional<Span> find_date(std::string_view text, std::size_t from) {
  // Only where it stands is asked here, so any day will do as today.
  const rules::DateContext context{.today = {2030, 1, 1}};
  std::string ascii(text.substr(from));
  for (char& c : ascii) {
    if (static_cast<unsigned char>(c) >= 0x80) c = ' ';  // keeps every other byte in its place
  }
  for (const rules::FoundDate& found : rules::find_dates(ascii, context)) {
    if (found.begin < found.end && found.end <= ascii.size()) return Span{from + found.begin, from + found.end};
  }
  return std::nullopt;
}

// `text` in small letters with everything but letters and digits as single spaces, framed by spaces.
std::string framed(std::string_view text) {
  std::string out = " ";
  for (const char c : text) {
    if (c == '\'') continue;
    const bool kept = is_alpha(c) || is_digit(c);
    if (kept) out += rules::to_lower(c);
    if (!kept && out.back() != ' ') out += ' ';
  }
  if (out.back() != ' ') out += ' ';
  return out;
}

template <std::size_t N>
bool has_any(const std::string& in, const std::array<std::string_view, N>& phrases) {
  return std::any_of(phrases.begin(), phrases.end(),
                     [&](std::string_view phrase) { return in.find(phrase) != std::string::npos; });
}

// "[Insert ABN]", "<ABN>", "(not shown)", "{total}": a place for a value, not a value.
bool is_placeholder(std::string_view value) {
  if (value.size() < 2) return false;
  const char first = value.front(), last = value.back();
  if ((first == '[' && last == ']') || (first == '<' && last == '>') || (first == '{' && last == '}')) return true;
  const bool drawn = value.find_first_not_of("XxDMYHSdmyhs#*?_-./: $,") == std::string_view::npos;
  const std::size_t marks = static_cast<std::size_t>(
      std::count_if(value.begin(), value.end(), [](char c) { return c == 'X' || c == 'x' || c == '#' || c == '_'; }));
  if (drawn && marks >= 2) return true;
  const std::string form = rules::lower(value);
  return form == "dd/mm/yyyy" || form == "dd-mm-yyyy" || form == "yyyy-mm-dd" || form == "hh:mm" ||
         form == "hh:mm:ss" || form == "mm/dd/yyyy" || form == "dd/mm/yy";
}

}  // namespace

std::optional<Span> find_value(ValueForm form, std::string_view text, std::size_t from, bool loose) {
  if (from >= text.size()) return std::nullopt;
  switch (form) {
    case ValueForm::kMoney:
      return find_money(text, from, loose);
    case ValueForm::kRate:
    case ValueForm::kCount:
      return find_number(text, from);
    case ValueForm::kAbn:
      return find_abn(text, from);
    case ValueForm::kDate:
      return find_date(text, from);
    case ValueForm::kTime:
      return find_time(text, from);
    case ValueForm::kText:
    case ValueForm::kDocumentType:
    case ValueForm::kYesNo: {
      const Span all = strip_marks(text, {from, text.size()});
      if (all.empty()) return std::nullopt;
      return all;
    }
  }
  return std::nullopt;
}

bool says_absent(std::string_view value) {
  const Span bare = strip_marks(value, {0, value.size()});
  value = value.substr(bare.begin, bare.end - bare.begin);
  if (value.empty() || is_placeholder(value)) return true;
  const std::string text = framed(value);
  constexpr std::array<std::string_view, 26> kWhole = {
      " ",           " not found ",  " none ",      " n a ",      " na ",         " null ",   " nil ",
      " unknown ",   " not ",        " missing ",   " blank ",    " empty ",      " no ",     " unclear ",
      " illegible ", " unreadable ", " undefined ", " tbd ",      " none found ", " absent ", " unavailable ",
      " nan ",       " invisible ",  " redacted ",  " no value ", " not_found "};
  if (std::find(kWhole.begin(), kWhole.end(), text) != kWhole.end()) return true;
  constexpr std::array<std::string_view, 30> kStart = {
      " not found ",     " not available ", " not applicable ", " not provided ",  " not specified ",
      " not visible ",   " not shown ",     " not listed ",     " not printed ",   " not present ",
      " not stated ",    " not given ",     " not legible ",    " not readable ",  " not clear ",
      " not mentioned ", " not included ",  " not displayed ",  " not indicated ", " not explicitly ",
      " not clearly ",   " unable to ",     " cannot ",         " cant ",          " could not ",
      " i cannot ",      " i dont ",        " there is no ",    " there are no ",  " n a "};
  for (const std::string_view start : kStart) {
    if (text.starts_with(start)) return true;
  }
  constexpr std::array<std::string_view, 16> kNo = {" no abn ",      " no gst ",         " no date ",     " no time ",
                                                    " no total ",    " no name ",        " no number ",   " no value ",
                                                    " no invoice ",  " no information ", " no address ",  " no due ",
                                                    " no customer ", " no buyer ",       " no subtotal ", " no data "};
  for (const std::string_view start : kNo) {
    if (text.starts_with(start)) return true;
  }
  constexpr std::array<std::string_view, 12> kInside = {" is not visible ",  " is not printed ", " is not shown ",
                                                        " is not provided ", " is not present ", " is not specified ",
                                                        " is not listed ",   " is not legible ", " not be determined ",
                                                        " not be found ",    " does not show ",  " isnt visible "};
  return has_any(text, kInside);
}

bool says_doubt(std::string_view text) {
  constexpr std::array<std::string_view, 18> kDoubts = {
      " appears ",  " appear ",   " seems ",      " seem ",     " approximately ", " approx ",
      " about ",    " around ",   " roughly ",    " probably ", " likely ",        " may be ",
      " might be ", " could be ", " looks like ", " unclear ",  " possibly ",      " estimated "};
  return has_any(framed(text), kDoubts);
}

bool says_no(std::string_view text) {
  constexpr std::array<std::string_view, 22> kNo = {
      " no ",      " not ",    " cannot ",  " cant ",       " couldnt ",   " isnt ",   " doesnt ", " dont ",
      " without ", " unable ", " neither ", " missing ",    " absent ",    " unable ", " wasnt ",  " arent ",
      " didnt ",   " havent ", " nor ",     " unreadable ", " illegible ", " never "};
  return has_any(framed(text), kNo);
}

Span strip_marks(std::string_view text, Span span) {
  const auto mark = [](char c) {
    return rules::is_space(c) || c == '*' || c == '`' || c == '"' || c == '\'' || c == '_';
  };
  while (span.begin < span.end && mark(text[span.begin])) ++span.begin;
  while (span.begin < span.end && (mark(text[span.end - 1]) || text[span.end - 1] == ',' || text[span.end - 1] == ';'))
    --span.end;
  // Curly quotes.
  const auto curly = [&](std::size_t at) {
    return at + 3 <= span.end && (text.substr(at, 3) == "\xE2\x80\x9C" || text.substr(at, 3) == "\xE2\x80\x9D");
  };
  if (curly(span.begin)) span.begin += 3;
  if (span.end >= span.begin + 3 && curly(span.end - 3)) span.end -= 3;
  return span;
}

}  // namespace docket::fields
