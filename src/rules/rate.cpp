#include <algorithm>
#include <limits>

#include "rules/money.h"

namespace docket::rules {
namespace {

constexpr std::int64_t kE4 = 10'000;

bool take_suffix(std::string_view& text, std::string_view suffix) {
  if (text.size() < suffix.size() || lower(text.substr(text.size() - suffix.size())) != suffix) return false;
  text = trim(text.substr(0, text.size() - suffix.size()));
  return true;
}

// Drops the unit behind a rate; says whether the figure is in cents.
bool take_unit(std::string_view& text) {
  for (const std::string_view cents_unit : {"c/l", "cpl", "c/kwh", "c/litre", "c"}) {
    if (take_suffix(text, cents_unit)) return true;
  }
  for (const std::string_view unit : {"/litre", "/ltr", "/l", "/kg", "/ea", "/each", "/m", "/h", "/hr", "/kwh", "each",
                                      "ea", "kg", "ltr", "l", "x"}) {
    if (take_suffix(text, unit)) break;
  }
  return false;
}

// Digits with at most one point and commas between thousands; nullopt for anything else.
struct Decimal {
  std::string whole, decimals;
};

std::optional<Decimal> read_decimal(std::string_view text) {
  Decimal out;
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  if (point != std::string_view::npos) out.decimals = text.substr(point + 1);
  if (!std::all_of(out.decimals.begin(), out.decimals.end(), is_digit)) return std::nullopt;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (is_digit(whole[i])) {
      out.whole.push_back(whole[i]);
    } else if (whole[i] != ',' || i == 0 || (whole.size() - i) % 4 != 0) {
      return std::nullopt;
    }
  }
  if (out.whole.empty() && out.decimals.empty()) return std::nullopt;
  return out;
}

}  // namespace

Parsed<std::int64_t> parse_rate(std::string_view text) {
  const std::string ascii = plain(text);
  std::string_view rest = trim(ascii);
  Parsed<std::int64_t> rate;
  const bool in_cents = take_unit(rest);
  const auto take_sign = [&] {
    if (rest.empty() || rest.front() != '-') return false;
    rest = trim(rest.substr(1));
    return true;
  };
  bool negative = take_sign();
  for (const std::string_view currency : {"aud", "a$", "au$", "$", "@"}) {
    if (rest.size() < currency.size() || lower(rest.substr(0, currency.size())) != currency) continue;
    rest = trim(rest.substr(currency.size()));
    if (currency != "@") break;
  }
  if (!rest.empty() && rest.front() == '$') rest = trim(rest.substr(1));
  negative = take_sign() || negative;
  auto decimal = read_decimal(rest);
  if (!decimal || decimal->whole.size() > 9) {
    rate.flags.emplace_back(decimal ? "out_of_range" : "not_a_rate");
    return rate;
  }
  const std::size_t most_decimals = in_cents ? 2 : 4;
  if (decimal->decimals.size() > most_decimals) {
    rate.flags.emplace_back("too_many_decimals");
    return rate;
  }
  decimal->decimals.resize(most_decimals, '0');
  std::int64_t value = 0;
  for (const char c : decimal->whole + decimal->decimals) value = value * 10 + (c - '0');
  rate.value = negative ? -value : value;
  if (in_cents) rate.flags.emplace_back("from_cents");
  return rate;
}

std::string format_rate(std::int64_t e4) {
  const auto magnitude = e4 < 0 ? 0 - static_cast<std::uint64_t>(e4) : static_cast<std::uint64_t>(e4);
  std::string decimals = std::to_string(10'000 + magnitude % 10'000).substr(1);
  while (!decimals.empty() && decimals.back() == '0') decimals.pop_back();
  std::string out = (e4 < 0 ? "-" : "") + std::to_string(magnitude / 10'000);
  return decimals.empty() ? out : out + "." + decimals;
}

std::optional<Cents> extended_price(std::int64_t quantity_e4, std::int64_t unit_price_e4) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(quantity_e4, unit_price_e4, &product)) return std::nullopt;
  // e4 * e4 = e8; a cent is e6.
  constexpr std::int64_t kPerCent = kE4 * 100;
  const std::int64_t half = product < 0 ? -kPerCent / 2 : kPerCent / 2;
  if (product > std::numeric_limits<std::int64_t>::max() - kPerCent ||
      product < std::numeric_limits<std::int64_t>::min() + kPerCent) {
    return std::nullopt;
  }
  return (product + half) / kPerCent;
}

}  // namespace docket::rules
