#include "fields/questions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "reply/grammar.h"

namespace docket::fields {
namespace {

constexpr const char* kGood =
    "id: all.test\nversion: 3\nstage: all\nkinds: fuel\nwords: !diesel, pump\nfields: supplier_abn, total_amount\n"
    "form: key_value\nfamily: any\n---\nExtract {keys}.\n";

TEST(Questions, AFileIsReadAndAskedWithItsKeys) {
  const auto question = parse_question(kGood, "test");
  ASSERT_TRUE(question) << question.error().text();
  EXPECT_EQ(question->name(), "all.test@3");
  EXPECT_EQ(question_text(*question), "Extract SUPPLIER_ABN, TOTAL_AMOUNT.");
  const std::vector<std::string> only = {"gst_amount"};
  EXPECT_EQ(question_text(*question, only), "Extract GST_AMOUNT.");
}

TEST(Questions, WhatIsWrongInAFileIsNamed) {
  const auto fault = [](const std::string& from, const std::string& to) {
    std::string text = kGood;
    text.replace(text.find(from), from.size(), to);
    const auto question = parse_question(text, "a.txt");
    return question ? std::string() : question.error().text();
  };
  EXPECT_EQ(fault("version: 3", "version: three"), "a.txt: line 2, version: expected a whole number");
  EXPECT_EQ(fault("supplier_abn", "supplier_abm"), "a.txt: line 6, fields: no field is named supplier_abm");
  EXPECT_EQ(fault("family: any\n", ""), "a.txt: the header lacks family");
  EXPECT_EQ(fault("family: any\n", "mood: good\n"), "a.txt: line 8, mood: unknown key");
  EXPECT_EQ(fault("---\n", ""), "a.txt: line 9, Extract {keys}.: expected key: value");
  EXPECT_EQ(fault("Extract {keys}.", ""), "a.txt: the question has no text");
}

TEST(Questions, NoneShowsAValueThatCouldLeakIntoAnAnswer) {
  const auto& all = QuestionSet::built_in().all();
  EXPECT_GE(all.size(), 30U);
  for (const Question& question : all) {
    for (const std::string& fault : question_faults(question)) ADD_FAILURE() << question.id << ": " << fault;
  }
  Question leaky = *QuestionSet::built_in().find("all.general");
  leaky.text += " For example: TOTAL_AMOUNT: 45.60";
  EXPECT_EQ(question_faults(leaky).size(), 2U);
}

TEST(Questions, EveryKindHasItsOwnQuestionAndEveryFamilyOne) {
  const QuestionSet& set = QuestionSet::built_in();
  for (const char* kind : {"tax_invoice", "docket", "fuel", "cafe", "trades", "transport", "parking", "accommodation",
                           "professional_services", "credit_note", "statement", "quote"}) {
    const Question* question = set.choose(Stage::kAll, kind, "nano");
    ASSERT_NE(question, nullptr);
    EXPECT_EQ(question->id, std::string("all.") + kind);
    const Question* instruct = set.choose(Stage::kAll, kind, "instruct");
    ASSERT_NE(instruct, nullptr);
    EXPECT_EQ(instruct->id, std::string("all.instruct.") + kind);
    EXPECT_EQ(instruct->fields, question->fields);
  }
  EXPECT_EQ(set.choose(Stage::kAll, "", "nano")->id, "all.general");
  EXPECT_EQ(set.choose(Stage::kAll, "", "instruct")->id, "all.instruct");
  EXPECT_EQ(set.choose(Stage::kAll, "fuel", "fields_token")->id, "all.token");
  EXPECT_EQ(set.choose_field(Stage::kField, "supplier_abn", "nano")->id, "field.supplier_abn");
  EXPECT_EQ(set.choose_field(Stage::kField, "supplier_abn", "instruct")->id, "field.instruct.supplier_abn");
  EXPECT_EQ(set.choose_field(Stage::kRepairCrop, "total_amount", "nano")->id, "repair.total_amount");
  EXPECT_EQ(set.choose_field(Stage::kRepairCrop, "total_amount", "instruct")->id, "repair.instruct.total_amount");
  EXPECT_EQ(set.choose_field(Stage::kRepairCrop, "store_id", "nano"), nullptr);
}

// What models/nano is asked by default, and the weights of its confidences were fitted to: a change of one letter
// changes its replies.
TEST(Questions, TheFirstQuestionToNanoIsAsItWasTrained) {
  const QuestionSet& set = QuestionSet::built_in();
  EXPECT_EQ(question_text(*set.choose(Stage::kAll, "", "nano")),
            "Extract the fields of this receipt as KEY: VALUE lines with these keys: DOCUMENT_TYPE, SUPPLIER_NAME, "
            "SUPPLIER_ABN, INVOICE_NUMBER, INVOICE_DATE, INVOICE_TIME, DUE_DATE, BUYER_NAME, BUYER_ABN, SUBTOTAL, "
            "GST_AMOUNT, TOTAL_AMOUNT. Use NOT_FOUND for anything that is not printed.");
  for (const Question& question : set.all()) {
    const bool of_instruct = question.id.find(".instruct") != std::string::npos;
    EXPECT_EQ(question.family == "instruct", of_instruct)
        << question.id << ": nano would be asked what it never learnt";
  }
}

TEST(Questions, AKindIsKnownByItsWords) {
  const QuestionSet& set = QuestionSet::built_in();
  EXPECT_EQ(set.kind_of("BP NORTH RYDE\nUNLEADED 91\n43.21 LITRES\nPUMP 4"), "fuel");
  EXPECT_EQ(set.kind_of("CORNER CAFE\n2 FLAT WHITE\nMUFFIN"), "cafe");
  EXPECT_EQ(set.kind_of("CREDIT NOTE\nOriginal invoice INV-1"), "credit_note");
  EXPECT_EQ(set.kind_of("EFTPOS\nCHANGE"), "docket");
  EXPECT_EQ(set.kind_of("something else altogether"), "");
}

TEST(Questions, EveryAnswerHasAGrammar) {
  for (const Question& question : QuestionSet::built_in().all()) {
    const std::string text = answer_grammar(question.form, question.fields);
    const auto grammar = reply::Grammar::from_ebnf(text);
    EXPECT_TRUE(grammar) << question.id << ": " << grammar.error().text() << "\n" << text;
  }
}

}  // namespace
}  // namespace docket::fields
