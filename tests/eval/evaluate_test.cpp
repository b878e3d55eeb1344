#include "eval/evaluate.h"

#include <gtest/gtest.h>

#include "eval/compare.h"
#include "eval/table.h"

namespace docket::eval {
namespace {

Prediction predict(const std::string& json) {
  auto prediction = read_prediction(*parse_json(json, "test"), "test");
  EXPECT_TRUE(prediction) << (prediction ? "" : prediction.error().text());
  return *std::move(prediction);
}

const FieldScore& field(const std::vector<FieldScore>& scores, const std::string& name) {
  for (const FieldScore& score : scores) {
    if (score.field == name) return score;
  }
  ADD_FAILURE() << name << " is not scored";
  static const FieldScore none;
  return none;
}

TEST(Truth, ResolvesFilesAgainstItsFolderAndNamesBadLines) {
  const auto truth = parse_truth(
      "{\"file\": \"images/1.jpg\", \"kind\": \"fuel\", \"truth\": {\"item_count\": 3, "
      "\"tip\": null, \"line_items\": []}}\n\n{\"file\": \"/abs/2.jpg\", \"truth\": {}}",
      "/data/truth.jsonl");
  ASSERT_TRUE(truth);
  ASSERT_EQ(truth->size(), 2u);
  EXPECT_EQ((*truth)[0].path, "/data/images/1.jpg");
  EXPECT_EQ((*truth)[0].kind, "fuel");
  EXPECT_EQ((*truth)[0].values.at("item_count"), "3");
  EXPECT_EQ((*truth)[0].values.count("tip"), 0u);
  EXPECT_EQ((*truth)[0].not_scalar, std::vector<std::string>{"line_items"});
  EXPECT_EQ((*truth)[1].path, "/abs/2.jpg");
  EXPECT_EQ(parse_truth("{}\n", "t.jsonl").error().text(), "t.jsonl line 1: expected \"file\" to be a text");
  EXPECT_EQ(parse_truth("\n{\"file\": \"a\"}", "t.jsonl").error().text(),
            "t.jsonl line 2: expected \"truth\" to be an object");
  EXPECT_EQ(parse_truth("\n", "t.jsonl").error().text(), "t.jsonl: holds no document, expected JSON lines");
}

TEST(Compare, JudgesEachKindOfFieldByItsMeaning) {
  const auto same = [](const char* field, const char* expected, const char* given) {
    return compare(field_rule(field)->comparison, expected, given);
  };
  EXPECT_TRUE(same("total_amount", "$1,012.30", "1012.30").exact);
  EXPECT_TRUE(same("total_amount", "9", "9.00").exact);
  EXPECT_FALSE(same("total_amount", "9.01", "9.00").normalised);
  EXPECT_FALSE(same("total_amount", "nothing", "nothing").normalised);
  EXPECT_TRUE(same("invoice_date", "2024-03-05", "2024-03-05").exact);
  EXPECT_FALSE(same("invoice_date", "2024-03-05", "2024-05-03").normalised);
  EXPECT_TRUE(same("invoice_date_raw", "03/05/16", "2016-03-05").exact);  // month first
  EXPECT_TRUE(same("invoice_date_raw", "03/05/16", "2016-05-03").exact);  // or day first: print does not say
  EXPECT_FALSE(same("invoice_date_raw", "03/05/16", "2016-03-06").exact);
  EXPECT_TRUE(same("invoice_time", "2:32 PM", "14:32:00").exact);
  EXPECT_TRUE(same("item_count", "8", "8").exact);
  EXPECT_FALSE(same("item_count", "8", "9").normalised);
  const Match name = same("supplier_name", "MR D.I.Y. SDN BHD", "Mr DIY Sdn. Bhd");
  EXPECT_FALSE(name.exact);
  EXPECT_TRUE(name.normalised);
  EXPECT_TRUE(same("supplier_abn", "51 824 753 556", "51824753556").normalised);
  EXPECT_TRUE(same("supplier_phone", "(02) 5550 1234", "+61255501234").normalised);
  EXPECT_FALSE(same("supplier_phone", "(02) 5550 1235", "+61255501234").normalised);
  EXPECT_TRUE(same("supplier_website", "https://www.acme.com.au/x", "acme.com.au").normalised);
  EXPECT_FALSE(same("supplier_website", "acme.com.au", "acme.com").normalised);
  EXPECT_TRUE(same("taxable_total", "29.21", "29.21").exact);
  EXPECT_FALSE(field_rule("no_such_field"));
}

// Four documents, counted by hand.
TEST(Evaluate, CountsEveryOutcome) {
  const auto truth = parse_truth(
      R"({"file": "a", "kind": "x", "truth": {"supplier_name": "ACME PTY LTD", "total_amount": "10.00"}}
{"file": "b", "kind": "x", "truth": {"supplier_name": "BETA", "total_amount": "20.00", "shoe_size": "44"}}
{"file": "c", "kind": "y", "truth": {"supplier_name": "GAMMA", "tip": "1.00"}}
{"file": "d", "kind": "y", "truth": {"supplier_name": "DELTA", "total_amount": "40.00"}})",
      "t.jsonl");
  ASSERT_TRUE(truth);
  const Evaluation e =
      evaluate(*truth,
               {predict(R"({"file": "a", "fields": {"supplier_name": {"value": "Acme Pty. Ltd", "confidence": 0.9},
                   "total_amount": {"value": "10.00", "confidence": 0.8}, "tip": null}})"),
                predict(R"({"file": "b", "fields": {"supplier_name": {"value": "BETA", "confidence": 1},
                   "total_amount": {"value": "2.00", "confidence": 0.6}}})"),
                predict(R"({"file": "c", "fields": {"supplier_name": {"value": null, "absent_reason": "not_seen"},
                   "total_amount": {"value": "5.00", "confidence": 0.7}}})"),
                predict(R"({"file": "d", "error": {"code": "malformed", "message": "no picture"}})")},
               {1, 2, 3, 4});

  const FieldScore& name = field(e.fields, "supplier_name");
  EXPECT_EQ(name.n, 4);
  EXPECT_EQ(name.exact, 1);
  EXPECT_EQ(name.normalised, 2);
  EXPECT_EQ(name.wrong, 0);
  EXPECT_EQ(name.missing, 2);
  const FieldScore& total = field(e.fields, "total_amount");
  EXPECT_EQ(total.n, 3);
  EXPECT_EQ(total.exact, 1);
  EXPECT_EQ(total.wrong, 1);
  EXPECT_EQ(total.missing, 1);
  EXPECT_EQ(total.without_truth, 1);
  EXPECT_EQ(total.invented, 1);
  EXPECT_NEAR(total.interval.low, wilson_interval(1, 3).low, 1e-12);
  EXPECT_EQ(field(e.fields, "tip").missing, 1);
  EXPECT_EQ(e.ignored, std::vector<std::string>{"shoe_size"});
  EXPECT_EQ(e.fields.front().field, "supplier_name");  // the schema's order
  EXPECT_EQ(e.documents_failed, 1);
  EXPECT_DOUBLE_EQ(e.seconds.mean, 2.5);

  EXPECT_EQ(field(e.by_kind.at("x"), "supplier_name").normalised, 2);
  EXPECT_EQ(field(e.by_kind.at("y"), "supplier_name").missing, 2);

  // Given where truth has one: 0.9 right, 0.8 right, 1.0 right, 0.6 wrong; the invented 0.7 does not count.
  EXPECT_EQ(e.calibration.count, 4);
  EXPECT_NEAR(e.calibration.ece, (2 * std::abs(1 - 0.95) + std::abs(1 - 0.8) + std::abs(0 - 0.6)) / 4, 1e-12);
}

