// Dates as Australian documents print them. Day first, unless the numbers or American evidence say otherwise.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "rules/civil.h"
#include "rules/text.h"

namespace docket::rules {

struct DateContext {
  Date today;                        // the two-digit-year rule and `future` are relative to it; never the clock's own
  bool us_evidence = false;          // USD, "sales tax", a US state and ZIP: ambiguous dates are month first ...
  bool australian_evidence = false;  // ... unless a valid ABN, A$, an Australian postcode or state forbids it
};

// Flags, in this order when several: letters_repaired, two_digit_year, ambiguous | weekday_resolved, month_first,
// weekday_conflict, future. Without a value: not_date (no date's shape) or invalid (the shape, but no such day).
struct ReadDate {
  std::optional<Date> date;
  Flags flags;
};

// The first date in `text`, which may hold a label, a weekday and a time besides. Forms: D/M/Y with / - . or spaces,
// 4- or 2-digit year; D Mon Y, DDMONYY, "1st July 2024"; "March 5, 2024"; ISO with or without a time; YYYYMMDD.
ReadDate parse_date(std::string_view text, const DateContext& context);

// Every date in a longer text with its place: bytes [begin, end) of `plain(text)`, which for ASCII is `text` itself.
struct FoundDate {
  std::size_t begin = 0, end = 0;
  ReadDate read;
};
std::vector<FoundDate> find_dates(std::string_view text, const DateContext& context);

// More than five years before today. Kept apart from parse_date, because a date's age says nothing about its reading.
bool is_old(const Date& date, const Date& today);
// Later than tomorrow (a day's grace for time zones).
bool is_future(const Date& date, const Date& today);

// The due date that printed terms imply ("14 days", "net 30", "EOM", "30 days EOM", "7 days from invoice date").
// nullopt when the terms are not understood. Flag the result "derived".
std::optional<Date> due_date_from_terms(std::string_view terms, const Date& invoice_date);

}  // namespace docket::rules
