#include "eval/experiment.h"

#include <gtest/gtest.h>

#include "eval/experiment_report.h"
#include "eval/experiment_text.h"

namespace docket::eval {
namespace {

// Documents with a total and a date; a side gives the total right or wrong, as its string says ('+', '-', '0' for
// none).
std::vector<TruthDocument> truth_of(std::size_t count) {
  std::vector<TruthDocument> out;
  for (std::size_t i = 0; i < count; ++i) {
    TruthDocument document;
    document.file = std::to_string(i) + ".png";
    document.path = "/nowhere/" + document.file;
    document.values = {{"total_amount", "10.00"}, {"invoice_date", "2024-03-05"}};
    out.push_back(document);
  }
  return out;
}

Run run_of(const std::string& name, const std::string& totals, double seconds) {
  Run out;
  out.name = name;
  for (const char total : totals) {
    Prediction prediction;
    prediction.fields["invoice_date"].value = "2024-03-05";
    if (total != '0') prediction.fields["total_amount"].value = total == '+' ? "10.00" : "1.00";
    out.predictions.push_back(prediction);
    RunCost cost;
    cost.seconds = seconds;
    cost.tokens = total == '+' ? 100 : 50;
    cost.questions = 1;
    out.costs.push_back(cost);
  }
  return out;
}

Experiment compared(const std::string& a, const std::string& b) {
  return compare_runs(truth_of(a.size()), run_of("quant=none", a, 1), run_of("quant=nf4", b, 0.5), 2000, 1);
}

const FieldDifference& total_of(const Experiment& experiment) { return experiment.fields.at(1); }

// Twelve documents: nine lost by B, one won, one right and one wrong on both sides. McNemar of 9 and 1:
// 2 (1 + 10) / 1024; the dates never differ, so that there is nothing to adjust for.
TEST(Experiment, CountsAndTestsWhatEachSideAloneHasRight) {
  const Experiment e = compared("+++++++++-+-", "---------++0");
  ASSERT_EQ(e.fields.size(), 2U);
  EXPECT_EQ(e.fields[0].field, "invoice_date");
  EXPECT_EQ(e.fields[0].p, 1);
  const FieldDifference& total = total_of(e);
  EXPECT_EQ(total.n, 12);
  EXPECT_EQ(total.right_a, 10);
  EXPECT_EQ(total.right_b, 2);
  EXPECT_EQ(total.wrong_a, 2);
  EXPECT_EQ(total.wrong_b, 9);
  EXPECT_EQ(total.only_a, 9);
  EXPECT_EQ(total.only_b, 1);
  EXPECT_NEAR(total.p, 22.0 / 1024, 1e-12);
  EXPECT_NEAR(total.p_holm, 22.0 / 1024, 1e-12);
  EXPECT_EQ(total.winner, Winner::kA);
  EXPECT_LT(total.difference.high, 0);
  EXPECT_EQ(e.overall.n, 24);
  EXPECT_EQ(e.overall.right_a, 22);
  EXPECT_EQ(e.overall.better_a, 9);
  EXPECT_EQ(e.overall.better_b, 1);
  EXPECT_EQ(e.overall.winner, Winner::kA);
  EXPECT_EQ(verdict_of(e).find("A is better. A has 91.7 % of 24 labelled fields right, B 58.3 %: -33.3 points"), 0U)
      << verdict_of(e);

  EXPECT_EQ(e.changed.size(), 11U);  // the last one is wrong and then missing: another outcome, neither won nor lost
  EXPECT_EQ(e.changed.back().document, 11U);
  EXPECT_EQ(e.changed.back().gained + e.changed.back().lost, 0);
  EXPECT_EQ(e.changed.front().lost, 1);
}

TEST(Experiment, FiveOfFiveIsNoProof) {
  const Experiment e = compared("-----+", "++++++");
  EXPECT_NEAR(total_of(e).p, 2.0 / 32, 1e-12);
  EXPECT_EQ(total_of(e).winner, Winner::kNeither);
  EXPECT_EQ(e.overall.winner, Winner::kNeither);
  EXPECT_EQ(verdict_of(e).find("No difference"), 0U);
}

// 2 / 64 for the total alone; once the dates differ too, 4 / 64.
TEST(Experiment, SixOfSixIsOneForAFieldAloneButNotForOneOfTwo) {
  EXPECT_EQ(total_of(compared("------", "++++++")).winner, Winner::kB);
  auto b = run_of("b", "++++++", 1);
  b.predictions[0].fields["invoice_date"].value = "2024-05-03";
  const Experiment e = compare_runs(truth_of(6), run_of("a", "------", 1), b, 100, 1);
  EXPECT_NEAR(total_of(e).p_holm, 4.0 / 64, 1e-12);
  EXPECT_EQ(total_of(e).winner, Winner::kNeither);
  EXPECT_EQ(e.fields[0].p_holm, 1);
}

TEST(Experiment, CostsAreMeansWithAPairedInterval) {
  const Experiment e = compared("++--", "+---");
  EXPECT_EQ(e.costs[0].name, "seconds");
  EXPECT_DOUBLE_EQ(e.costs[0].a, 1);
  EXPECT_DOUBLE_EQ(e.costs[0].b, 0.5);
  EXPECT_DOUBLE_EQ(e.costs[0].difference.low, -0.5);  // the same for every document, so nothing to draw
  EXPECT_DOUBLE_EQ(e.costs[0].difference.high, -0.5);
  EXPECT_EQ(e.costs[2].name, "tokens");
  EXPECT_DOUBLE_EQ(e.costs[2].a, 75);
  EXPECT_DOUBLE_EQ(e.costs[2].b, 62.5);
}

TEST(Experiment, TheSameSeedGivesTheSameJsonAndAnotherOtherIntervals) {
  const auto json = [](std::uint64_t seed) {
    const auto a = run_of("a", "+-+-++-+", 1), b = run_of("b", "++--+-++", 1);
    return to_json(compare_runs(truth_of(8), a, b, 333, seed)).dump();
  };
  EXPECT_EQ(json(5), json(5));
  EXPECT_NE(json(5), json(6));
}

TEST(Experiment, JsonAndTableHoldTheFiguresAndTheChanges) {
  const Experiment e = compared("+-", "0-");
  const OrderedJson json = to_json(e);
  EXPECT_EQ(json["a"], "quant=none");
  EXPECT_EQ(json["fields"][1]["right"].dump(), "[1,0]");
  EXPECT_EQ(json["fields"][1]["right_alone"].dump(), "[1,0]");
  EXPECT_EQ(json["changed"].dump(),
            R"([{"file":"0.png","gained":0,"lost":1,"fields":[{"field":"total_amount","truth":"10.00",)"
            R"("given":["10.00",null],"outcome":["exact","missing"]}]}])");
  const std::string table = to_table(e);
  EXPECT_NE(table.find("0.png: total_amount: truth \"10.00\", A \"10.00\" (exact), B \"\" (missing)"),
            std::string::npos)
      << table;
}

// A foreign tax is compared with GST only where the record has it; without truth there is nothing to judge.
TEST(Experiment, AValueThatIsNotJudgedIsNoChange) {
  auto truth = truth_of(2);
  truth[0].values["tax_amount"] = "1.00";
  auto a = run_of("a", "++", 1), b = run_of("b", "++", 1);
  a.predictions[1].fields["gst_amount"].value = "0.90";
  EXPECT_TRUE(compare_runs(truth, a, b, 100, 1).changed.empty());
  b.predictions[0].fields["gst_amount"].value = "0.90";
  EXPECT_EQ(compare_runs(truth, a, b, 100, 1).changed.size(), 1U);
}

TEST(Experiment, WhatNobodyLabelledIsNoDifference) {
  auto truth = truth_of(2);
  truth[0].partial = true;
  truth[0].values.erase("total_amount");
  const Experiment e = compare_runs(truth, run_of("a", "++", 1), run_of("b", "-+", 1), 100, 1);
  EXPECT_EQ(total_of(e).n, 1);
  EXPECT_TRUE(e.changed.empty());
}

TEST(ExperimentReport, ShowsFiguresAndTheChangedDocumentsAlone) {
  auto a = run_of("prompts <1>", "++", 1), b = run_of("prompts 2", "+-", 1);
  a.predictions[1].fields["total_amount"].page = b.predictions[1].fields["total_amount"].page = 1;
  a.predictions[1].fields["total_amount"].box = {10, 20, 60, 40};
  b.predictions[1].fields["total_amount"].box = {10, 120, 60, 140};
  const Experiment e = compare_runs(truth_of(2), a, b, 100, 1);
  const std::string html =
      to_report(e, {"title & co", "sub"}, [](const std::filesystem::path& path, const std::vector<int>& pages) {
        EXPECT_EQ(path, "/nowhere/1.png");
        EXPECT_EQ(pages, std::vector<int>{1});
        return Result<std::vector<Picture>>(std::vector<Picture>{{1, 750, 600, "data:image/webp;base64,UklGRg=="}});
      });
  EXPECT_NE(html.find("prompts &lt;1&gt;"), std::string::npos);
  EXPECT_NE(html.find("data-file=\"1.png\""), std::string::npos);
  EXPECT_EQ(html.find("data-file=\"0.png\""), std::string::npos) << "nothing changed there";
  EXPECT_NE(html.find("class=\"box a\" data-field=\"A total_amount\""), std::string::npos);
  EXPECT_NE(html.find("class=\"box b\" data-field=\"B total_amount\""), std::string::npos);
  EXPECT_NE(html.find("class=\"interval neither\""), std::string::npos);
  EXPECT_NE(html.find("<tr data-field=\"total_amount\">"), std::string::npos);
  EXPECT_NE(html.find("Right on the same documents: invoice_date."), std::string::npos);
  EXPECT_NE(html.find("No difference that chance would not give."), std::string::npos);
  EXPECT_EQ(html.find("<script"), std::string::npos);
}

}  // namespace
}  // namespace docket::eval
