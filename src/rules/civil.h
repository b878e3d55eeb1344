// Civil dates: proleptic Gregorian, no time zone. Arithmetic only; reading them from print is date.h.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace docket::rules {

struct Date {
  int year = 1970;
  int month = 1;  // 1..12
  int day = 1;    // 1..31
  friend auto operator<=>(const Date&, const Date&) = default;
};

enum class Weekday { kSunday, kMonday, kTuesday, kWednesday, kThursday, kFriday, kSaturday };

bool is_valid(const Date& date);  // a day that exists, years 1..9999
int days_in_month(int year, int month);
std::int64_t days_since_epoch(const Date& date);  // 1970-01-01 is 0. `date` must be valid.
Date from_days(std::int64_t days);
Date add_days(const Date& date, std::int64_t days);
Date add_years(const Date& date, int years);  // 29 February becomes 28 where the year has none
Date end_of_month(const Date& date);
Weekday weekday(const Date& date);

std::string to_iso(const Date& date);                 // "2024-03-05"
std::optional<Date> read_iso(std::string_view text);  // exactly that form, valid days only
std::string format_australian(const Date& date);      // "05/03/2024"
Date local_today();                                   // of the machine's clock and zone; only apps may call it

// 1 July to 30 June, named by both years: 2024-06-30 -> "FY2023-24".
std::string financial_year(const Date& date);
// "Q1" July-September ... "Q4" April-June.
std::string bas_quarter(const Date& date);

}  // namespace docket::rules
