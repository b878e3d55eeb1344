#include "rules/money.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace docket::rules {
namespace {

struct Currency {
  std::string_view printed;  // lower case
  std::string_view code;
};
// Longest first, so that "aud$" is not read as "aud".
constexpr std::array<Currency, 22> kCurrencies = {
    {{"aud$", "AUD"},     {"nzd$", "NZD"},         {"usd$", "USD"},     {"aud", "AUD"}, {"nzd", "NZD"}, {"usd", "USD"},
     {"sgd", "SGD"},      {"myr", "MYR"},          {"gbp", "GBP"},      {"eur", "EUR"}, {"cad", "CAD"}, {"hkd", "HKD"},
     {"au$", "AUD"},      {"nz$", "NZD"},          {"us$", "USD"},      {"a$", "AUD"},  {"s$", "SGD"},  {"rm", "MYR"},
     {"\xC2\xA3", "GBP"}, {"\xE2\x82\xAC", "EUR"}, {"\xC2\xA5", "JPY"}, {"$", ""}}};

// Sign, currency and parentheses taken off both ends; what is left is digits and separators.
struct Core {
  std::string_view text;
  bool negative = false;
  bool has_currency = false;
  std::string currency;
  Flags flags;
};

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (text.size() < prefix.size() || lower(text.substr(0, prefix.size())) != prefix) return false;
  text = trim(text.substr(prefix.size()));
  return true;
}

bool take_suffix(std::string_view& text, std::string_view suffix) {
  if (text.size() < suffix.size() || lower(text.substr(text.size() - suffix.size())) != suffix) return false;
  text = trim(text.substr(0, text.size() - suffix.size()));
  return true;
}

bool take_currency(Core& core, bool front) {
  for (const auto& [printed, code] : kCurrencies) {
    if (!(front ? take_prefix(core.text, printed) : take_suffix(core.text, printed))) continue;
    core.has_currency = true;
    if (core.currency.empty()) core.currency = code;
    return true;
  }
  return false;
}

bool take_sign(Core& core) {
  if (take_prefix(core.text, "+")) return true;
  if (!take_prefix(core.text, "-")) return false;
  core.negative = true;
  return true;
}

Core strip(std::string_view text) {
  Core core{.text = trim(text), .currency = {}, .flags = {}};
  if (take_suffix(core.text, "cr") || take_suffix(core.text, "-")) {
    core.negative = true;
  } else {
    take_suffix(core.text, "dr");
  }
  if (core.text.size() > 2 && core.text.front() == '(' && core.text.back() == ')') {
    core.negative = true;
    core.text = trim(core.text.substr(1, core.text.size() - 2));
  }
  take_sign(core);
  if (take_currency(core, true)) {
    take_sign(core);
    if (core.currency.empty()) take_currency(core, true);  // "$AUD 12.00"
  }
  take_currency(core, false);
  // A thermal printer's "$" is read as "S" far more often than a leading 5 is.
  if (!core.has_currency && core.text.size() > 1 && core.text[0] == 'S' && is_digit(core.text[1])) {
    core.text.remove_prefix(1);
    core.has_currency = true;
    core.flags.emplace_back("letter_as_dollar");
  }
  return core;
}

// Letters become digits only where all the rest is digits, and printed digits are at least half.
bool repair_letters(std::string& text, Flags& flags) {
  std::size_t printed = 0;
  std::size_t letters = 0;
  for (char& c : text) {
    if (c == ' ' || c == '.' || c == ',') continue;
    const auto digit = digit_for(c);
    if (!digit) return false;
    (is_digit(c) ? printed : letters) += 1;
    c = *digit;
  }
  if (letters > 0) flags.emplace_back("letters_repaired");
  return printed > 0 && printed >= letters;
}

// A space beside a point or comma is a printing gap: "12 .50".
std::string close_gaps(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto mark = [&](std::size_t at) { return at < text.size() && (text[at] == '.' || text[at] == ','); };
    if (text[i] == ' ' && (mark(i + 1) || (!out.empty() && (out.back() == '.' || out.back() == ',')))) continue;
    if (text[i] == ' ' && !out.empty() && out.back() == ' ') continue;
    out.push_back(text[i]);
  }
  return out;
}

// "1,234.50" as groups {"1", "234", "50"} and separators ",.".
struct Groups {
  std::vector<std::string_view> parts;
  std::string separators;
};

Groups split(std::string_view text) {
  Groups groups;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && is_digit(text[i])) continue;
    groups.parts.push_back(text.substr(begin, i - begin));
    if (i < text.size()) groups.separators.push_back(text[i]);
    begin = i + 1;
  }
  return groups;
}

// Whether parts [0, count) are a head of 1 to 3 digits and groups of 3, all joined by `separator`.
bool thousands(const Groups& groups, std::size_t count, char separator) {
  if (groups.parts[0].empty() || groups.parts[0].size() > 3 || groups.parts[0][0] == '0') return false;
  for (std::size_t i = 1; i < count; ++i) {
    if (groups.separators[i - 1] != separator || groups.parts[i].size() != 3) return false;
  }
  return true;
}

