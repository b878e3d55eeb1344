#include "extract/asking.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <new>
#include <set>

namespace docket::extract {
namespace {

// Answers from a list, whatever is asked, and remembers what was.
class Script final : public Talker {
 public:
  explicit Script(std::deque<std::string> answers) : answers_(std::move(answers)) {}
  const std::string& name() const override { return name_; }
  const std::string& family() const override { return family_; }
  const Usage& usage() const override { return usage_; }
  void look(const page::Page& page) override { looked.push_back(page.number); }
  Result<fields::ModelReply> ask(const page::Page& page, const fields::Question& question,
                                 const AskOptions& options) override {
    asked.push_back(question.id + (options.crop ? " crop" : "") + (options.constrained ? " held" : ""));
    keys = options.keys;
    ++usage_.questions;
    usage_.tokens += tokens_each;
    if (!answers_.empty() && answers_.front() == "THROW") throw std::bad_alloc();
    if (answers_.empty() || answers_.front() == "ERROR") {
      return make_error(ErrorCode::kUnavailable, "the device was lost", "model");
    }
    fields::ModelReply reply;
    reply.text = answers_.front();
    answers_.pop_front();
    for (const std::string stopped : {"loop", "time", "length"}) {
      if (reply.text.starts_with(stopped + " ")) reply.stopped = stopped, reply.cut_off = true;
    }
    reply.page = page.number;
    reply.source = question.name() + " script";
    reply.confidence = 0.99;
    if (question.form == fields::AnswerForm::kValue) reply.asked = fields::field_id(question.fields.front());
    return reply;
  }

  std::vector<std::string> asked, keys;
  std::vector<int> looked;  // pages
  int tokens_each = 50;

