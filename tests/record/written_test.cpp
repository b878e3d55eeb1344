#include "record/written.h"

#include <gtest/gtest.h>

#include "record/schema.h"

namespace docket::record {
namespace {

constexpr rules::Date kToday{2026, 11, 24};

std::string written(const std::string& field, const std::string& text) {
  const auto checked = check_written({{field, text}}, kToday);
  return checked ? checked->at(field) : checked.error().text();
}

TEST(Written, ValuesAreNormalizedAsTheRecordHasThem) {
  EXPECT_EQ(written("total_amount", "$1,045.60"), "1045.60");
  EXPECT_EQ(written("total_amount", "-12.30"), "-12.30");
  EXPECT_EQ(written("supplier_abn", "51 824 753 556"), "51824753556");  // the tax office's example
  EXPECT_EQ(written("supplier_acn", "004 085 616"), "004085616");       // ASIC's example
  EXPECT_EQ(written("invoice_date", "2024-03-05"), "2024-03-05");
  EXPECT_EQ(written("invoice_date", "13/03/24"), "2024-03-13");
  EXPECT_EQ(written("invoice_time", "2:32 pm"), "14:32:00");
  EXPECT_EQ(written("price_per_litre", "1.8790"), "1.879");
  EXPECT_EQ(written("tax_invoice_wording", "true"), "true");
  EXPECT_EQ(written("document_type", "credit_note"), "credit_note");
  EXPECT_EQ(written("supplier_name", "  Thomas IGA "), "Thomas IGA");
  EXPECT_EQ(written("supplier_phone", "(02) 5550 1234"), "+61255501234");
  EXPECT_EQ(written("bank_account", "12345678"), "12345678") << "what a person writes is not masked";
}

TEST(Written, WhatCannotBeIsRefusedWithWhatWasExpected) {
  EXPECT_EQ(written("total", "1.00"), "total: no field has this name; docs/formats/record.md lists them");
  EXPECT_EQ(written("taxable_total", "1.00"), "taxable_total: is worked out from other fields; correct those");
  EXPECT_EQ(written("total_amount", "abc"), "total_amount: is \"abc\" (not_money), expected an amount like 45.60");
  EXPECT_EQ(written("supplier_abn", "51824753557").find("supplier_abn: is \"51824753557\" (bad_checksum"), 0U);
  EXPECT_EQ(written("invoice_date", "2024-02-30").find("invoice_date: is \"2024-02-30\" (invalid"), 0U);
  EXPECT_NE(written("tax_invoice_wording", "maybe").find("expected true or false"), std::string::npos);
  EXPECT_NE(written("document_type", "bill").find("expected a word like tax_invoice"), std::string::npos);
  EXPECT_NE(written("invoice_number", "12/03/2024").find("looks_like_date"), std::string::npos);
  EXPECT_NE(written("supplier_gst_branch", "001").find("supplier_abn beside it"), std::string::npos);
}

// A person can write out what a reader would have to guess at.
TEST(Written, WhatTheRulesWouldRepairIsRefused) {
  EXPECT_NE(written("invoice_date", "03/05/2024").find("(ambiguous), expected a date like"), std::string::npos);
  EXPECT_NE(written("supplier_abn", "5l824753556").find("expected an ABN"), std::string::npos);
  EXPECT_NE(written("total_amount", "45,60").find("comma_as_point"), std::string::npos);
}

TEST(Written, FieldsThatNeedEachOtherAreCheckedTogether) {
  const auto both = check_written({{"supplier_abn", "51824753556"}, {"supplier_gst_branch", "001"}}, kToday);
  ASSERT_TRUE(both) << both.error().text();
  EXPECT_EQ(both->at("supplier_gst_branch"), "001");
  EXPECT_FALSE(check_written({{"supplier_abn", "51824753556"}, {"buyer_abn", "51824753556"}}, kToday));
}

TEST(Written, EveryFieldThatIsReadHasItsName) {
  for (const auto& spec : schema())
    EXPECT_EQ(check_field_name(std::string(spec.name)).has_value(), spec.id.has_value());
}

}  // namespace
}  // namespace docket::record
