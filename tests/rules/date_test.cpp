#include "rules/date.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>

#include "rules/time_of_day.h"

namespace docket::rules {
namespace {

constexpr Date kToday{2026, 11, 24};
constexpr DateContext kContext{.today = kToday};

std::string read(const std::string& text, const DateContext& context = kContext) {
  const auto date = parse_date(text, context);
  return date.date ? to_iso(*date.date) : date.flags.front();
}

template <typename... Values>
std::string text(const char* format, Values... values) {
  std::array<char, 64> buffer{};
  std::snprintf(buffer.data(), buffer.size(), format, values...);
  return buffer.data();
}

TEST(Civil, EveryDayOfTwoCenturiesRoundTrips) {
  Date date{1900, 1, 1};
  // A Monday, by the almanac.
  int day_of_week = 1;
  for (std::int64_t days = days_since_epoch(date); date.year <= 2100; ++days) {
    ASSERT_EQ(from_days(days), date);
    ASSERT_EQ(days_since_epoch(date), days);
    ASSERT_EQ(read_iso(to_iso(date)), date);
    ASSERT_EQ(static_cast<int>(weekday(date)), day_of_week);
    day_of_week = (day_of_week + 1) % 7;
    // Counting by the calendar's own rule, not by days_in_month.
    static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = date.year % 4 == 0 && (date.year % 100 != 0 || date.year == 2000);
    const int last = kDays[date.month - 1] + (date.month == 2 && leap ? 1 : 0);
    if (++date.day > last) {
      date.day = 1;
      if (++date.month > 12) {
        date.month = 1;
        ++date.year;
      }
    }
  }
}

TEST(Date, EveryFormOfEveryDayReadsBack) {
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  static constexpr const char* kWeekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  for (Date date{2000, 1, 1}; date.year < 2027; date = add_days(date, 3)) {
    const std::string iso = to_iso(date);
    const char* month = kMonths[date.month - 1];
    const char* day_name = kWeekdays[static_cast<int>(weekday(date))];
    for (const std::string& printed :
         {text("%02d/%02d/%d", date.day, date.month, date.year), text("%d-%d-%d", date.day, date.month, date.year),
          text("%02d.%02d.%02d", date.day, date.month, date.year % 100),
          text("%d %d %d", date.day, date.month, date.year), text("%d %s %d", date.day, month, date.year),
          text("%02d%s%02d", date.day, month, date.year % 100), text("%s %d, %d", month, date.day, date.year),
          text("%d-%s-%02d", date.day, month, date.year % 100), iso, iso + "T10:11:12Z",
          text("%04d%02d%02d", date.year, date.month, date.day),
          text("%s %02d/%02d/%d 3:04 PM", day_name, date.day, date.month, date.year),
          text("DATE:%02d/%02d/%02d TIME:12:30", date.day, date.month, date.year % 100)}) {
      ASSERT_EQ(read(printed), iso) << printed;
    }
  }
}

TEST(Date, TwoDigitYearsLookOneYearAhead) {
  EXPECT_EQ(read("25/12/27"), "2027-12-25");
  EXPECT_EQ(read("25/12/28"), "1928-12-25");
  EXPECT_EQ(read("25/12/28", {.today = {2027, 1, 1}}), "2028-12-25");
}

TEST(Date, AustralianEvidenceForbidsTheAmericanReading) {
  EXPECT_EQ(read("03/05/2024", {.today = kToday, .us_evidence = true}), "2024-03-05");
  EXPECT_EQ(read("03/05/2024", {.today = kToday, .us_evidence = true, .australian_evidence = true}), "2024-05-03");
  EXPECT_EQ(read("03/05/2024"), "2024-05-03");
}

TEST(Date, OtherNumbersAreNoDates) {
  for (const char* other : {"51 824 753 556", "0491 570 156", "13 00 00", "1300 975 707", "12.50", "9300675024235", "",
                            "12/5", "Qty 2 @ 3.50", "062-000", "1.2.3.4", "99999999", "4111 1111 1111 1111",
                            "10.0.0.10", "12 34 56", "May the 4th"}) {
    EXPECT_EQ(read(other), "not_date") << other;
  }
}

TEST(Date, ImpossibleDaysAreNeverMoved) {
  for (const char* wrong : {"31/04/2024", "30 Feb 2024", "2023-02-29", "00/01/2024", "29 Feb 2023", "31 June 2024"}) {
    EXPECT_EQ(read(wrong), "invalid") << wrong;
  }
}

TEST(Date, FindsEachDateWithItsPlace) {
  const std::string line = "Invoice 14/03/2024 due 28 Mar 2024";
  const auto found = find_dates(line, kContext);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(line.substr(found[0].begin, found[0].end - found[0].begin), "14/03/2024");
  EXPECT_EQ(line.substr(found[1].begin, found[1].end - found[1].begin), "28 Mar 2024");
}

TEST(Date, AgeAndFuture) {
  EXPECT_FALSE(is_old({2021, 11, 24}, kToday));
  EXPECT_TRUE(is_old({2021, 11, 23}, kToday));
  EXPECT_FALSE(is_future({2026, 11, 25}, kToday));
  EXPECT_TRUE(is_future({2026, 11, 26}, kToday));
  EXPECT_EQ(add_years({2024, 2, 29}, -1), (Date{2023, 2, 28}));
}

TEST(Date, DueDateFromTerms) {
  const Date issued{2026, 3, 14};
  EXPECT_EQ(due_date_from_terms("Terms: 14 days", issued), (Date{2026, 3, 28}));
  EXPECT_EQ(due_date_from_terms("Net 30", issued), (Date{2026, 4, 13}));
  EXPECT_EQ(due_date_from_terms("EOM", issued), (Date{2026, 3, 31}));
  EXPECT_EQ(due_date_from_terms("30 days EOM", issued), (Date{2026, 4, 30}));
  EXPECT_EQ(due_date_from_terms("Payment due on receipt", issued), issued);
  EXPECT_FALSE(due_date_from_terms("as agreed", issued));
}

TEST(FinancialYear, TurnsOnTheFirstOfJuly) {
  EXPECT_EQ(financial_year({2024, 6, 30}), "FY2023-24");
  EXPECT_EQ(financial_year({2024, 7, 1}), "FY2024-25");
  EXPECT_EQ(financial_year({1999, 7, 1}), "FY1999-00");
  const char* quarters[] = {"Q3", "Q3", "Q3", "Q4", "Q4", "Q4", "Q1", "Q1", "Q1", "Q2", "Q2", "Q2"};
  for (int month = 1; month <= 12; ++month) EXPECT_EQ(bas_quarter({2024, month, 1}), quarters[month - 1]);
}

TEST(Time, EveryMinuteInEveryForm) {
  for (int hour = 0; hour < 24; ++hour) {
    for (int minute = 0; minute < 60; ++minute) {
      const std::string wanted = text("%02d:%02d:00", hour, minute);
      const int half = hour % 12 == 0 ? 12 : hour % 12;
      for (const std::string& printed :
           {text("%02d:%02d", hour, minute), text("%d:%02d:00", hour, minute), text("%d.%02d", hour, minute),
            text("%d:%02d %s", half, minute, hour < 12 ? "AM" : "pm"),
            text("%d.%02d%s", half, minute, hour < 12 ? "a.m." : "p.m."), text("14/03/2024 %02d:%02d:00", hour, minute),
            text("2024-03-14T%02d:%02d:00+10:00", hour, minute)}) {
        const auto time = parse_time(printed);
        ASSERT_TRUE(time.value) << printed;
        ASSERT_EQ(format_time(*time.value), wanted) << printed;
      }
    }
  }
}

TEST(Time, OtherNumbersAreNoTimes) {
  for (const char* other :
       {"24:00", "25:10", "12:60", "12:30:61", "", "Total 12.50", "13:00 AM", "0:30 am", "1:5", "99"}) {
    EXPECT_FALSE(parse_time(other).value) << other;
  }
}

}  // namespace
}  // namespace docket::rules
