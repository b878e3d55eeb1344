// The printed forms of a date, matched at one place in a text; date.cpp decides what the numbers mean.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "rules/civil.h"

namespace docket::rules {

enum class DateForm { kYearFirst, kCompact, kNamedMonth, kMonthNameFirst, kNumeric };

struct DateMatch {
  DateForm form = DateForm::kNumeric;
  std::size_t length = 0;  // bytes matched
  int first = 0;           // kNumeric: the first number; else the day
  int second = 0;          // kNumeric: the second number; else the month
  int year = 0;            // as printed
  bool two_digit_year = false;
  bool letters_repaired = false;
};

// The longest date form that starts exactly at `at` of ASCII text and is not part of a longer number.
std::optional<DateMatch> match_date(std::string_view text, std::size_t at);

struct WeekdayMatch {
  Weekday weekday = Weekday::kSunday;
  std::size_t length = 0;
};
// "Fri", "Friday", "Thurs" at `at`, as a whole word.
std::optional<WeekdayMatch> match_weekday(std::string_view text, std::size_t at);

}  // namespace docket::rules
