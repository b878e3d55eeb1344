#include "rules/gst.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace docket::rules {
namespace {

TEST(Gst, IsTheNearestCentToOneEleventh) {
  for (Cents amount = -200'000; amount <= 200'000; ++amount) {
    const Cents gst = gst_inclusive(amount);
    // |11 gst - amount| is at most half of 11: no other whole cent is nearer.
    EXPECT_LE(std::abs(11 * gst - amount), 5) << amount;
    EXPECT_EQ(gst_inclusive(-amount), -gst);
    EXPECT_EQ(exclusive_part(amount) + gst, amount);
  }
}

TEST(Gst, OnTopOfExclusiveRoundsHalfUp) {
  for (Cents amount = 0; amount <= 200'000; ++amount) {
    EXPECT_EQ(gst_exclusive(amount), static_cast<Cents>(std::floor(static_cast<double>(amount) / 10 + 0.5))) << amount;
    EXPECT_EQ(gst_exclusive(-amount), -gst_exclusive(amount));
    // What is added on top is what is found inside, to the cent that the first rounding moved.
    EXPECT_LE(std::abs(gst_inclusive(amount + gst_exclusive(amount)) - gst_exclusive(amount)), 1);
  }
}

TEST(Gst, TheTwoRulesDifferByNoMoreThanTheAllowance) {
  std::mt19937 random(20261124);
  bool reached = false;
  for (int round = 0; round < 200'000; ++round) {
    std::vector<Cents> lines(1 + random() % 25);
    const Cents size = round % 2 == 0 ? 50 : 20'000;
    for (auto& line : lines) line = static_cast<Cents>(random() % static_cast<unsigned>(size)) + 1;
    const Cents gap = std::abs(gst_total_invoice_rule(lines) - gst_taxable_supply_rule(lines));
    const Cents allow = gst_allowed_gap(static_cast<int>(lines.size()), 1'000);
    ASSERT_LE(gap, allow) << lines.size() << " lines";
    reached = reached || (gap > 1 && gap == allow);
  }
  EXPECT_TRUE(reached) << "a looser bound would pass as well";
}

TEST(Gst, AllowanceByLineCountAndCap) {
  EXPECT_EQ(gst_allowed_gap(std::nullopt), 2);
  EXPECT_EQ(gst_allowed_gap(0), 1);
  EXPECT_EQ(gst_allowed_gap(1), 1);
  EXPECT_EQ(gst_allowed_gap(100), 5);
  EXPECT_EQ(gst_allowed_gap(100, 100), 45);
}

GstVerdict verdict(const GstInput& input) { return check_gst(input).verdict; }

TEST(GstCheck, WithoutLineFlags) {
  EXPECT_EQ(verdict({.printed = 2000, .total = 22000, .taxable = {}, .taxable_lines = {}}), GstVerdict::kExact);
  EXPECT_EQ(verdict({.printed = 2002, .total = 22000, .taxable = {}, .taxable_lines = {}}),
            GstVerdict::kWithinRounding);
  EXPECT_EQ(verdict({.printed = 1998, .total = 22000, .taxable = {}, .taxable_lines = {}}),
            GstVerdict::kWithinRounding);
  EXPECT_EQ(verdict({.printed = 2003, .total = 22000, .taxable = {}, .taxable_lines = {}}), GstVerdict::kExceeds);
  EXPECT_EQ(verdict({.printed = 1997, .total = 22000, .taxable = {}, .taxable_lines = {}}),
            GstVerdict::kMixedSuspected);
  EXPECT_EQ(verdict({.printed = 0, .total = 22000, .taxable = {}, .taxable_lines = {}}), GstVerdict::kZeroUnexplained);
  EXPECT_EQ(verdict({.printed = -2000, .total = -22000, .taxable = {}, .taxable_lines = {}}), GstVerdict::kExact)
      << "a refund";
  const auto mixed = check_gst({.printed = 1000, .total = 22000, .taxable = {}, .taxable_lines = {}});
  EXPECT_EQ(mixed.implied_taxable, 11000);
}

TEST(GstCheck, WithLineFlags) {
  EXPECT_EQ(verdict({.printed = 257, .total = 3560, .taxable = 2825, .taxable_lines = 6}), GstVerdict::kExact);
  EXPECT_EQ(verdict({.printed = 260, .total = 3560, .taxable = 2825, .taxable_lines = 6}), GstVerdict::kWithinRounding);
  EXPECT_EQ(verdict({.printed = 261, .total = 3560, .taxable = 2825, .taxable_lines = 6}),
            GstVerdict::kDiffersFromLines);
  EXPECT_EQ(verdict({.printed = 356, .total = 3560, .taxable = 2825, .taxable_lines = 6}), GstVerdict::kExceeds);
  EXPECT_EQ(verdict({.printed = 0, .total = 3560, .taxable = 0, .taxable_lines = 0, .all_lines_free = true}),
            GstVerdict::kAllFree);
  EXPECT_EQ(verdict({.printed = 0, .total = 3560, .taxable = 2825, .taxable_lines = 6}), GstVerdict::kZeroUnexplained);
}

TEST(GstCheck, AnyPrintedAmountOfLinesRoundedEitherWayPasses) {
  std::mt19937 random(5);
  for (int round = 0; round < 20'000; ++round) {
    std::vector<Cents> lines(1 + random() % 10);
    Cents total = 0;
    for (auto& line : lines) total += line = static_cast<Cents>(random() % 20'000) + 6;
    const int count = static_cast<int>(lines.size());
    for (const Cents printed : {gst_total_invoice_rule(lines), gst_taxable_supply_rule(lines)}) {
      if (printed == 0) continue;
      EXPECT_TRUE(gst_passes(verdict({.printed = printed, .total = total, .taxable = total, .taxable_lines = count})));
    }
  }
}

TEST(PricesIncludeGst, BySubtotal) {
  EXPECT_EQ(prices_include_gst(10000, 1000, 11000), false);
  EXPECT_EQ(prices_include_gst(11000, 1000, 11000), true);
  EXPECT_EQ(prices_include_gst(10500, 1000, 11000), std::nullopt);
  EXPECT_EQ(prices_include_gst(11000, 0, 11000), std::nullopt);
}

TEST(CashRounding, IsTheNearestFiveCents) {
  for (Cents amount = -1000; amount <= 1000; ++amount) {
    EXPECT_EQ(round_cash(amount) % 5, 0);
    EXPECT_LE(std::abs(round_cash(amount) - amount), 2);
    EXPECT_EQ(round_cash(-amount), -round_cash(amount));
  }
}

TEST(Band, TheTaxablePartDecidesBelowAThousand) {
  EXPECT_EQ(band_of(20000, 8250), Band::kA);
  EXPECT_EQ(band_of(20000, 8251), Band::kB);
  EXPECT_EQ(band_of(100000, 0), Band::kC);
  EXPECT_EQ(band_of(-100000), Band::kC) << "a credit note by its absolute value";
}

}  // namespace
}  // namespace docket::rules
