#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "record/redact.h"
#include "record/schema.h"
#include "record/typed.h"
#include "tests/record/example.h"

namespace docket::record {
namespace {

using fields::FieldId;
using ::testing::Contains;
using ::testing::HasSubstr;

Record build(const fields::Fields& fields, const Context& context = plain_context()) {
  return build_record(fields, context);
}

TEST(Values, EverySchemaFieldIsThereAndAbsentOnesSayWhy) {
  const Record record = build(nothing_read());
  EXPECT_EQ(record.fields.size(), schema().size());
  for (const auto& spec : schema()) {
    const Value& value = field(record, spec.name);
    EXPECT_NE(value.value.has_value(), !value.absent_reason.empty()) << spec.name;
  }
}

TEST(Values, SchemaNamesAreThoseOfTheFields) {
  std::size_t read = 0;
  for (const auto& spec : schema()) {
    if (!spec.id) continue;
    EXPECT_EQ(spec.name, fields::to_string(*spec.id));
    ++read;
  }
  EXPECT_EQ(read, static_cast<std::size_t>(FieldId::kCount));
}

TEST(Values, AreNormalizedByTheRules) {
  auto fields = plain_invoice();
  set(fields, FieldId::kTotalAmount, "$46.75");
  set(fields, FieldId::kInvoiceDate, "14/03/2026");
  set(fields, FieldId::kInvoiceTime, "2.32pm");
  set(fields, FieldId::kSupplierEmail, "Sales@Example.COM");
  set(fields, FieldId::kSupplierWebsite, "https://www.example.com.au/shop");
  set(fields, FieldId::kLitres, "45.10");
  const Record record = build(fields);
  EXPECT_EQ(text_of(record, "total_amount"), "46.75");
  EXPECT_EQ(text_of(record, "invoice_date"), "2026-03-14");
  EXPECT_EQ(text_of(record, "invoice_time"), "14:32:00");
  EXPECT_EQ(text_of(record, "supplier_phone"), "+61255501234");
  EXPECT_EQ(text_of(record, "supplier_email"), "sales@example.com");
  EXPECT_EQ(text_of(record, "supplier_website"), "www.example.com.au");
  EXPECT_EQ(text_of(record, "litres"), "45.1");
  EXPECT_EQ(text_of(record, "financial_year"), "FY2025-26");
  EXPECT_EQ(text_of(record, "bas_quarter"), "Q3");
}

struct Bad {
  FieldId id;
  const char* value;
  const char* reason;
};

class BadValue : public ::testing::TestWithParam<Bad> {};

TEST_P(BadValue, IsDroppedWithAReasonAndItsRawTextKept) {
  auto fields = plain_invoice();
  set(fields, GetParam().id, GetParam().value);
  const Record record = build(fields);
  const Value& value = field(record, fields::to_string(GetParam().id));
  EXPECT_FALSE(value.value) << *value.value;
  EXPECT_EQ(value.absent_reason, GetParam().reason);
  EXPECT_EQ(value.raw, GetParam().value);
}

INSTANTIATE_TEST_SUITE_P(
    All, BadValue,
    ::testing::Values(
        Bad{FieldId::kTotalAmount, "12.345", "not_money"}, Bad{FieldId::kInvoiceDate, "31/04/2024", "invalid"},
        Bad{FieldId::kInvoiceTime, "25:10", "invalid"}, Bad{FieldId::kSupplierPhone, "9999", "not_phone"},
        Bad{FieldId::kSupplierEmail, "not an email", "invalid"}, Bad{FieldId::kSupplierWebsite, "no host", "invalid"},
        Bad{FieldId::kInvoiceNumber, "14/03/2024", "looks_like_date"},
        Bad{FieldId::kInvoiceNumber, "26 008 672 179", "looks_like_abn"},
        Bad{FieldId::kInvoiceNumber, "(02) 5550 1234", "looks_like_phone"},
        Bad{FieldId::kSupplierName, "TAX INVOICE", "label_word"}, Bad{FieldId::kSupplierName, "X", "invalid"},
        Bad{FieldId::kSupplierAcn, "000 014 676", "bad_checksum"},
        Bad{FieldId::kBuyerAbn, "26 008 672 179", "same_as_supplier"}, Bad{FieldId::kBankBsb, "62-000", "invalid"},
        Bad{FieldId::kCurrency, "dollars", "invalid"}, Bad{FieldId::kDocumentType, "shopping_list", "invalid"},
        Bad{FieldId::kTaxInvoiceWording, "yes", "invalid"}));

TEST(Values, BelowThresholdKeepsItsCandidate) {
  auto fields = plain_invoice();
  auto& field_read = fields.scalars[FieldId::kInvoiceNumber];
  field_read.chosen.reset();
  field_read.confidence = 0.2;
  field_read.absent_reason = "below_threshold";
  const Record record = build(fields);
  const Value& value = field(record, "invoice_number");
  EXPECT_FALSE(value.value);
  EXPECT_EQ(value.absent_reason, "below_threshold");
  EXPECT_EQ(value.raw, "8234/99001");
}

TEST(Values, DueDateFromTerms) {
  Context context = plain_context();
  context.text += "\nPayment terms: 14 days";
  const Record record = build(plain_invoice(), context);
  EXPECT_EQ(text_of(record, "due_date"), "2026-03-28");
  EXPECT_THAT(field(record, "due_date").flags, Contains("derived"));
}

TEST(Values, DuplicateKey) {
  auto fields = plain_invoice();
  EXPECT_EQ(text_of(build(fields), "duplicate_key"), "26008672179:823499001");
  remove(fields, FieldId::kInvoiceNumber);
  fields.payments[0].card_last4 = "XXXX 2027";
  EXPECT_EQ(text_of(build(fields), "duplicate_key"), "26008672179:2026-03-14:46.75:2027");
  remove(fields, FieldId::kSupplierAbn);
  EXPECT_EQ(field(build(fields), "duplicate_key").absent_reason, "no_abn");
}

TEST(Values, ExpenseCategoryByRule) {
  Context context = plain_context();
  EXPECT_EQ(field(build(plain_invoice(), context), "expense_category").absent_reason, "not_configured");
  context.expense_rules = {{"cafe", "meals"}, {"nails", "materials"}};
  EXPECT_EQ(text_of(build(plain_invoice(), context), "expense_category"), "materials");
}

TEST(Redaction, NoCardNumberOrTfnIsStored) {
  auto fields = plain_invoice();
  set(fields, FieldId::kOperator, "Card 4111 1111 1111 1111");
  add_line(fields, "TFN 123 456 782 quoted", "0.00");
  const Record record = build(fields);
  EXPECT_EQ(text_of(record, "operator"), "Card **** 1111");
  EXPECT_EQ(field(record, "operator").raw, "Card **** 1111");
  EXPECT_EQ(record.line_items.back().description, "TFN [redacted] quoted");
  EXPECT_NE(find_finding(record, "card_redacted"), nullptr);
  EXPECT_NE(find_finding(record, "tfn_redacted"), nullptr);
}

TEST(Redaction, IsOffOnlyWhenAskedFor) {
  auto fields = plain_invoice();
  set(fields, FieldId::kOperator, "Card 4111 1111 1111 1111");
  set(fields, FieldId::kBankAccount, "1234 5678");
  EXPECT_EQ(text_of(build(fields), "bank_account"), "*****678");
  EXPECT_EQ(field(build(fields), "bank_account").raw, "*****678");
  Context context = plain_context();
  context.redact = false;
  EXPECT_THAT(text_of(build(fields, context), "operator"), HasSubstr("4111 1111"));
  EXPECT_EQ(text_of(build(fields, context), "bank_account"), "12345678");
}

TEST(Redaction, TwiceIsOnce) {
  auto fields = plain_invoice();
  set(fields, FieldId::kOperator, "Card 4111 1111 1111 1111 exp 12/27");
  Record record = build(fields);
  const Record once = record;
  redact(record);
  EXPECT_EQ(text_of(record, "operator"), text_of(once, "operator"));
  EXPECT_EQ(record.findings.size(), once.findings.size());
}

TEST(Redaction, CustomersAreMaskedWhereTheyAreQuoted) {
  auto fields = invoice_over("1100.00", "100.00");
  set(fields, FieldId::kBuyerName, "Jo Bloggs");
  Context context = plain_context();
  context.mask_customer = true;
  const Record record = build(fields, context);
  EXPECT_EQ(text_of(record, "buyer_name"), "J. B.");
  EXPECT_EQ(find_check(record, "TI-8")->message, "Buyer: J. B.");
  EXPECT_EQ(find_check(record, "TI-8")->evidence.raw, "J. B.");
}

}  // namespace
}  // namespace docket::record
