// Who read what and why a value won; expected values by hand from the weights' meaning, not from the program's output.
#include "fields/why.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "fields/reason_words.h"
#include "tests/fields/page_builder.h"

namespace docket::fields {
namespace {

ModelReply says(const std::string& text, double confidence = 0.98) {
  ModelReply reply;
  reply.text = text;
  reply.confidence = confidence;
  reply.page = 1;
  reply.source = "all.general@1 test";
  return reply;
}

// No subtotal, GST or tender: no sums that could settle anything.
const std::vector<std::string> kPaper = {"HARBOUR HARDWARE",
                                         "12 QUAY STREET",
                                         "DATE 05/03/2024",
                                         "NAILS A BOX OF EACH 45.60",
                                         "SOMETHING ELSE 45.90",
                                         "TOTAL 45.60",
                                         "THANK YOU FOR SHOPPING WITH US"};

const Why& why_of(const Fields& fields, FieldId id) { return fields.scalars.at(id).why; }

bool has_reading(const Why& why, Reader reader, const std::string& value) {
  return std::any_of(why.readings.begin(), why.readings.end(), [&](const Reading& reading) {
    return reading.evidence.reader == reader && reading.value == value;
  });
}

TEST(Why, NobodyReadNothing) {
  const Fields fields = read_fields({page_of(kPaper)}, test_context());
  EXPECT_TRUE(why_of(fields, FieldId::kBuyerAbn).readings.empty());
  EXPECT_FALSE(why_of(fields, FieldId::kBuyerAbn).contested);
}

TEST(Why, OneReaderAlone) {
  const Fields fields = read_fields({page_of(kPaper)}, test_context());
  const Why& why = why_of(fields, FieldId::kInvoiceDate);
  EXPECT_EQ(why.by, SettledBy::kOneReader);
  EXPECT_TRUE(has_reading(why, Reader::kOcr, "2024-03-05"));
  EXPECT_GT(why.needed, 0);
  EXPECT_FALSE(why.rival);
}

TEST(Why, AgreementNamesBothReaders) {
  const Fields fields = read_fields({page_of(kPaper)}, test_context(), {says("TOTAL_AMOUNT: $45.60")});
  const Why& why = why_of(fields, FieldId::kTotalAmount);
  EXPECT_EQ(why.by, SettledBy::kAgreement);
  EXPECT_TRUE(has_reading(why, Reader::kOcr, "45.60"));
  ASSERT_TRUE(has_reading(why, Reader::kVlm, "45.60"));
  EXPECT_FALSE(why.contested);
  const auto agrees = std::find_if(why.reasons.begin(), why.reasons.end(),
                                   [](const Why::Weight& reason) { return reason.feature == "other_reader_agrees"; });
  ASSERT_NE(agrees, why.reasons.end());
  EXPECT_GT(agrees->amount, 0);
  EXPECT_LE(agrees->amount, 1.5);
}

TEST(Why, DifferentTotalsThatNoSumTellsApartAreContested) {
  const Fields fields = read_fields({page_of(kPaper)}, test_context(), {says("TOTAL_AMOUNT: $45.90")});
  const Why& why = why_of(fields, FieldId::kTotalAmount);
  ASSERT_TRUE(why.contested);
  EXPECT_EQ(why.contested->first.value, "45.60");
  EXPECT_EQ(why.contested->first.evidence.reader, Reader::kOcr);
  EXPECT_EQ(why.contested->second.value, "45.90");
  EXPECT_EQ(why.contested->second.evidence.reader, Reader::kVlm);
}

TEST(Why, AValueThatTheModelMadeUpContestsNothing) {
  const Fields fields = read_fields({page_of(kPaper)}, test_context(), {says("TOTAL_AMOUNT: $777.77")});
  EXPECT_FALSE(why_of(fields, FieldId::kTotalAmount).contested);
}

TEST(Why, SumsSettleDifferentTotals) {
  auto paper = kPaper;
  paper.insert(paper.end() - 2, {"SUBTOTAL 41.45", "GST 10% 4.15"});
  const Fields fields = read_fields({page_of(paper)}, test_context(), {says("TOTAL_AMOUNT: $45.90")});
  const Field& total = fields.scalars.at(FieldId::kTotalAmount);
  ASSERT_TRUE(total.chosen);
  EXPECT_EQ(total.chosen->value, "45.60");
  EXPECT_EQ(total.why.by, SettledBy::kArithmetic);
  EXPECT_FALSE(total.why.contested);
}

TEST(Why, TheChecksumSettlesDifferentAbns) {
  auto paper = kPaper;
  paper.insert(paper.begin() + 1, "ABN 48 105 516 229");
  const Fields wrong = read_fields({page_of(paper)}, test_context(), {says("SUPPLIER_ABN: 48 105 516 228")});
  EXPECT_EQ(wrong.scalars.at(FieldId::kSupplierAbn).chosen->value, "48105516229");
  EXPECT_EQ(why_of(wrong, FieldId::kSupplierAbn).by, SettledBy::kChecksum);
  EXPECT_FALSE(why_of(wrong, FieldId::kSupplierAbn).contested);
}

TEST(Why, WhatCountsMostWouldChangeMost) {
  const Fields fields = read_fields({page_of(kPaper)}, test_context(), {says("TOTAL_AMOUNT: $45.90")});
  const Field& total = fields.scalars.at(FieldId::kTotalAmount);
  ASSERT_TRUE(total.chosen);
  const Why& why = total.why;
  ASSERT_FALSE(why.changes.empty());
  for (const Why::Change& change : why.changes) EXPECT_NE(change.then, total.chosen->value) << change.without;
  EXPECT_TRUE(std::is_sorted(why.reasons.begin(), why.reasons.end(),
                             [](const auto& a, const auto& b) { return std::abs(a.amount) > std::abs(b.amount); }));
  EXPECT_LE(why.readings.size(), Why::kMostReadings);
  EXPECT_LE(why.reasons.size(), Why::kMostReasons);
  EXPECT_LE(why.changes.size(), Why::kMostChanges);
}

TEST(ReasonWords, EveryWeightButABiasHasWords) {
  for (const std::string_view feature : {
#define WEIGHT(name, value) std::string_view(name),
#include "fields/weights.inc"
#undef WEIGHT
           std::string_view("other_reader_agrees"), std::string_view("sums")}) {
    if (feature.ends_with(".bias") || feature == "agreement.most") continue;
    EXPECT_FALSE(reason_words(feature).empty()) << feature;
  }
  EXPECT_TRUE(reason_words("no.such_feature").empty());
}

}  // namespace
}  // namespace docket::fields
