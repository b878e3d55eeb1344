#include "fields/layout.h"

#include <gtest/gtest.h>

#include "fields/amounts.h"
#include "fields/rows.h"
#include "tests/fields/page_builder.h"

namespace docket::fields {
namespace {

TEST(Layout, LinesAndCellsFollowTheGaps) {
  const Layout layout = lay_out({page_of({"TOTAL           12.00", "CASH"})});
  ASSERT_EQ(layout.lines.size(), 2u);
  EXPECT_EQ(layout.lines[0].text, "TOTAL 12.00");
  EXPECT_EQ(layout.lines[0].cells.size(), 2u);
  EXPECT_EQ(layout.lines[1].cells.size(), 1u);
}

TEST(Layout, AColonSplitsAWordButNotATime) {
  const Layout layout = lay_out({page_of({"DATE:14/03/2018 TIME:16:58"})});
  ASSERT_EQ(layout.lines.size(), 1u);
  ASSERT_EQ(layout.lines[0].tokens.size(), 4u);
  EXPECT_EQ(layout.lines[0].tokens[1].text, "14/03/2018");
  EXPECT_EQ(layout.lines[0].tokens[3].text, "16:58");
}

std::vector<rules::Cents> cents_on(const std::string& line) {
  std::vector<rules::Cents> cents;
  for (const Amount& amount : find_amounts(lay_out({page_of({line})}).lines.at(0))) cents.push_back(amount.cents);
  return cents;
}

TEST(Amounts, SplitAndMarkedNumbersAreRead) {
  using V = std::vector<rules::Cents>;
  EXPECT_EQ(cents_on("TOTAL RM 33.92"), V{3392});
  EXPECT_EQ(cents_on("ADJ -RM 0.02"), V{-2});
  EXPECT_EQ(cents_on("CHANGE RM 16. 10"), V{1610});
  EXPECT_EQ(cents_on("X $ 12 .50"), V{1250});
  EXPECT_EQ(cents_on("X RM 64 13"), V{6413});
  EXPECT_EQ(cents_on("ITEM 5.90SR"), V{590});
  EXPECT_EQ(cents_on("2 X 2.50   5.00 *S"), (V{250, 500}));
  EXPECT_EQ(cents_on("TOTAL 1,234.50"), V{123450});
}

TEST(Amounts, CodesDatesAndPercentagesAreNot) {
  EXPECT_TRUE(cents_on("DATE 14.03.2018").empty());
  EXPECT_TRUE(cents_on("GST 6.00%").empty());
  EXPECT_TRUE(cents_on("9557031100236").empty());
  EXPECT_TRUE(cents_on("ABN 51 824 753 556").empty());
}

RowKind kind(const std::string& label) {
  const Layout layout = lay_out({page_of({label})});
  return kind_of(find_keywords(layout.lines.at(0), 0, layout.lines.at(0).tokens.size()));
}

TEST(RowKind, LabelsAreReadByTheirWords) {
  EXPECT_EQ(kind("TOTAL (RM)"), RowKind::kTotal);
  EXPECT_EQ(kind("TOTAL SALES (INCLUSIVE OF GST)"), RowKind::kTotal);
  EXPECT_EQ(kind("Total (INCL GST)"), RowKind::kTotal);
  EXPECT_EQ(kind("Total for 5 items:"), RowKind::kTotal);
  EXPECT_EQ(kind("GRAND TOTAL"), RowKind::kGrandTotal);
  EXPECT_EQ(kind("NETT TOTAL"), RowKind::kGrandTotal);
  EXPECT_EQ(kind("ROUNDED TOTAL"), RowKind::kRoundedTotal);
  EXPECT_EQ(kind("TOTAL AFTER ROUNDING"), RowKind::kRoundedTotal);
  EXPECT_EQ(kind("AMOUNT DUE"), RowKind::kDue);
  EXPECT_EQ(kind("SUB-TOTAL"), RowKind::kSubtotal);
  EXPECT_EQ(kind("SUBTOTAL"), RowKind::kSubtotal);
  EXPECT_EQ(kind("TOTAL SALES (EXCLUDING GST)"), RowKind::kSubtotal);
  EXPECT_EQ(kind("TOTAL GST"), RowKind::kTax);
  EXPECT_EQ(kind("GST INCLUDED IN THE TOTAL"), RowKind::kTax);
  EXPECT_EQ(kind("TOTAL QTY"), RowKind::kCount);
  EXPECT_EQ(kind("CHANGE DUE"), RowKind::kChange);
  EXPECT_EQ(kind("ROUNDING ADJUSTMENT"), RowKind::kRounding);
  EXPECT_EQ(kind("CASH OUT"), RowKind::kCashOut);
  EXPECT_EQ(kind("CARD SURCHARGE"), RowKind::kSurcharge);
  EXPECT_EQ(kind("APPLES"), RowKind::kNone);
}

TEST(RowKind, MisreadLabelsAreStillRead) {
  EXPECT_EQ(kind("T0TAL"), RowKind::kTotal);
  EXPECT_EQ(kind("TOTAI"), RowKind::kTotal);
  EXPECT_EQ(kind("GRANDTOTAL"), RowKind::kGrandTotal);
  EXPECT_EQ(kind("CHAMGE"), RowKind::kChange);
}

}  // namespace
}  // namespace docket::fields