TEST(Evaluate, AForeignTaxCountsOnlyWhereTheRecordHasGst) {
  const auto truth = parse_truth(
      "{\"file\": \"a\", \"truth\": {\"tax_amount\": \"2.23\"}}\n"
      "{\"file\": \"b\", \"truth\": {\"tax_amount\": \"2.23\"}}",
      "t");
  ASSERT_TRUE(truth);
  const Evaluation e =
      evaluate(*truth,
               {predict(R"({"file": "a", "fields": {}})"),
                predict(R"({"file": "b", "fields": {"gst_amount": {"value": "2.23", "confidence": 1}}})")},
               {1, 1});
  EXPECT_EQ(field(e.fields, "tax_amount").n, 1);
  EXPECT_EQ(field(e.fields, "tax_amount").exact, 1);
  EXPECT_EQ(field(e.fields, "tax_amount").missing, 0);
}

TEST(Evaluate, ItemCountIsTheNumberOfLineItems) {
  const auto truth = parse_truth("{\"file\": \"a\", \"truth\": {\"item_count\": 2}}", "t");
  ASSERT_TRUE(truth);
  const Evaluation e = evaluate(*truth, {predict(R"({"file": "a", "fields": {}, "line_items": [{}, {}]})")}, {1});
  EXPECT_EQ(field(e.fields, "item_count").exact, 1);
}

