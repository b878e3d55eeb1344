#include "fields/placing.h"

#include <gtest/gtest.h>

#include "tests/fields/page_builder.h"

namespace docket::fields {
namespace {

const std::vector<std::string> kPaper = {"HARB0UR HARDWARE PTY LTD",
                                         "12 QUAY STREET",
                                         "SYDNEY NSW 2000",
                                         "ABN 48 1O5 516 229",
                                         "05 MAR 2024",
                                         "NAILS 12.50",
                                         "PAINT 112.50",
                                         "TOTAL 125.O0"};

std::optional<Placed> place(ValueForm form, const std::string& raw, const std::string& value = "") {
  return find_place(lay_out({page_of(kPaper)}), 1, form, raw, value);
}

// The line of the page builder that a box stands on: lines are 32 pixels apart from 40.
int line_of(const Placed& placed) { return static_cast<int>((placed.box.y0 - 40) / 32); }

TEST(Placing, TextUnderTheConfusionsOfOcr) {
  const auto name = place(ValueForm::kText, "Harbour Hardware Pty Ltd");
  ASSERT_TRUE(name);
  EXPECT_EQ(line_of(*name), 0);
  EXPECT_EQ(name->edits, 0.5);
  EXPECT_EQ(name->box.x0, 40);
  EXPECT_EQ(name->box.x1, 40 + 240);
  EXPECT_FALSE(place(ValueForm::kText, "Opal Bakery Pty Ltd"));
}

TEST(Placing, TextRunsOverLines) {
  const auto address = place(ValueForm::kText, "12 Quay Street, Sydney NSW 2000");
  ASSERT_TRUE(address);
  EXPECT_EQ(line_of(*address), 1);
  EXPECT_GT(address->box.y1, 40 + 2 * 32);
}

TEST(Placing, AnAmountIsAWordOfItsOwn) {
  const auto nails = place(ValueForm::kMoney, "$12.50");
  ASSERT_TRUE(nails);
  EXPECT_EQ(line_of(*nails), 5);
  EXPECT_FALSE(place(ValueForm::kMoney, "2.50"));
  EXPECT_FALSE(place(ValueForm::kMoney, "1,250.00"));
}

TEST(Placing, NumbersMayDifferByLikeShapesOnly) {
  const auto total = place(ValueForm::kMoney, "125.00");
  ASSERT_TRUE(total);
  EXPECT_EQ(line_of(*total), 7);
  EXPECT_FALSE(place(ValueForm::kMoney, "125.40"));
  const auto abn = place(ValueForm::kAbn, "48 105 516 229");
  ASSERT_TRUE(abn);
  EXPECT_EQ(line_of(*abn), 3);
  EXPECT_FALSE(place(ValueForm::kAbn, "48 105 516 449"));
}

TEST(Placing, ADateByItsDay) {
  const auto date = place(ValueForm::kDate, "05/03/2024", "2024-03-05");
  ASSERT_TRUE(date);
  EXPECT_EQ(line_of(*date), 4);
  EXPECT_FALSE(place(ValueForm::kDate, "06/03/2024", "2024-03-06"));
}

TEST(Placing, WhatIsNotPrintedHasNoPlace) {
  EXPECT_FALSE(place(ValueForm::kDocumentType, "tax_invoice", "tax_invoice"));
  EXPECT_FALSE(place(ValueForm::kYesNo, "true", "true"));
  EXPECT_FALSE(place(ValueForm::kText, ""));
  EXPECT_FALSE(find_place(lay_out({page_of(kPaper)}), 2, ValueForm::kText, "Harbour Hardware Pty Ltd", ""));
  EXPECT_FALSE(find_place(lay_out({}), 0, ValueForm::kText, "Harbour Hardware", ""));
}

TEST(Placing, AValueThatOnlyTheModelGaveGetsItsPlace) {
  ModelReply reply;
  reply.text = "BUYER_NAME: Harbour Hardware Pty Ltd\nBUYER_ADDRESS: 7 Nowhere Lane, Perth WA 6000";
  reply.confidence = 0.99;
  reply.page = 1;
  const Fields fields = read_fields({page_of(kPaper)}, test_context(), {reply});
  const Field& name = fields.scalars.at(FieldId::kBuyerName);
  ASSERT_TRUE(name.chosen);
  EXPECT_EQ(name.chosen->evidence.reader, Reader::kVlm);
  EXPECT_FALSE(name.chosen->evidence.box.empty());
  EXPECT_EQ(name.chosen->evidence.page, 1);
  const Field& address = fields.scalars.at(FieldId::kBuyerAddress);
  for (const Candidate& candidate : address.candidates) EXPECT_TRUE(candidate.evidence.box.empty()) << candidate.value;
}

}  // namespace
}  // namespace docket::fields
