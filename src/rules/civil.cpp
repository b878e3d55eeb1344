#include "rules/civil.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>

#include "core/base/check.h"
#include "rules/text.h"

namespace docket::rules {
namespace {

std::chrono::year_month_day to_chrono(const Date& date) {
  return std::chrono::year(date.year) / std::chrono::month(static_cast<unsigned>(date.month)) /
         std::chrono::day(static_cast<unsigned>(date.day));
}

}  // namespace

int days_in_month(int year, int month) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  CHECK(month >= 1 && month <= 12, "month %d", month);
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return kDays[static_cast<std::size_t>(month - 1)] + (month == 2 && leap ? 1 : 0);
}

bool is_valid(const Date& date) {
  return date.year >= 1 && date.year <= 9999 && date.month >= 1 && date.month <= 12 && date.day >= 1 &&
         date.day <= days_in_month(date.year, date.month);
}

std::int64_t days_since_epoch(const Date& date) {
  CHECK(is_valid(date), "%d-%d-%d", date.year, date.month, date.day);
  return std::chrono::sys_days(to_chrono(date)).time_since_epoch().count();
}

Date from_days(std::int64_t days) {
  const std::chrono::year_month_day ymd{std::chrono::sys_days(std::chrono::days(days))};
  return {static_cast<int>(ymd.year()), static_cast<int>(static_cast<unsigned>(ymd.month())),
          static_cast<int>(static_cast<unsigned>(ymd.day()))};
}

Date add_days(const Date& date, std::int64_t days) { return from_days(days_since_epoch(date) + days); }

Date add_years(const Date& date, int years) {
  Date moved = date;
  moved.year += years;
  if (moved.day > days_in_month(moved.year, moved.month)) moved.day = days_in_month(moved.year, moved.month);
  return moved;
}

Date end_of_month(const Date& date) { return {date.year, date.month, days_in_month(date.year, date.month)}; }

Weekday weekday(const Date& date) {
  return static_cast<Weekday>(std::chrono::weekday(std::chrono::sys_days(to_chrono(date))).c_encoding());
}

std::string to_iso(const Date& date) {
  std::array<char, 48> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%04d-%02d-%02d", date.year, date.month, date.day);
  return buffer.data();
}

std::optional<Date> read_iso(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t count) {
    int value = 0;
    for (std::size_t i = at; i < at + count; ++i) {
      if (!is_digit(text[i])) return -1;
      value = value * 10 + (text[i] - '0');
    }
    return value;
  };
  const Date date{number(0, 4), number(5, 2), number(8, 2)};
  return is_valid(date) ? std::optional<Date>(date) : std::nullopt;
}

std::string format_australian(const Date& date) {
  std::array<char, 48> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%02d/%02d/%04d", date.day, date.month, date.year);
  return buffer.data();
}

Date local_today() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  return {local.tm_year + 1900, local.tm_mon + 1, local.tm_mday};
}

std::string financial_year(const Date& date) {
  const int first = date.month >= 7 ? date.year : date.year - 1;
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "FY%04d-%02d", first, (first + 1) % 100);
  return buffer.data();
}

std::string bas_quarter(const Date& date) { return "Q" + std::to_string(((date.month + 5) % 12) / 3 + 1); }

}  // namespace docket::rules
