// The amounts of money on a line: where a run of Tokens stops being words and reads as money.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "fields/layout.h"
#include "rules/money.h"

namespace docket::fields {

struct Amount {
  rules::Cents cents = 0;
  std::size_t first = 0, last = 0;  // Tokens [first, last), the currency mark included
  std::string currency;             // ISO 4217 when printed; empty for "$" or none
  bool has_mark = false;            // a currency mark was printed
  bool whole = false;               // no decimals were printed: weak evidence that it is money
  std::string marker;               // tax mark printed right behind it ("S", "*", "SR"), folded to upper case
  std::vector<std::string> flags;   // from rules::parse_money
};

// Left to right, not overlapping. Split numbers are joined ("RM" "16." "20", "$" "12" ".50"); percentages, quantities
// ("2 x"), dates, codes and long runs of digits are left out. Whole numbers only with a currency mark.
std::vector<Amount> find_amounts(const Line& line);

}  // namespace docket::fields
