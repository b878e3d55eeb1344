#include "fields/reply_lines.h"

#include <gtest/gtest.h>

#include "fields/read_fields.h"

namespace docket::fields {
namespace {

const Context kContext = {{2026, 6, 30}, "AUD", {"51824753556"}};

Fields read(const std::vector<ReplyLine>& reply) { return read_fields({}, kContext, reply); }

std::string chosen(const Fields& fields, FieldId id) {
  const Field& field = fields.scalars.at(id);
  return field.chosen ? field.chosen->value : "";
}

TEST(ReplyLines, KeysGiveNormalizedValuesWithTheirEvidence) {
  const Fields fields = read({{"DOCUMENT_TYPE: tax_invoice", 0.99, 1},
                              {"SUPPLIER_NAME: Harbour Hardware", 0.95, 1},
                              {"SUPPLIER_ABN: 48 105 516 229", 0.98, 1},
                              {"INVOICE_DATE: 05/03/2024", 0.97, 1},
                              {"INVOICE_TIME: 2:32 pm", 0.97, 1},
                              {"GST_AMOUNT: 10.00", 0.96, 1},
                              {"TOTAL_AMOUNT: $110.00", 0.96, 2}});
  EXPECT_EQ(chosen(fields, FieldId::kDocumentType), "tax_invoice");
  EXPECT_EQ(chosen(fields, FieldId::kSupplierName), "Harbour Hardware");
  EXPECT_EQ(chosen(fields, FieldId::kSupplierAbn), "48105516229");
  EXPECT_EQ(chosen(fields, FieldId::kInvoiceDate), "2024-03-05");
  EXPECT_EQ(chosen(fields, FieldId::kInvoiceTime), "14:32:00");
  EXPECT_EQ(chosen(fields, FieldId::kGstAmount), "10.00");
  EXPECT_EQ(chosen(fields, FieldId::kTotalAmount), "110.00");
  const Evidence& evidence = fields.scalars.at(FieldId::kTotalAmount).chosen->evidence;
  EXPECT_EQ(evidence.reader, Reader::kVlm);
  EXPECT_EQ(evidence.page, 2);
  EXPECT_EQ(evidence.raw, "$110.00");
  EXPECT_EQ(evidence.label, "TOTAL_AMOUNT");
}

TEST(ReplyLines, ShortKeysOfTheSmallModel) {
  const Fields fields =
      read({{"STORE: CORNER CAFE", 0.99, 1}, {"DATE: 21/05/2024", 0.99, 1}, {"TOTAL: 9.50", 0.99, 1}});
  EXPECT_EQ(chosen(fields, FieldId::kSupplierName), "CORNER CAFE");
  EXPECT_EQ(chosen(fields, FieldId::kInvoiceDate), "2024-05-21");
  EXPECT_EQ(chosen(fields, FieldId::kTotalAmount), "9.50");
}

TEST(ReplyLines, WhatIsNoAnswerGivesNoCandidate) {
  const Fields fields = read({{"TOTAL_AMOUNT: NOT_FOUND", 1, 1},
                              {"DATE: NONE", 1, 1},
                              {"GST: about ten dollars", 1, 1},
                              {"INVOICE_DATE: 45/13/2024", 1, 1},
                              {"PAYMENT_METHOD: cash", 1, 1},
                              {"Here is what I found", 1, 1},
                              {": 5", 1, 1},
                              {"SUPPLIER_NAME:", 1, 1},
                              {"SUPPLIER_ABN: 51 824 753 556", 1, 1}});  // the user's own business
  for (const auto& [id, field] : fields.scalars) EXPECT_TRUE(field.candidates.empty()) << to_string(id);
}

TEST(ReplyLines, DoubtAndABadChecksumKeepAValueBack) {
  const Fields fields = read({{"TOTAL_AMOUNT: 110.00", 0.05, 1}, {"SUPPLIER_ABN: 48 105 516 228", 0.9, 1}});
  EXPECT_EQ(chosen(fields, FieldId::kTotalAmount), "");
  EXPECT_EQ(fields.scalars.at(FieldId::kTotalAmount).absent_reason, "below_threshold");
  EXPECT_EQ(chosen(fields, FieldId::kSupplierAbn), "");
  ASSERT_EQ(fields.scalars.at(FieldId::kSupplierAbn).candidates.size(), 1U);
  EXPECT_EQ(fields.scalars.at(FieldId::kSupplierAbn).candidates[0].flags, std::vector<std::string>{"bad_checksum"});
}

TEST(ReplyLines, TheQuestionNamesItsKeys) {
  const std::string question = fields_question();
  for (const char* key : {"KEY: VALUE", "SUPPLIER_ABN", "TOTAL_AMOUNT.", "NOT_FOUND"})
    EXPECT_NE(question.find(key), std::string::npos) << question;
}

}  // namespace
}  // namespace docket::fields
