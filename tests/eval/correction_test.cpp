#include "eval/correction.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/base/file.h"
#include "core/base/json.h"
#include "eval/evaluate.h"

namespace docket::eval {
namespace {

constexpr rules::Date kToday{2026, 11, 24};

class Corrections : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(::testing::TempDir()) / "correction_test";
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ / "papers");
    EXPECT_TRUE(write_file_atomic(folder_ / "papers/a.png", "bytes"));
  }
  Result<Corrected> correct(const std::vector<std::string>& assignments, const std::string& sha256 = "s1",
                            const std::string& file = "papers/a.png") {
    DOCKET_TRY(const Correction correction, parse_correction(assignments, kToday));
    return append_correction(truth(), folder_ / file, sha256, correction, kToday);
  }
  std::filesystem::path truth() const { return folder_ / "truth.jsonl"; }
  std::string text() const { return *read_text_file(truth(), 1 << 20); }
  std::vector<TruthDocument> parsed() const {
    auto documents = parse_truth(text(), truth());
    EXPECT_TRUE(documents) << documents.error().text();
    return *std::move(documents);
  }
  std::filesystem::path folder_;
};

TEST_F(Corrections, ALineIsAppendedForEachAndTheLatestCounts) {
  const auto first = correct({"total_amount=$45.60", "due_date=", "tax_invoice_wording=true", "item_count=3"});
  ASSERT_TRUE(first) << first.error().text();
  EXPECT_EQ(first->file, "papers/a.png");
  EXPECT_EQ(first->version, 1);
  EXPECT_EQ(text(), R"({"file":"papers/a.png","version":1,"corrected":"2026-11-24","sha256":"s1","partial":true,)"
                    R"("truth":{"due_date":null,"item_count":3,"tax_invoice_wording":true,"total_amount":"45.60"}})"
                    "\n");
  const auto second = correct({"total_amount=46.50", "due_date=2024-03-05", "supplier_name=A B"});
  ASSERT_TRUE(second);
  EXPECT_EQ(second->version, 2);
  EXPECT_EQ(second->earlier,
            (std::map<std::string, std::string>{{"total_amount", "45.60"}, {"due_date", "NOT_FOUND"}}));

  const auto documents = parsed();
  ASSERT_EQ(documents.size(), 1U);
  EXPECT_EQ(documents[0].path, folder_ / "papers/a.png");
  EXPECT_EQ(documents[0].values, (std::map<std::string, std::string>{{"total_amount", "46.50"},
                                                                     {"due_date", "2024-03-05"},
                                                                     {"supplier_name", "A B"},
                                                                     {"item_count", "3"},
                                                                     {"tax_invoice_wording", "true"}}));
  EXPECT_TRUE(documents[0].absent.empty());
  EXPECT_TRUE(documents[0].partial);
}

TEST_F(Corrections, WhatIsSaidAlreadyAddsNothing) {
  ASSERT_TRUE(correct({"total_amount=45.60", "due_date="}));
  const std::string before = text();
  const auto again = correct({"total_amount=45.60"});
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->written);
  EXPECT_EQ(text(), before);
}

TEST_F(Corrections, ALabelledDocumentIsRevisedUnderItsOwnName) {
  const std::string line = R"({"file": "./papers/a.png", "truth": {"total_amount": "1.00", "line_items": []}})";
  ASSERT_TRUE(write_file_atomic(truth(), line));  // without a line break at its end
  const auto corrected = correct({"total_amount=2.00"});
  ASSERT_TRUE(corrected) << corrected.error().text();
  EXPECT_EQ(corrected->file, "./papers/a.png");
  EXPECT_EQ(corrected->version, 2);
  EXPECT_EQ(text().find(line + "\n"), 0U) << "what stood there stays";
  EXPECT_FALSE(parsed()[0].partial) << "the whole document was labelled";
  EXPECT_EQ(parsed()[0].values.at("total_amount"), "2.00");
}

