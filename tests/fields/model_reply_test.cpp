#include "fields/model_reply.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "fields/grounding.h"
#include "fields/read_fields.h"
#include "tests/fields/page_builder.h"

namespace docket::fields {
namespace {

const Context kContext = {{2026, 6, 30}, "AUD", {"51824753556"}};

struct Line {
  std::string text;
  double confidence = 1;
  int page = 1;
};

// A reply for each line, as a model would give them one at a time.
Fields read(const std::vector<Line>& lines) {
  std::vector<ModelReply> replies;
  for (const Line& line : lines) {
    ModelReply& reply = replies.emplace_back();
    reply.text = line.text;
    reply.confidence = line.confidence;
    reply.page = line.page;
  }
  return read_fields({}, kContext, replies);
}

std::string chosen(const Fields& fields, FieldId id) {
  const Field& field = fields.scalars.at(id);
  return field.chosen ? field.chosen->value : "";
}

TEST(ModelReplies, KeysGiveNormalizedValuesWithTheirEvidence) {
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

TEST(ModelReplies, ShortKeysOfTheSmallModel) {
  const Fields fields =
      read({{"STORE: CORNER CAFE", 0.99, 1}, {"DATE: 21/05/2024", 0.99, 1}, {"TOTAL: 9.50", 0.99, 1}});
  EXPECT_EQ(chosen(fields, FieldId::kSupplierName), "CORNER CAFE");
  EXPECT_EQ(chosen(fields, FieldId::kInvoiceDate), "2024-05-21");
  EXPECT_EQ(chosen(fields, FieldId::kTotalAmount), "9.50");
}

TEST(ModelReplies, WhatIsNoAnswerGivesNoCandidate) {
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

TEST(ModelReplies, DoubtAndABadChecksumKeepAValueBack) {
  const Fields fields = read({{"TOTAL_AMOUNT: 110.00", 0.05, 1}, {"SUPPLIER_ABN: 48 105 516 228", 0.9, 1}});
  EXPECT_EQ(chosen(fields, FieldId::kTotalAmount), "");
  EXPECT_EQ(fields.scalars.at(FieldId::kTotalAmount).absent_reason, "below_threshold");
  EXPECT_EQ(chosen(fields, FieldId::kSupplierAbn), "");
  ASSERT_EQ(fields.scalars.at(FieldId::kSupplierAbn).candidates.size(), 1U);
  EXPECT_EQ(fields.scalars.at(FieldId::kSupplierAbn).candidates[0].flags, std::vector<std::string>{"bad_checksum"});
}

TEST(ModelReplies, AValueIsAsProbableAsItsOwnTokens) {
  ModelReply reply;
  reply.text = "DATE: 21/05/2024\nTOTAL: 9.50";
  //           DATE:       21/05/2024   \nTOTAL:    9.50
  reply.tokens = {{6, -0.01F}, {16, -0.02F}, {24, -3.0F}, {28, -0.05F}};
  const Fields fields = read_fields({}, kContext, {reply});
  EXPECT_NEAR(fields.scalars.at(FieldId::kInvoiceDate).candidates.at(0).evidence.word_confidence, std::exp(-0.02),
              1e-6);
  EXPECT_NEAR(fields.scalars.at(FieldId::kTotalAmount).candidates.at(0).evidence.word_confidence, std::exp(-0.05),
              1e-6);
}

TEST(ModelReplies, LinesAndTendersWhereNobodyElseFoundAny) {
  ModelReply reply;
  reply.text = "DESCRIPTION: Milk 2L | Bread\nQUANTITY: 1 | 2\nAMOUNT: 3.10 | 7.00\nPAYMENT_METHOD: cash | gift card";
  const Fields fields = read_fields({}, kContext, {reply});
  ASSERT_EQ(fields.line_items.size(), 2U);
  EXPECT_EQ(fields.line_items[1].description, "Bread");
  EXPECT_EQ(fields.line_items[1].quantity, "2");
  EXPECT_EQ(fields.line_items[1].amount, "7.00");
  ASSERT_EQ(fields.payments.size(), 2U);
  EXPECT_EQ(fields.payments[0].method, "cash");
  EXPECT_EQ(fields.payments[1].method, "gift_card");
}

TEST(Grounding, MatchesAnywhereAndCountsEdits) {
  EXPECT_EQ(best_match("TOTAL", "SUBTOTAL1250"), 0);
  EXPECT_EQ(best_match("TOTEL", "SUBTOTAL1250"), 1);
  EXPECT_EQ(best_match("TTAL", "SUBTOTAL1250"), 1);
  EXPECT_EQ(best_match("ABC", ""), 3);
  EXPECT_EQ(best_match("", "ABC"), 0);
}

TEST(Grounding, AnAmountIsAWordOfItsOwn) {
  const SeenWords seen(
      {page_of({"HARBOUR HARDWARE", "NAILS 12.50", "PAINT 1,097.50", "TOTAL $1,110.00", "CASH 1200.00"})});
  ASSERT_TRUE(seen.enough());
  EXPECT_EQ(seen.amount_distance(111000), 0);
  EXPECT_EQ(seen.amount_distance(-1250), 0);
  EXPECT_EQ(seen.amount_distance(9750), 1);  // only inside another
  EXPECT_EQ(seen.text_distance("Harbour-Hardware"), 0);
  EXPECT_EQ(seen.text_distance("Opal Bakery"), 1);
  EXPECT_GT(seen.text_distance("Harbor Hardware"), 0);
  EXPECT_LT(seen.text_distance("Harbor Hardware"), 0.5);
  EXPECT_FALSE(SeenWords({page_of({"TOTAL 12.50"})}).enough());
}

TEST(ModelReplies, WhereBothReadersAgreeTheEvidenceIsThePlaceOnThePaper) {
  ModelReply reply;
  reply.text = "TOTAL_AMOUNT: 77.10\n";
  reply.confidence = 0.99;
  reply.page = 1;
  const Fields fields = read_fields({page_of({"HARBOUR HARDWARE", "12 QUAY ST", "NAILS A BOX OF EACH 77.10",
                                              "TOTAL $77.10", "THANK YOU FOR SHOPPING WITH US"})},
                                    test_context(), {reply});
  const Field& total = fields.scalars.at(FieldId::kTotalAmount);
  ASSERT_TRUE(total.chosen);
  EXPECT_EQ(total.chosen->evidence.reader, Reader::kOcr);
  EXPECT_GT(total.chosen->evidence.box.width(), 0);
  const auto& reasons = total.chosen->reasons;
  EXPECT_TRUE(std::any_of(reasons.begin(), reasons.end(), [](const Reason& reason) {
    return std::string_view(reason.feature) == "other_reader_agrees";
  }));
}

// The same reply beside words that show its values, and beside words that do not.
TEST(ModelReplies, WhatNoOtherReaderSawIsNotBelieved) {
  ModelReply reply;
  reply.text = "SUPPLIER_NAME: Harbour Hardware\nTOTAL_AMOUNT: 94.34\n";
  reply.confidence = 0.98;
  reply.page = 1;
  const std::vector<std::string> head = {"HARBOUR HARDWARE", "12 QUAY ST", "THANK YOU FOR SHOPPING WITH US TODAY"};
  for (const bool shown : {true, false}) {
    SCOPED_TRACE(shown);
    auto lines = head;
    lines.push_back(shown ? "94.34" : "77.10");
    const Fields fields = read_fields({page_of(lines)}, test_context(), {reply});
    EXPECT_EQ(chosen(fields, FieldId::kTotalAmount) == "94.34", shown);
    const auto& all = fields.scalars.at(FieldId::kTotalAmount).candidates;
    const auto mine = std::find_if(all.begin(), all.end(), [](const Candidate& c) { return c.value == "94.34"; });
    ASSERT_NE(mine, all.end());
    EXPECT_EQ(std::count(mine->flags.begin(), mine->flags.end(), "ungrounded"), shown ? 0 : 1);
  }
}

}  // namespace
}  // namespace docket::fields
