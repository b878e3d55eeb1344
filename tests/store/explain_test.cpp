#include "store/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "record/typed.h"
#include "tests/record/example.h"

namespace docket::store {
namespace {

using fields::FieldId;
using ::testing::HasSubstr;
using ::testing::Not;

record::Record disputed() {
  auto fields = record::invoice_over("1100.00", "100.00");
  fields::Why& why = fields.scalars.at(FieldId::kTotalAmount).why;
  why.by = fields::SettledBy::kScore;
  why.readings = {{"1100.00", {fields::Reader::kOcr, 2, {10, 20, 110, 40}, "$1,100.00", 0.9, "TOTAL"}, 0.91},
                  {"110.00", {fields::Reader::kVlm, 1, {}, "110.00", 0.7, "", "all.general@1 nano"}, 0.4}};
  why.reasons = {{"total.kind_total", 3.6}, {"vlm.unseen", -6}};
  why.rival = "110.00";
  why.margin = std::log(20.0);
  why.changes = {{"total.kind_total", "110.00"}, {"vlm.unseen", std::nullopt}};
  return build_record(fields, record::plain_context());
}

TEST(Explain, SaysWhoReadWhatAndWhyAndWhatWouldChangeIt) {
  const std::string text = explain(disputed(), "total_amount");
  EXPECT_THAT(text, HasSubstr("total_amount: 1100.00, 95 % sure\n"));
  EXPECT_THAT(text,
              HasSubstr("OCR read 1100.00, as \"$1,100.00\" beside \"TOTAL\" on page 2; alone it would be 91 % sure."));
  EXPECT_THAT(text, HasSubstr("The model (all.general@1 nano) read 110.00 on page 1; alone it would be 40 % sure."));
  EXPECT_THAT(text, HasSubstr("For it: it stands beside the words for a total (+3.6).\n"));
  EXPECT_THAT(text, HasSubstr("Against it: OCR saw no words like it (-6.0).\n"));
  EXPECT_THAT(text, HasSubstr("Next best: 110.00, 20 times less likely.\n"));
  EXPECT_THAT(text, HasSubstr("It would be 110.00 without this: it stands beside the words for a total.\n"));
  EXPECT_THAT(text, HasSubstr("It would be not found without this: OCR saw no words like it.\n"));
  EXPECT_THAT(text, Not(HasSubstr("supplier")));
}

TEST(Explain, EveryFieldOrThatNobodySawIt) {
  const std::string text = explain(disputed());
  EXPECT_THAT(text, HasSubstr("receipts/a.jpg\nVerdict: "));
  EXPECT_THAT(text, HasSubstr("\nsupplier_abn: 26008672179, "));
  EXPECT_THAT(text, HasSubstr("\nNobody saw: "));
  EXPECT_THAT(explain(disputed(), "buyer_abn"), HasSubstr("buyer_abn: not found: nobody saw a value\n"));
  EXPECT_THAT(explain(disputed(), "financial_year"), HasSubstr("Worked out from other fields"));
}

TEST(Explain, AForeignTaxSaysWhyItIsNoGst) {
  auto fields = record::invoice_over("1100.00", "100.00");
  fields::Field& gst = fields.scalars.at(FieldId::kGstAmount);
  gst.chosen.reset();
  gst.absent_reason = "foreign_tax";
  gst.why.readings = {{"0.99", {fields::Reader::kOcr, 1, {}, "0.99", 0.9, "SALES TAX"}, 0.9}};
  gst.why.reasons = {{"money.gst", 2.5}};
  const std::string text = explain(build_record(fields, record::plain_context()), "gst_amount");
  EXPECT_THAT(text, HasSubstr("gst_amount: not found: the paper is of another country and nowhere says GST"));
  EXPECT_THAT(text, HasSubstr("OCR read 0.99 beside \"SALES TAX\" on page 1"));
  EXPECT_THAT(text, Not(HasSubstr("would change")));
}

TEST(Explain, WhatIsRedactedStaysSo) {
  auto fields = record::plain_invoice();
  record::set(fields, FieldId::kInvoiceNumber, "8234");
  fields::Why& why = fields.scalars.at(FieldId::kInvoiceNumber).why;
  why.readings = {
      {"8234 4111 1111 1111 1111", {fields::Reader::kOcr, 1, {}, "card 4111 1111 1111 1111", 0.9, ""}, 0.9}};
  why.rival = "4111111111111111";
  const std::string text = explain(build_record(fields, record::plain_context()), "invoice_number");
  EXPECT_THAT(text, Not(HasSubstr("4111 1111")));
  EXPECT_THAT(text, Not(HasSubstr("41111111")));
}

}  // namespace
}  // namespace docket::store
