#include <algorithm>
#include <array>
#include <string_view>

#include "fields/line_items.h"
#include "fields/text_match.h"
#include "rules/money.h"

namespace docket::fields {
namespace {

constexpr double kColumnGap = 1.3;  // in line heights

constexpr std::array<std::pair<std::string_view, std::string_view>, 18> kUnits = {{{"EA", "ea"},
                                                                                   {"EACH", "ea"},
                                                                                   {"PC", "ea"},
                                                                                   {"PCS", "ea"},
                                                                                   {"KG", "kg"},
                                                                                   {"KGS", "kg"},
                                                                                   {"G", "g"},
                                                                                   {"L", "L"},
                                                                                   {"LTR", "L"},
                                                                                   {"LITRES", "L"},
                                                                                   {"LITRE", "L"},
                                                                                   {"HR", "hr"},
                                                                                   {"HRS", "hr"},
                                                                                   {"HOUR", "hr"},
                                                                                   {"HOURS", "hr"},
                                                                                   {"M", "m"},
                                                                                   {"DAY", "day"},
                                                                                   {"DAYS", "day"}}};

std::optional<std::string> unit_of(std::string_view text) {
  const std::string folded = fold(text);
  for (const auto& [printed, unit] : kUnits) {
    if (folded == printed) return std::string(unit);
  }
  return std::nullopt;
}

bool is_number(std::string_view text) {
  if (text.empty() || text.size() > 9) return false;
  int points = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '.') {
      ++points;
    } else if (!is_digit(text[i]) && !(i == 0 && text[i] == '-')) {
      return false;
    }
  }
  return points <= 1 && is_digit(text.back());
}

// "2", "0.699", "-4"; with a unit glued to it: "2.434kg".
std::optional<std::pair<std::string, std::optional<std::string>>> quantity_of(const std::string& text) {
  std::size_t end = 0;
  while (end < text.size() && (is_digit(text[end]) || text[end] == '.' || (end == 0 && text[end] == '-'))) ++end;
  const std::string number = text.substr(0, end);
  if (!is_number(number) || number.size() > 7) return std::nullopt;
  if (end == text.size()) return std::pair{number, std::optional<std::string>{}};
  const auto unit = unit_of(text.substr(end));
  if (!unit) return std::nullopt;
  return std::pair{number, unit};
}

bool is_times(const std::string& text) { return text == "@" || fold(text) == "X" || text == "*" || fold(text) == "AT"; }

// A product code: four digits or more and hardly a letter, or a letter and digits ("F942").
bool is_item_code(const std::string& text) {
  const int digits = count_digits(text), letters = count_letters(text);
  if (static_cast<std::size_t>(digits) + static_cast<std::size_t>(letters) != text.size()) return false;
  return (digits >= 4 && letters <= 2) || (letters >= 1 && letters <= 3 && digits >= 3 && is_letter(text[0]));
}

// "x6": a count behind a code.
bool is_count(const std::string& text) {
  return text.size() >= 2 && text.size() <= 4 && (text[0] == 'x' || text[0] == 'X') && is_number(text.substr(1));
}

struct Cursor {
  const Line& line;
  std::size_t first, last;
  bool empty() const { return first >= last; }
  const std::string& front() const { return line.tokens[first].text; }
  const std::string& back() const { return line.tokens[last - 1].text; }
};

// "3 x $6.04", "12 @ 176.18 each", "Qty 12 @ $3.02": the tokens at `at` and on; returns how many were taken.
std::size_t take_product(const Line& line, std::size_t at, std::size_t last, ItemText& out) {
  const std::string& head = line.tokens[at].text;
  std::size_t i = at;
  if (fold(head) == "QTY") ++i;
  if (i >= last) return 0;
  const auto quantity = quantity_of(line.tokens[i].text);
  if (!quantity) return 0;
  std::optional<std::string> unit = quantity->second;
  ++i;
  if (i < last && !unit) {
    unit = unit_of(line.tokens[i].text);
    if (unit) ++i;
  }
  if (i >= last) return 0;
  std::string price = line.tokens[i].text;
  const bool glued = price.size() > 1 && price[0] == '@';
  if (!is_times(price) && !glued) return 0;
  if (!glued) {
    ++i;
    if (i >= last) return 0;
    price = line.tokens[i].text;
  } else {
    price.erase(0, 1);
  }
  if (fold(price) == "RM" && i + 1 < last) price = line.tokens[++i].text;
  if (i + 1 < last && fold(line.tokens[i + 1].text) == "CL") price += " c/L";
  const auto rate = rules::parse_rate(price);
  if (!rate.value) return 0;
  ++i;
  while (i < last &&
         (unit_of(line.tokens[i].text) || line.tokens[i].text.find('/') == 0 || fold(line.tokens[i].text) == "CL")) {
    ++i;
  }
  out.quantity = quantity->first;
  out.unit = unit;
  out.unit_price = rules::format_rate(*rate.value);
  return i - at;
}

}  // namespace

ItemText read_item_text(const Line& line, std::size_t first, std::size_t last) {
  ItemText out;
  Cursor at{line, first, last};
  if (!at.empty() && is_item_code(at.front())) {
    out.code = at.front();
    ++at.first;
  }
  // "2 Laundry", "0.699 Carrots": a number that words follow.
  if (at.last - at.first >= 2) {
    const auto quantity = quantity_of(at.front());
    if (quantity && !is_times(line.tokens[at.first + 1].text) && count_letters(line.tokens[at.first + 1].text) > 1 &&
        !unit_of(line.tokens[at.first + 1].text)) {
      out.quantity = quantity->first;
      out.unit = quantity->second;
      ++at.first;
    }
  }
  std::size_t end = at.last;
  for (std::size_t i = at.first; i < at.last; ++i) {
    const std::size_t taken = take_product(line, i, at.last, out);
    if (taken == 0) continue;
    end = i;
    break;
  }
  at.last = end;
  if (!out.code.empty() && at.last == at.first + 1 && is_count(at.front())) {
    out.quantity = at.front().substr(1);
    ++at.first;
  }
  // "Frame   1   0.53": a number in a column of its own behind the words is the quantity.
  if (!out.quantity && at.last - at.first >= 2 &&
      line.tokens[at.last - 1].box.x0 - line.tokens[at.last - 2].box.x1 > kColumnGap * line.height) {
    const auto quantity = quantity_of(at.back());
    const bool weight = quantity && quantity->first.find('.') != std::string::npos;
    if (quantity && quantity->first.size() <= (weight ? 6 : 4)) {
      out.quantity = quantity->first;
      out.unit = quantity->second;
      --at.last;
    }
  }
  if (!out.quantity && at.last == at.first + 1) {
    // Nothing but a number: the description stands on the line above.
    const auto quantity = quantity_of(at.front());
    if (quantity && quantity->first.size() <= 6)
      out.quantity = quantity->first, out.unit = quantity->second, ++at.first;
  }
  out.description = text_of(line, at.first, at.last);
  // A tax mark glued to the first word ("#Milk"); a loose one is the legend's to take.
  if (out.description.size() > 2 && std::string_view("#%^*+").find(out.description[0]) != std::string_view::npos &&
      is_letter(out.description[1])) {
    out.marker = out.description.substr(0, 1);
    out.description.erase(0, 1);
  }
  while (!out.description.empty() &&
         std::string_view(" -:|*#%^+").find(out.description.back()) != std::string_view::npos) {
    out.description.pop_back();
  }
  return out;
}

}  // namespace docket::fields