TEST_F(Corrections, AFileIsKnownHoweverItsPathIsWritten) {
  std::filesystem::create_directory_symlink(folder_ / "papers", folder_ / "inbox");
  std::filesystem::create_symlink("a.png", folder_ / "papers/link.png");
  ASSERT_TRUE(correct({"total_amount=1.00"}));
  EXPECT_EQ(correct({"total_amount=2.00"}, "s1", "papers/../inbox/./a.png")->version, 2);
  EXPECT_EQ(correct({"total_amount=1.00"}, "s1", "papers/link.png")->file, "papers/link.png");
  EXPECT_EQ(parsed().size(), 2U);
}

TEST_F(Corrections, WhatCannotBeIsRefusedAndNothingIsWritten) {
  ASSERT_TRUE(correct({"invoice_date=2024-05-03", "invoice_date_raw=3/5/24"}));
  const std::string before = text();
  const auto fault = [&](const std::vector<std::string>& assignments, const std::string& sha256 = "s1") {
    const auto corrected = correct(assignments, sha256);
    return corrected ? std::string() : corrected.error().text();
  };
  EXPECT_EQ(fault({"total_amount"}), "total_amount: expected field=value, e.g. total_amount=45.60");
  EXPECT_EQ(fault({"total_amount=1.00", "total_amount=2.00"}), "total_amount: is given twice");
  EXPECT_EQ(fault({"totl="}), "totl: no field has this name; docs/formats/record.md lists them");
  EXPECT_EQ(fault({"item_count=many"}), "item_count: is \"many\", expected a whole number");
  EXPECT_EQ(fault({"invoice_date=2024-06-03"}),
            "invoice_date: would be 2024-06-03 beside invoice_date_raw 3/5/24; give both");
  EXPECT_NE(fault({"total_amount=1.00"}, "s2").find("holds other bytes than when it was labelled"), std::string::npos);
  EXPECT_EQ(text(), before);
  EXPECT_EQ(fault({"invoice_date=2024-06-03", "invoice_date_raw=3/6/24"}), "");
}

TEST_F(Corrections, AVersionThatDoesNotFollowIsNamed) {
  const auto fault = [](const std::string& text) { return parse_truth(text, "t.jsonl").error().text(); };
  EXPECT_EQ(fault("{\"file\": \"a\", \"version\": 2, \"truth\": {}}"),
            "t.jsonl line 1: is version 2 of a, expected version 1");
  EXPECT_EQ(fault("{\"file\": \"a\", \"truth\": {}}\n{\"file\": \"a\", \"version\": 3, \"truth\": {}}"),
            "t.jsonl line 2: is version 3 of a, expected version 2");
  EXPECT_EQ(fault("{\"file\": \"a\", \"version\": 0, \"truth\": {}}"),
            "t.jsonl line 1: expected \"version\" to be at least 1");
}

// A person who corrects the total has not said that there is no supplier.
TEST_F(Corrections, AFieldThatNobodyLabelledCountsNowhere) {
  ASSERT_TRUE(correct({"total_amount=45.60", "due_date="}));
  ASSERT_TRUE(correct({"supplier_name=Bee"}, "s2", "papers/b.png"));
  const auto said = read_prediction(*parse_json(R"({"file": "x", "fields": {
      "total_amount": {"value": "45.60", "confidence": 1}, "supplier_name": {"value": "X", "confidence": 1},
      "due_date": {"value": "2024-03-05", "confidence": 1}}})",
                                                "t"),
                                    "t");
  ASSERT_TRUE(said);
  const Evaluation e = evaluate(parsed(), {*said, *said}, {1, 1});
  std::map<std::string, FieldScore> scores;
  for (const FieldScore& score : e.fields) scores[score.field] = score;
  EXPECT_EQ(scores.at("total_amount").n, 1);
  EXPECT_EQ(scores.at("total_amount").exact, 1);
  EXPECT_EQ(scores.at("total_amount").without_truth, 0);
  EXPECT_EQ(scores.at("supplier_name").wrong, 1);
  EXPECT_EQ(scores.at("supplier_name").invented, 0);
  EXPECT_EQ(scores.at("due_date").without_truth, 1);
  EXPECT_EQ(scores.at("due_date").invented, 1);
}

}  // namespace
}  // namespace docket::eval