 private:
  std::deque<std::string> answers_;
  std::string name_ = "script", family_ = "nano";
  Usage usage_;
};

const fields::Context kContext = {{2026, 6, 30}, "AUD", {}};

std::vector<page::Page> pages(int count) {
  std::vector<page::Page> out(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) out[static_cast<std::size_t>(i)].number = i + 1;
  return out;
}

ocr::Words words_of(const std::vector<std::string>& lines) {
  ocr::Words page;
  for (std::size_t row = 0; row < lines.size(); ++row) {
    for (std::size_t at = 0; at < lines[row].size();) {
      const std::size_t end = std::min(lines[row].find(' ', at), lines[row].size());
      ocr::Word word;
      word.text = lines[row].substr(at, end - at);
      const auto x = 10 * static_cast<float>(at), y = 30 * static_cast<float>(row);
      word.box = {x, y, x + 10 * static_cast<float>(end - at), y + 20};
      word.confidence = 0.95F;
      if (!word.text.empty()) page.words.push_back(word);
      at = end + 1;
    }
  }
  return page;
}

const std::string kWhole =
    "DOCUMENT_TYPE: tax_invoice\nSUPPLIER_NAME: Harbour Hardware\nSUPPLIER_ABN: 51824753556\nINVOICE_DATE: 12/03/2024\n"
    "GST_AMOUNT: 4.15\nTOTAL_AMOUNT: 45.65";
const std::vector<std::string> kPaper = {"Harbour Hardware", "TAX INVOICE", "ABN 51 824 753 556", "Date 12/03/2024",
                                         "Hammer 45.65",     "TOTAL 45.65", "GST INCLUDED 4.15",  "EFTPOS 45.65"};

Asked ask(Script& script, const std::vector<ocr::Words>& words, const AskingBudget& budget = {}, int page_count = 1) {
  return ask_about(script, fields::QuestionSet::built_in(), pages(page_count), words, kContext, budget);
}

TEST(Asking, OneQuestionWhereBothReadersAgree) {
  Script script({kWhole});
  const Asked asked = ask(script, {words_of(kPaper)});
  EXPECT_EQ(script.asked, (std::vector<std::string>{"all.general"}));
  EXPECT_EQ(asked.questions, (std::vector<std::string>{"all.general@1"}));
  EXPECT_TRUE(asked.events.empty());
}

TEST(Asking, OnlyWhatIsUnsureIsAskedAgainOnItsPartOfThePage) {
  std::string other = kWhole;
  other.replace(other.find("12/03/2024"), 10, "NOT_FOUND");
  Script script({other, "12/03/2024"});
  // A date that OCR could hardly read and that no word names.
  std::vector<std::string> paper = kPaper;
  paper[3] = "12/03/2O24";
  ocr::Words words = words_of(paper);
  for (ocr::Word& word : words.words) word.confidence = word.text == paper[3] ? 0.1F : 0.95F;
  const Asked asked = ask(script, {words});
  ASSERT_GE(script.asked.size(), 2U);
  EXPECT_EQ(script.asked[1], "repair.invoice_date crop");
  EXPECT_EQ(asked.replies[1].asked, fields::FieldId::kInvoiceDate);
}

TEST(Asking, ReadersThatContradictEachOtherAreInDoubtUnlessOneIsNearlyCertain) {
  fields::Fields fields;
  for (int i = 0; i < static_cast<int>(fields::FieldId::kCount); ++i) {
    fields::Field& field = fields.scalars[static_cast<fields::FieldId>(i)];
    fields::Candidate candidate;
    candidate.value = "1.00";
    candidate.evidence.reader = fields::Reader::kOcr;
    field.candidates = {candidate};
    field.chosen = candidate;
    field.confidence = 0.95;
  }
  EXPECT_TRUE(doubts_of(fields, 0.85).empty());
  fields::Field& total = fields.scalars[fields::FieldId::kTotalAmount];
  total.candidates.push_back(total.candidates[0]);
  total.candidates[1].value = "2.00";
  total.candidates[1].evidence.reader = fields::Reader::kVlm;
  ASSERT_EQ(doubts_of(fields, 0.85).size(), 1U);
  EXPECT_EQ(doubts_of(fields, 0.85)[0].why, Doubt::Why::kContradicted);
  total.confidence = 0.98;
  EXPECT_TRUE(doubts_of(fields, 0.85).empty());
  fields::Field& gst = fields.scalars[fields::FieldId::kGstAmount];
  gst.chosen.reset();
  EXPECT_EQ(doubts_of(fields, 0.85).size(), 1U);
  gst.absent_reason = "foreign_tax";
  EXPECT_TRUE(doubts_of(fields, 0.85).empty());
}

TEST(Asking, WhatNobodySawIsAskedInOneQuestionAndNotTwice) {
  Script script({"SUPPLIER_NAME: Harbour Hardware\nTOTAL_AMOUNT: 45.65", "INVOICE_DATE: 12/03/2024", kWhole, kWhole});
  AskingBudget budget;
  budget.questions = 10;
  ask(script, {words_of({"Harbour Hardware", "TOTAL 45.65", "EFTPOS 45.65"})}, budget);
  EXPECT_EQ(std::count(script.asked.begin(), script.asked.end(), "repair.keys"), 1);
  EXPECT_EQ(std::set<std::string>(script.asked.begin(), script.asked.end()).size(), script.asked.size());
}

TEST(Asking, ARefusalIsAskedOnceMoreHeldToTheForm) {
  Script script({"I'm sorry, I can't help with that.", kWhole});
  const Asked asked = ask(script, {words_of(kPaper)});
  ASSERT_EQ(script.asked.size(), 2U);
  EXPECT_EQ(script.asked[1], "all.general held");
  ASSERT_EQ(asked.events.size(), 1U);
  EXPECT_EQ(asked.events[0].id, "model_refused");
}

TEST(Asking, LoopsSilenceAndErrorsLeaveAReasonAndNeverFail) {
  Script loop({"loop TOTAL: 1.00\nTOTAL: 1.00\nTOTAL: 1.00\nTOTAL: 1.00\nTOTAL: 1.00", kWhole});
  EXPECT_EQ(ask(loop, {words_of(kPaper)}).events.at(0).id, "model_reply_looped");
  Script silent({"", ""});
  EXPECT_EQ(ask(silent, {words_of(kPaper)}).events.at(0).id, "model_reply_empty");
  Script broken({"ERROR"});
  const Asked asked = ask(broken, {words_of(kPaper)});
  EXPECT_TRUE(asked.replies.empty());
  EXPECT_EQ(asked.events.at(0).id, "model_failed");
  EXPECT_NE(asked.events.at(0).message.find("the device was lost"), std::string::npos);
  EXPECT_EQ(broken.asked.size(), 1U);
}

TEST(Asking, ARunawayReplyLeavesAReasonAndWhatItSaidFirst) {
  for (const auto& [stopped, event] :
       {std::pair{"time", "model_out_of_time"}, std::pair{"length", "model_reply_too_long"}}) {
    Script script({std::string(stopped) + " of day\n" + kWhole + "\nSUPPLIER_PHO"});
    AskingBudget budget;
    budget.questions = 0;
    const Asked asked = ask(script, {words_of(kPaper)}, budget);
    ASSERT_EQ(asked.events.size(), 1U) << stopped;
    EXPECT_EQ(asked.events[0].id, event);
    ASSERT_EQ(asked.replies.size(), 1U);
    const auto fields = fields::read_fields({words_of(kPaper)}, kContext, asked.replies);
    EXPECT_EQ(fields.scalars.at(fields::FieldId::kTotalAmount).chosen->value, "45.65");
  }
}

TEST(Asking, AModelThatThrowsIsOneThatFailed) {
  Script script({"THROW"});
  const Asked asked = ask(script, {words_of(kPaper)});
  EXPECT_TRUE(asked.replies.empty());
  ASSERT_EQ(asked.events.size(), 1U);
  EXPECT_EQ(asked.events[0].id, "model_failed");
  EXPECT_NE(asked.events[0].message.find("not enough memory"), std::string::npos) << asked.events[0].message;
}

TEST(Asking, TheBudgetEndsIt) {
  Script script({"TOTAL_AMOUNT: 45.65", kWhole, kWhole});
  script.tokens_each = 1196;
  const Asked asked = ask(script, {words_of({"TOTAL 46.65"})});
  EXPECT_EQ(script.asked.size(), 1U);
  EXPECT_EQ(asked.events.at(0).id, "asking_budget_spent");
  Script none({"TOTAL_AMOUNT: 45.65", kWhole});
  AskingBudget budget;
  budget.questions = 0;
  ask(none, {words_of({"TOTAL 46.65"})}, budget);
  EXPECT_EQ(none.asked.size(), 1U);
}

TEST(Asking, WithoutWordsTheModelSaysFirstWhatItSees) {
  Script script({"credit_note", kWhole, kWhole, kWhole});
  ask(script, {});
  ASSERT_GE(script.asked.size(), 2U);
  EXPECT_EQ(script.asked[0], "type.general");
  EXPECT_EQ(script.asked[1], "all.credit_note");
}

TEST(Asking, OfManyPagesTheFirstAndTheLast) {
  Script script({kWhole, kWhole, kWhole});
  AskingBudget budget;
  budget.questions = 0;
  const Asked asked = ask(script, {words_of(kPaper)}, budget, 9);
  ASSERT_EQ(asked.replies.size(), 3U);
  EXPECT_EQ(asked.replies[0].page, 1);
  EXPECT_EQ(asked.replies[1].page, 2);
  EXPECT_EQ(asked.replies[2].page, 9);
}

}  // namespace
}  // namespace docket::extract