TEST(Evaluate, AFlagThatIsAbsentSaysFalseAndWhatIsDerivedIsNoInvention) {
  const auto truth = parse_truth(
      "{\"file\": \"a\", \"truth\": {\"tax_invoice_wording\": false, \"taxable_total\": \"1.00\"}}\n"
      "{\"file\": \"b\", \"truth\": {\"tax_invoice_wording\": true}}\n"
      "{\"file\": \"c\", \"truth\": {\"tax_invoice_wording\": false}}\n"
      "{\"file\": \"d\", \"truth\": {\"tax_invoice_wording\": false}}",
      "t");
  ASSERT_TRUE(truth);
  const char* found = R"({"file": "x", "fields": {"tax_invoice_wording": {"value": true, "confidence": 1},
                          "taxable_total": {"value": "1.00", "confidence": 1}}})";
  const Evaluation e = evaluate(*truth,
                                {predict(R"({"file": "a", "fields": {}})"), predict(found), predict(found),
                                 predict(R"({"file": "d", "error": "gone"})")},
                                {1, 1, 1, 1});
  EXPECT_EQ(field(e.fields, "tax_invoice_wording").exact, 2);
  EXPECT_EQ(field(e.fields, "tax_invoice_wording").wrong, 1);
  EXPECT_EQ(field(e.fields, "tax_invoice_wording").missing, 1);
  EXPECT_EQ(field(e.fields, "taxable_total").invented, 0);
  EXPECT_EQ(e.calibration.count, 2);  // only what was given with a confidence
}

TEST(Table, ShowsFiguresFailuresAndIgnoredFields) {
  const auto truth = parse_truth("{\"file\": \"a.jpg\", \"truth\": {\"total_amount\": \"2.23\", \"x\": 1}}", "t");
  ASSERT_TRUE(truth);
  Evaluation e = evaluate(
      *truth, {predict(R"({"file": "a.jpg", "fields": {"total_amount": {"value": "2.20", "confidence": 0.5}}})")},
      {1.5});
  EXPECT_FALSE(to_json(e).contains("costs"));
  e.costs = {{.seconds = 1, .processor_seconds = 3, .tokens = 7, .questions = 1, .images = 1},
             {.seconds = 1, .processor_seconds = 1, .tokens = 2, .questions = 2, .cached = 1, .images = 1}};
  EXPECT_EQ(to_json(e)["costs"].dump(),
            R"({"processor_seconds":2.0,"questions":1.5,"cached":0.5,"images":1.0,"tokens":4.5})");
  const std::string table = to_table(e);
  EXPECT_NE(
      table.find("2.00 processor seconds; the model: 1.50 questions (0.50 more from memory), 1.00 pictures encoded, "
                 "4.5 tokens"),
      std::string::npos)
      << table;
  EXPECT_NE(table.find("a.jpg: total_amount wrong: truth \"2.23\", docket \"2.20\" (0.50)"), std::string::npos)
      << table;
  EXPECT_NE(table.find("Ignored, not fields of docket: x"), std::string::npos) << table;
  EXPECT_NE(table.find("mean 1.50"), std::string::npos) << table;
  const OrderedJson json = to_json(e);
  EXPECT_EQ(json["fields"][0]["wrong"], 1);
  EXPECT_EQ(json["failures"][0]["truth"], "2.23");
  EXPECT_EQ(json["calibration"]["by_field"]["total_amount"]["values"].dump(), "[[0.5,0]]");
  EXPECT_EQ(percent(1, 0), "-");
  EXPECT_EQ(percent(1, 8), "12.5 %");
}

TEST(Prediction, RefusesWhatIsNotARecord) {
  EXPECT_FALSE(read_prediction(*parse_json("{}", "t"), "t"));
  EXPECT_FALSE(read_prediction(*parse_json(R"({"file": "a"})", "t"), "t"));
  EXPECT_FALSE(read_prediction(*parse_json(R"({"file": "a", "fields": {"tip": 3}})", "t"), "t"));
  EXPECT_EQ(predict(R"({"file": "a", "error": "gone"})").error, "gone");
}

}  // namespace
}  // namespace docket::eval
