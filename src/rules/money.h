// Money as whole cents, and rates (unit prices, quantities) as ten-thousandths. Never doubles.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rules/text.h"

namespace docket::rules {

using Cents = std::int64_t;
inline constexpr Cents kMostCents = 99'999'999'999;  // 999,999,999.99: a longer number is an id, not a price

struct Money {
  std::optional<Cents> cents;
  std::string currency;  // ISO 4217 when printed ("A$", "AUD", "NZ$", ...); empty for a bare "$" or none
  Flags flags;           // comma_as_point, space_as_point, dot_thousands, european, letters_repaired, one_decimal,
                         // letter_as_dollar; without cents: not_money, too_many_decimals, out_of_range
};

// One amount: [sign][currency][digits][separators][decimals][sign|CR|DR], or in parentheses. Negative: a minus before
// or behind, parentheses, CR. Phone, ABN, barcode, BSB and date shapes are not money.
Money parse_money(std::string_view text);

std::string format_cents(Cents cents);          // "-1234.50"
std::string format_cents_display(Cents cents);  // "-$1,234.50"

// The exact reverse of format_cents: "-?[0-9]+.[0-9]{2}", nothing else.
std::optional<Cents> read_cents(std::string_view text);

// Ten-thousandths: "1.8790" -> 18790, "2" -> 20000. At most 4 decimals (too_many_decimals), currency and a trailing
// unit ("/L", "c/L", "ea", "kg", "each") allowed; "187.9 c/L" is cents and gives 18790.
Parsed<std::int64_t> parse_rate(std::string_view text);
std::string format_rate(std::int64_t e4);  // shortest form with at least 0 decimals: 18790 -> "1.879", 20000 -> "2"

// quantity (e4) times unit price (e4) in cents, rounded half away from zero. nullopt on overflow.
std::optional<Cents> extended_price(std::int64_t quantity_e4, std::int64_t unit_price_e4);

}  // namespace docket::rules
