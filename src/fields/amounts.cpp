#include "fields/amounts.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "fields/keywords.h"
#include "fields/text_match.h"

namespace docket::fields {
namespace {

constexpr double kJoinGap = 1.1;        // printed gaps inside a number stay below this many line heights
constexpr double kSpacePointGap = 0.9;  // "24 05": the point was lost, so the gap must be small

bool is_separator(char c) { return c == '.' || c == ','; }

bool is_currency_mark(std::string_view text) {
  const std::string folded = fold(text);
  if (folded.empty()) return text.find('$') != std::string_view::npos && text.size() <= 2;
  for (std::string_view mark : {"RM", "AUD", "MYR", "USD", "NZD", "SGD", "EUR", "GBP", "A", "AU", "US", "NZ", "RH"}) {
    if (folded != mark) continue;
    const bool bare_letters = mark.size() == 1 || mark == "AU" || mark == "US" || mark == "NZ";
    return !bare_letters || text.find('$') != std::string_view::npos;
  }
  return false;
}

// Drops what prints around an amount: leading colons and leaders, trailing commas and stops.
std::string trimmed(std::string_view text) {
  while (!text.empty() && std::string_view(":=*~_>'\"@;").find(text.front()) != std::string_view::npos) {
    text.remove_prefix(1);
  }
  while (!text.empty() && std::string_view(":;,.'\"").find(text.back()) != std::string_view::npos)
    text.remove_suffix(1);
  return std::string(text);
}

// Separates the tax mark behind two decimals: "5.90SR" -> "5.90" + "SR". CR, DR and a minus are signs and stay.
std::string take_marker(std::string& text) {
  std::size_t end = text.size();
  while (end > 0 && !is_digit(text[end - 1])) --end;
  std::string tail = text.substr(end);
  if (tail.empty() || tail.size() > 4 || end < 3 || !is_separator(text[end - 3])) return {};
  const std::string folded = fold(tail);
  if (folded == "CR" || folded == "DR" || tail == "-" || tail == ")") return {};
  text.resize(end);
  return folded.empty() ? tail : folded;
}

// Digits with a separator before exactly two of them at the end, letters only where they look like digits.
bool has_cents_shape(std::string_view text) {
  std::size_t end = text.size();
  while (end > 0 && (text[end - 1] == ')' || text[end - 1] == '-')) --end;
  if (end >= 2 && (text.substr(end - 2) == "CR" || text.substr(end - 2) == "DR")) end -= 2;
  if (end < 3 || !is_separator(text[end - 3])) return false;
  return is_digit(text[end - 1]) || is_digit(text[end - 2]);
}

bool plausible_digits(std::string_view text) {
  const int digits = count_digits(text);
  return digits >= 1 && digits <= 9;
}

// "1.25cm" and "1.5G" are sizes.
bool is_measure(const std::string& text) {
  std::size_t end = text.size();
  while (end > 0 && is_letter(text[end - 1])) --end;
  const std::string unit = fold(text.substr(end));
  for (std::string_view known : {"CM", "MM", "KG", "ML", "EA", "PK", "PAC", "PCS", "KM", "LTR", "GB"}) {
    if (unit == known) return true;
  }
  return false;
}

struct Reading {
  rules::Money money;
  std::string marker;
  bool whole = false;
};

std::optional<Reading> read(std::string text, bool has_mark) {
  text = trimmed(text);
  if (is_measure(text) && !has_mark) return std::nullopt;
  Reading reading;
  reading.marker = take_marker(text);
  if (!plausible_digits(text)) return std::nullopt;
  const bool cents = has_cents_shape(text);
  if (!cents) {
    // "$5", "RM 1,250", "$24 05"; a bare whole number is a quantity or a code until a label says otherwise.
    if (!has_mark && text.find('$') == std::string::npos && !(text.size() > 2 && fold(text).substr(0, 2) == "RM")) {
      return std::nullopt;
    }
    reading.whole = true;
  }
  reading.money = rules::parse_money(text);
  if (!reading.money.cents) return std::nullopt;
  if (rules::has_flag(reading.money.flags, "space_as_point")) reading.whole = false;
  return reading;
}

double gap(const Line& line, std::size_t left) { return line.tokens[left + 1].box.x0 - line.tokens[left].box.x1; }

bool all_digits(std::string_view text) { return !text.empty() && count_digits(text) == static_cast<int>(text.size()); }

// Whether `next` can be the rest of a number that `text` begins: "16." + "20", "12" + ".50", "1," + "250.00".
bool continues_number(std::string_view text, std::string_view next) {
  if (text.empty() || next.empty() || !(is_digit(text.back()) || is_separator(text.back()))) return false;
  const std::string rest = trimmed(next);
  if (is_separator(text.back())) return count_digits(rest) >= 2 && count_letters(rest) <= 2 && is_digit(rest[0]);
  return is_separator(next.front()) && next.size() >= 3 && is_digit(next[1]);
}

// "64" + "13" where the point was lost: two digits at the end of the line or behind a currency mark.
bool lost_point(const Line& line, std::size_t at, bool has_mark) {
  const std::string head = trimmed(line.tokens[at].text);
  if (at + 1 >= line.tokens.size() || !all_digits(head) || head.size() > 4) return false;
  const std::string tail = trimmed(line.tokens[at + 1].text);
  if (tail.size() != 2 || !all_digits(tail) || gap(line, at) > kSpacePointGap * line.height) return false;
  const bool ends_cell = std::any_of(line.cells.begin(), line.cells.end(),
                                     [&](const Cell& cell) { return cell.last == at + 2 && cell.first == at; });
  return has_mark || (ends_cell && at + 2 == line.tokens.size());
}

// "6.00%", "GST 6.00 %". Elsewhere a "%" of its own behind a price is a tax mark.
bool is_percentage(const Line& line, std::size_t last, bool has_mark) {
  if (line.tokens[last - 1].text.find('%') != std::string::npos) return true;
  if (has_mark || last >= line.tokens.size() || line.tokens[last].text.front() != '%') return false;
  const auto hits = find_keywords(line, 0, line.tokens.size());
  return has(hits, Keyword::kTax) || has(hits, Keyword::kSurcharge) || has(hits, Keyword::kDiscount);
}

std::optional<Amount> amount_at(const Line& line, std::size_t at) {
  std::size_t i = at;
  std::string text;
  bool has_mark = false;
  const std::string stripped = trimmed(line.tokens[at].text);
  if (is_currency_mark(stripped) || stripped == "-" || stripped == "-$") {
    if (i + 1 >= line.tokens.size() || gap(line, i) > 12 * line.height) return std::nullopt;
    has_mark = stripped != "-";
    if (stripped == "-" && gap(line, i) > 0.8 * line.height) return std::nullopt;
    text = fold(stripped) == "RH" ? "RM" : stripped;
    ++i;
  }
  if (lost_point(line, i, has_mark)) {
    text += trimmed(line.tokens[i].text) + " " + trimmed(line.tokens[i + 1].text);
    i += 2;
  } else {
    std::string number = line.tokens[i].text;
    ++i;
    while (i < line.tokens.size() && i < at + 4 && gap(line, i - 1) < kJoinGap * line.height &&
           continues_number(number, line.tokens[i].text)) {
      number += line.tokens[i].text;
      ++i;
    }
    text += trimmed(number);
  }
  auto reading = read(text, has_mark);
  if (!reading || is_percentage(line, i, has_mark || text.find('$') != std::string::npos)) return std::nullopt;
  Amount amount;
  amount.cents = *reading->money.cents;
  amount.first = at;
  amount.last = i;
  amount.currency = reading->money.currency;
  amount.has_mark = has_mark || !amount.currency.empty() || text.find('$') != std::string::npos;
  amount.whole = reading->whole;
  amount.marker = reading->marker;
  amount.flags = reading->money.flags;
  return amount;
}

// A tax mark in a Token of its own behind the amount: "15.00 ZR", "28.00 *", "4.00 S".
void take_loose_marker(const Line& line, Amount& amount) {
  if (!amount.marker.empty() || amount.last >= line.tokens.size()) return;
  const std::string& text = line.tokens[amount.last].text;
  if (text.size() > 3 || count_digits(text) > 0 || gap(line, amount.last - 1) > 2.5 * line.height) return;
  const std::string folded = fold(text);
  if (folded == "X" || folded == "EA" || folded == "KG" || folded == "RM" || text == "-" || text == "@") return;
  const bool symbol = text == "*" || text == "#" || text == "%" || text == "^" || text == "+";
  if (!symbol && (folded.empty() || folded.size() != text.size())) return;
  amount.marker = symbol ? text : folded;
}

}  // namespace

std::vector<Amount> find_amounts(const Line& line) {
  std::vector<Amount> amounts;
  for (std::size_t i = 0; i < line.tokens.size();) {
    auto amount = amount_at(line, i);
    if (!amount) {
      ++i;
      continue;
    }
    take_loose_marker(line, *amount);
    i = amount->last;
    amounts.push_back(std::move(*amount));
  }
  return amounts;
}

}  // namespace docket::fields