struct Number {
  std::string whole;
  std::string decimals;
  bool space_groups = false;
};

std::string join(const Groups& groups, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += groups.parts[i];
  return out;
}

// The shapes of spec 5, tried on the groups. nullopt: no such shape (a flag says which kind of failure).
std::optional<Number> read_number(const Groups& groups, Flags& flags) {
  const std::size_t n = groups.parts.size();
  const std::string_view last = groups.parts.back();
  for (std::size_t i = 1; i < n; ++i) {
    if (groups.parts[i].empty()) return std::nullopt;
  }
  if (n == 1) return Number{std::string(groups.parts[0]), {}, false};
  const char final_separator = groups.separators.back();
  const std::size_t head = n - 1;
  const bool plain_head = head == 1;
  if (final_separator == '.') {
    const char grouping = head > 1 ? groups.separators[0] : ',';
    if (plain_head || (grouping != '.' && thousands(groups, head, grouping))) {
      if (last.size() > 2) {
        flags.emplace_back("too_many_decimals");
        return std::nullopt;
      }
      if (last.size() == 1) flags.emplace_back("one_decimal");
      return Number{join(groups, head), std::string(last), grouping == ' '};
    }
    if (!thousands(groups, head, '.')) return std::nullopt;
    if (last.size() != 2 && last.size() != 3) return std::nullopt;
    flags.emplace_back("dot_thousands");
    return last.size() == 2 ? Number{join(groups, head), std::string(last), false} : Number{join(groups, n), {}, false};
  }
  if (thousands(groups, n, final_separator)) return Number{join(groups, n), {}, final_separator == ' '};
  if (last.size() != 2 || groups.parts[0].empty()) return std::nullopt;
  if (final_separator == ',') {
    if (!plain_head && thousands(groups, head, '.')) {
      flags.emplace_back("european");
    } else if (plain_head || thousands(groups, head, ',')) {
      flags.emplace_back("comma_as_point");
    } else {
      return std::nullopt;
    }
    return Number{join(groups, head), std::string(last), false};
  }
  if (!plain_head && !thousands(groups, head, ',')) return std::nullopt;
  flags.emplace_back("space_as_point");
  return Number{join(groups, head), std::string(last), false};
}

// Ids printed in groups or as one run: ABN, ACN, phone, barcode, a date without separators.
bool looks_like_id(const Number& number, bool has_currency) {
  if (!number.decimals.empty()) return number.whole.size() > 1 && number.whole.starts_with("00");
  if (number.whole.size() > 1 && number.whole.front() == '0') return true;
  return !has_currency && number.whole.size() >= (number.space_groups ? std::size_t{9} : std::size_t{8});
}

Cents value_of(const Number& number) {
  Cents cents = 0;
  for (const char c : number.whole) cents = cents * 10 + (c - '0');
  std::string decimals = number.decimals;
  decimals.resize(2, '0');
  return cents * 100 + (decimals[0] - '0') * 10 + (decimals[1] - '0');
}

}  // namespace

Money parse_money(std::string_view text) {
  const std::string ascii = plain(text);
  Core core = strip(ascii);
  Money money{.cents = std::nullopt, .currency = std::move(core.currency), .flags = std::move(core.flags)};
  const auto fail = [&](const char* why) {
    if (money.flags.empty() || money.flags.back() != "too_many_decimals") money.flags.emplace_back(why);
    return money;
  };
  std::string digits(core.text);
  if (digits.empty() || digits.size() > 40 || !repair_letters(digits, money.flags)) return fail("not_money");
  const std::string closed = close_gaps(digits);
  const auto number = read_number(split(closed), money.flags);
  if (!number || looks_like_id(*number, core.has_currency)) return fail("not_money");
  if (number->whole.size() > 9) return fail("out_of_range");
  money.cents = core.negative ? -value_of(*number) : value_of(*number);
  return money;
}

std::string format_cents(Cents cents) {
  const auto magnitude = cents < 0 ? 0 - static_cast<std::uint64_t>(cents) : static_cast<std::uint64_t>(cents);
  std::string out = cents < 0 ? "-" : "";
  out += std::to_string(magnitude / 100);
  out += '.';
  out += static_cast<char>('0' + magnitude / 10 % 10);
  out += static_cast<char>('0' + magnitude % 10);
  return out;
}

std::string format_cents_display(Cents cents) {
  std::string digits = format_cents(cents);
  const std::size_t start = cents < 0 ? 1 : 0;
  for (std::size_t at = digits.size() - 3; at > start + 3; at -= 3) digits.insert(at - 3, 1, ',');
  digits.insert(start, 1, '$');
  return digits;
}

std::optional<Cents> read_cents(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.size() < 4 || text.size() > 19 || text[text.size() - 3] != '.') return std::nullopt;
  Cents cents = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == text.size() - 3) continue;
    if (!is_digit(text[i])) return std::nullopt;
    cents = cents * 10 + (text[i] - '0');
  }
  return negative ? -cents : cents;
}

}  // namespace docket::rules
