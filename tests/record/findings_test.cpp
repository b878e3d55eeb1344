#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "record/typed.h"
#include "tests/record/example.h"

namespace docket::record {
namespace {

using fields::FieldId;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> ids(const Record& record) {
  std::vector<std::string> out;
  for (const auto& finding : record.findings) out.push_back(finding.id);
  return out;
}

Record build(const fields::Fields& fields, const Context& context = plain_context()) {
  return build_record(fields, context);
}

TEST(Findings, LinesThatDoNotReachTheTotal) {
  auto fields = plain_invoice();
  fields.line_items[0].amount = "29.98";
  EXPECT_THAT(ids(build(fields)), Contains("totals_identity"));
  fields.line_items[0].amount = "29.99";
  EXPECT_THAT(ids(build(fields)), Not(Contains("totals_identity"))) << "a cent is rounding";
}

TEST(Findings, LinesWithDiscountSurchargeAndExclusiveGstReachTheTotal) {
  auto fields = plain_invoice();
  fields.line_items.clear();
  fields.payments.clear();
  add_line(fields, "Labour", "100.00");
  set(fields, FieldId::kSubtotal, "100.00");
  set(fields, FieldId::kGstAmount, "10.00");
  set(fields, FieldId::kTotalAmount, "110.00");
  Record record = build(fields);
  EXPECT_TRUE(record.findings.empty());
  EXPECT_EQ(text_of(record, "prices_include_gst"), "false");
  set(fields, FieldId::kDiscountTotal, "-11.00");
  set(fields, FieldId::kSurchargeTotal, "1.50");
  set(fields, FieldId::kTotalAmount, "100.50");
  set(fields, FieldId::kGstAmount, "9.14");
  record = build(fields);
  EXPECT_THAT(ids(record), Contains("totals_identity")) << "100 - 11 + 1.50 is 90.50, and 9.14 on top 99.64";
}

// A tax that is withheld because it is no GST is still what leads from the lines and the subtotal to the total.
TEST(Findings, AForeignTaxIsInTheSums) {
  auto fields = plain_invoice();
  fields.line_items.clear();
  fields.payments.clear();
  add_line(fields, "Dinner", "12.00");
  set(fields, FieldId::kSubtotal, "12.00");
  set(fields, FieldId::kTotalAmount, "12.99");
  fields::Field& gst = fields.scalars[FieldId::kGstAmount];
  gst = unseen();
  EXPECT_THAT(ids(build(fields)), Contains("subtotal_identity"));
  gst.candidates = read_as("$0.99").candidates;
  gst.absent_reason = "foreign_tax";
  const Record record = build(fields);
  EXPECT_TRUE(record.findings.empty());
  EXPECT_FALSE(present(record, "gst_amount"));
  EXPECT_EQ(text_of(record, "prices_include_gst"), "false");
}

TEST(Findings, TendersLessChangeAreTheTotal) {
  auto fields = plain_invoice();
  fields.payments.clear();
  add_payment(fields, "cash", "50.00");
  set(fields, FieldId::kChange, "3.25");
  EXPECT_TRUE(build(fields).findings.empty());
  set(fields, FieldId::kChange, "3.20");
  EXPECT_THAT(ids(build(fields)), Contains("tenders_identity"));
}

TEST(Findings, TwoTendersAndCashOut) {
  auto fields = plain_invoice();
  fields.payments.clear();
  add_payment(fields, "eftpos", "40.00");
  add_payment(fields, "eftpos", "26.75");
  Context context = plain_context();
  EXPECT_THAT(ids(build(fields, context)), Contains("tenders_identity"));
  context.text += "\nCASH OUT $20.00";
  EXPECT_TRUE(build(fields, context).findings.empty());
}

TEST(Findings, CashRounding) {
  auto fields = plain_invoice();
  fields.payments.clear();
  set(fields, FieldId::kTotalAmount, "46.72");
  fields.line_items[1].amount = "16.72";
  set(fields, FieldId::kCashRounding, "-0.02");
  add_payment(fields, "cash", "46.70");
  EXPECT_TRUE(build(fields).findings.empty());
  fields.payments[0].method = "card";
  EXPECT_THAT(ids(build(fields)), Contains("rounding_without_cash"));
  set(fields, FieldId::kCashRounding, "-0.03");
  EXPECT_THAT(ids(build(fields)), Contains("cash_rounding_range"));
}

TEST(Findings, QuantityTimesPrice) {
  auto fields = plain_invoice();
  fields.line_items[1].quantity = "5";
  fields.line_items[1].unit_price = "3.35";
  EXPECT_TRUE(build(fields).findings.empty());
  fields.line_items[1].quantity = "4";
  EXPECT_THAT(ids(build(fields)), Contains("line_arithmetic"));
  EXPECT_THAT(find_finding(build(fields), "line_arithmetic")->message, HasSubstr("Line 2"));
}

TEST(Findings, FuelIsLitresTimesPrice) {
  auto fields = invoice_over("84.56", "7.69");
  set(fields, FieldId::kLitres, "45");
  set(fields, FieldId::kPricePerLitre, "1.879");
  EXPECT_TRUE(build(fields).findings.empty());
  set(fields, FieldId::kLitres, "44");
  EXPECT_THAT(ids(build(fields)), Contains("fuel_arithmetic"));
}

TEST(Findings, GstOfFlaggedLinesToTheCent) {
  auto fields = plain_invoice();
  fields.line_items.clear();
  fields.payments.clear();
  for (const char* amount : {"9.60", "4.50", "2.90", "3.75", "3.75", "3.75"})
    add_line(fields, "Taxable", amount, "GST");
  for (const char* amount : {"3.20", "4.15"}) add_line(fields, "Free", amount, "FRE");
  set(fields, FieldId::kTotalAmount, "35.60");
  set(fields, FieldId::kGstAmount, "2.57");
  EXPECT_TRUE(build(fields).findings.empty());
  set(fields, FieldId::kGstAmount, "2.66");
  EXPECT_THAT(ids(build(fields)), Contains("gst_differs_from_lines"));
}

TEST(Findings, ZeroGstNeedsFreeLines) {
  auto fields = invoice_over("35.00", "0.00");
  EXPECT_THAT(ids(build(fields)), Contains("gst_zero_unexplained"));
  fields.line_items[0].gst_code = "FRE";
  EXPECT_TRUE(build(fields).findings.empty());
}

TEST(Findings, SurchargeOnMixedLines) {
  auto fields = plain_invoice();
  fields.line_items.clear();
  fields.payments.clear();
  add_line(fields, "Wine", "300.00", "GST");
  add_line(fields, "Bread", "100.00", "FRE");
  set(fields, FieldId::kSurchargeTotal, "40.00");
  set(fields, FieldId::kTotalAmount, "440.00");
  set(fields, FieldId::kGstAmount, "30.00");  // of 300 + 30
  const Record record = build(fields);
  EXPECT_THAT(ids(record), ::testing::ElementsAre("surcharge_gst_assumed"));
  EXPECT_EQ(text_of(record, "taxable_total"), "330.00");
  EXPECT_EQ(text_of(record, "gst_free_total"), "110.00");
}

TEST(Findings, DatesThatDoNotFit) {
  auto fields = plain_invoice();
  set(fields, FieldId::kDueDate, "2026-03-13");
  EXPECT_THAT(ids(build(fields)), Contains("due_before_issued"));
  set(fields, FieldId::kSupplyDate, "2026-11-26");
  EXPECT_THAT(ids(build(fields)), Contains("future_supply"));
  set(fields, FieldId::kInvoiceDate, "2022-11-23");
  EXPECT_THAT(ids(build(fields)), Contains("older_than_four_years"));
  set(fields, FieldId::kInvoiceDate, "2022-11-24");
  EXPECT_THAT(ids(build(fields)), Not(Contains("older_than_four_years")));
}

TEST(Findings, AcnAndAbnOfOneCompany) {
  auto fields = plain_invoice();
  set(fields, FieldId::kSupplierAcn, "008 672 179");
  EXPECT_TRUE(build(fields).findings.empty());
  set(fields, FieldId::kSupplierAcn, "000 014 675");
  EXPECT_THAT(ids(build(fields)), Contains("acn_abn_consistent"));
}

TEST(Findings, PostcodeOfAnotherState) {
  auto fields = plain_invoice();
  set(fields, FieldId::kSupplierAddress, "1 Hardware St, Parramatta NSW 3000");
  const Record record = build(fields);
  ASSERT_NE(find_finding(record, "postcode_state"), nullptr);
  EXPECT_EQ(find_finding(record, "postcode_state")->severity, Severity::kWarning);
  EXPECT_THAT(find_finding(record, "postcode_state")->message, HasSubstr("VIC"));
}

TEST(Findings, WordsOfPayslipsAndDeclinedCards) {
  Context context = plain_context();
  context.text = "Gross 1,000.00\nPAYG withholding 200.00\nNet pay 800.00";
  EXPECT_THAT(ids(build(plain_invoice(), context)), Contains("payslip"));
  context.text = "EFTPOS\nDECLINED 51";
  EXPECT_THAT(ids(build(plain_invoice(), context)), Contains("payment_not_completed"));
}

TEST(Findings, NotesOfEarlierStagesOnce) {
  auto fields = plain_invoice();
  fields.notes = {"no_text"};
  Context context = plain_context();
  context.notes = {"no_text", "page_2_unreadable"};
  const Record record = build(fields, context);
  EXPECT_THAT(ids(record), ::testing::ElementsAre("no_text", "page_2_unreadable"));
  EXPECT_EQ(record.findings[1].message, "Noted while reading: page 2 unreadable.");
}

}  // namespace
}  // namespace docket::record
