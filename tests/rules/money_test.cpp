#include "rules/money.h"

#include <gtest/gtest.h>

#include <random>

namespace docket::rules {
namespace {

TEST(Money, WrittenReadIsTheSame) {
  std::mt19937_64 random(20261124);
  std::vector<Cents> amounts = {0, 1, -1, 9, 10, 99, 100, -100, kMostCents, -kMostCents};
  for (int i = 0; i < 20000; ++i) {
    const Cents bound = i % 2 == 0 ? 100'000 : kMostCents;
    amounts.push_back(static_cast<Cents>(random() % static_cast<std::uint64_t>(2 * bound + 1)) - bound);
  }
  for (const Cents amount : amounts) {
    EXPECT_EQ(read_cents(format_cents(amount)), amount);
    const auto plain_form = parse_money(format_cents(amount));
    EXPECT_EQ(plain_form.cents, amount) << format_cents(amount);
    EXPECT_TRUE(plain_form.flags.empty());
    const auto shown = parse_money(format_cents_display(amount));
    EXPECT_EQ(shown.cents, amount) << format_cents_display(amount);
    EXPECT_TRUE(shown.flags.empty());
  }
}

TEST(Money, ExtremesAreWrittenWithoutOverflow) {
  EXPECT_EQ(format_cents(INT64_MIN), "-92233720368547758.08");
  EXPECT_EQ(format_cents(INT64_MAX), "92233720368547758.07");
  EXPECT_EQ(format_cents_display(-123456789), "-$1,234,567.89");
  EXPECT_EQ(format_cents_display(5), "$0.05");
}

struct Case {
  const char* text;
  const char* cents;  // nullptr: no value
  const char* flag;   // expected among the flags; empty for none at all
};
class MoneyCase : public ::testing::TestWithParam<Case> {};

TEST_P(MoneyCase, ReadsAs) {
  const auto money = parse_money(GetParam().text);
  EXPECT_EQ(money.cents ? format_cents(*money.cents) : "null", GetParam().cents == nullptr ? "null" : GetParam().cents);
  if (*GetParam().flag == '\0') {
    EXPECT_TRUE(money.flags.empty()) << money.flags.front();
  } else {
    EXPECT_TRUE(has_flag(money.flags, GetParam().flag)) << GetParam().flag;
  }
}

INSTANTIATE_TEST_SUITE_P(Signs, MoneyCase,
                         ::testing::Values(Case{"12.00DR", "12.00", ""}, Case{"12.00 CR", "-12.00", ""},
                                           Case{"\xE2\x88\x92"
                                                "12.00",
                                                "-12.00", ""},
                                           Case{"+12.00", "12.00", ""}, Case{"( $12.00 )", "-12.00", ""},
                                           Case{"$ 1,234.50 -", "-1234.50", ""}, Case{"AUD -5.00", "-5.00", ""},
                                           Case{"RM12.00", "12.00", ""}));

INSTANTIATE_TEST_SUITE_P(
    Repairs, MoneyCase,
    ::testing::Values(Case{"1,234,56", "1234.56", "comma_as_point"}, Case{"1.234.567,89", "1234567.89", "european"},
                      Case{"1.234.567.00", "1234567.00", "dot_thousands"}, Case{"S12.50", "12.50", "letter_as_dollar"},
                      Case{"l2.5O", "12.50", "letters_repaired"}, Case{"1,234 50", "1234.50", "space_as_point"},
                      Case{".5", "0.50", "one_decimal"}, Case{"1 234 567.00", "1234567.00", ""}));

INSTANTIATE_TEST_SUITE_P(
    NotMoney, MoneyCase,
    ::testing::Values(Case{"51 824 753 556", nullptr, "not_money"}, Case{"004 189 708", nullptr, "not_money"},
                      Case{"1300 975 707", nullptr, "not_money"}, Case{"0491 570 156", nullptr, "not_money"},
                      Case{"13 00 00", nullptr, "not_money"}, Case{"(02) 5550 1234", nullptr, "not_money"},
                      Case{"062-000", nullptr, "not_money"}, Case{"9300675024235", nullptr, "not_money"},
                      Case{"20240305", nullptr, "not_money"}, Case{"14/03/2024", nullptr, "not_money"},
                      Case{"2024-03-05", nullptr, "not_money"}, Case{"4111 1111 1111 1111", nullptr, "not_money"},
                      Case{"SOS", nullptr, "not_money"}, Case{"", nullptr, "not_money"},
                      Case{"$", nullptr, "not_money"}, Case{"-", nullptr, "not_money"},
                      Case{"()", nullptr, "not_money"}, Case{"1,23,456", nullptr, "not_money"},
                      Case{"12..50", nullptr, "not_money"}, Case{"12.", nullptr, "not_money"},
                      Case{"1.234", nullptr, "too_many_decimals"}, Case{"$99999999999.00", nullptr, "out_of_range"},
                      Case{"12.50 each", nullptr, "not_money"}, Case{"5%", nullptr, "not_money"},
                      Case{"12:50", nullptr, "not_money"}));

TEST(Money, CurrencyBeforeOrBehind) {
  EXPECT_EQ(parse_money("12.00 AUD").currency, "AUD");
  EXPECT_EQ(parse_money("$12.00 AUD").currency, "AUD");
  EXPECT_EQ(parse_money("$12.00").currency, "");
  EXPECT_EQ(parse_money("US$ 1.00").currency, "USD");
  EXPECT_EQ(parse_money("\xE2\x82\xAC"
                        "1.00")
                .currency,
            "EUR");
}

TEST(Rate, UpToFourDecimals) {
  EXPECT_EQ(parse_rate("1.8790").value, 18790);
  EXPECT_EQ(parse_rate("187.9 c/L").value, 18790);
  EXPECT_EQ(parse_rate("$1.879/L").value, 18790);
  EXPECT_EQ(parse_rate("@ $3.50 each").value, 35000);
  EXPECT_EQ(parse_rate("0.325kg").value, 3250);
  EXPECT_EQ(parse_rate("1,234.5").value, 12345000);
  EXPECT_EQ(parse_rate("-2").value, -20000);
  for (const char* text : {"1.87901", "", "abc", "1.2.3", "12,34", ".", "1e3"})
    EXPECT_FALSE(parse_rate(text).value) << text;
}

TEST(Rate, WrittenReadIsTheSame) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 20000; ++i) {
    const auto e4 = static_cast<std::int64_t>(random() % 20'000'000'001) - 10'000'000'000;
    EXPECT_EQ(parse_rate(format_rate(e4)).value, e4) << format_rate(e4);
  }
}

TEST(Rate, ExtendedPriceRoundsHalfAwayFromZero) {
  EXPECT_EQ(extended_price(450000, 18790), 8456);  // 45 L at 1.879 is 84.555
  EXPECT_EQ(extended_price(-450000, 18790), -8456);
  EXPECT_EQ(extended_price(20000, 35000), 700);
  EXPECT_FALSE(extended_price(INT64_MAX, 2));
  EXPECT_FALSE(extended_price(INT64_MAX, 1));
}

}  // namespace
}  // namespace docket::rules
