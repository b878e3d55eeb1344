// docket eval on the samples: the figures, and the report as a browser sees it.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "core/base/file.h"
#include "core/base/json.h"
#include "page/read.h"
#include "tests/apps/program.h"

namespace docket::apps {
namespace {

// Two samples, labelled, by absolute path.
std::string small_truth(const std::string& folder) {
  const std::string samples = std::filesystem::absolute("samples").string();
  const std::string file = folder + "/truth.jsonl";
  const std::string text =
      json_line(Json{
          {"file", samples + "/supermarket.png"},
          {"kind", "flat"},
          {"truth", {{"total_amount", "142.21"}, {"invoice_date", "2024-05-21"}, {"supplier_name", "THOMAS IGA"}}}}) +
      "\n" +
      json_line(Json{{"file", samples + "/fuel-photo.jpg"},
                     {"kind", "photo"},
                     {"truth", {{"total_amount", "38.33"}, {"invoice_date", "2023-04-29"}, {"shoe_size", 44}}}}) +
      "\n";
  EXPECT_TRUE(write_file_atomic(file, text));
  return file;
}

TEST(Eval, CountsWhatIsRightAndNamesWhatIsNot) {
  const std::string folder = fresh_folder("eval_test");
  const Ran ran = run_docket({"eval", "--truth", small_truth(folder), "--reader", "ocr", "--format", "json"});
  ASSERT_EQ(ran.status, 0) << ran.err;
  const auto json = parse_json(ran.out, "eval");
  ASSERT_TRUE(json);
  EXPECT_EQ((*json)["documents"], 2);
  EXPECT_EQ((*json)["failed"], 0);
  EXPECT_EQ((*json)["ignored"], Json::array({"shoe_size"}));
  EXPECT_GT((*json)["seconds"]["mean"], 0);
  EXPECT_GT((*json)["costs"]["processor_seconds"], 0);
  EXPECT_EQ((*json)["costs"]["questions"], 0);
  for (const Json& field : (*json)["fields"]) {
    if (field["field"] == "total_amount") {
      EXPECT_EQ(field["n"], 2);
      EXPECT_EQ(field["exact"], 1);
      EXPECT_EQ(field["wrong"], 1);  // the label says 38.33 on purpose
    }
    if (field["field"] == "invoice_date") {
      EXPECT_EQ(field["exact"], 2);
    }
  }
  EXPECT_EQ((*json)["kinds"].size(), 2u);
  int listed = 0;
  for (const Json& failure : (*json)["failures"]) {
    if (failure["field"] != "total_amount") continue;
    ++listed;
    EXPECT_EQ(failure["outcome"], "wrong");
    EXPECT_EQ(failure["truth"], "38.33");
    EXPECT_EQ(failure["given"], "38.32");
  }
  EXPECT_EQ(listed, 1);
}

// What a person corrects is what the next evaluation holds the record against.
TEST(Correct, WhatItAddsIsReadBackByEval) {
  const std::string folder = fresh_folder("correct_test");
  const std::string receipt = folder + "/receipt.png";
  std::filesystem::copy_file("samples/supermarket.png", receipt);
  const Ran first = run_docket({"correct", receipt, "total_amount=9.99", "due_date="});
  ASSERT_EQ(first.status, 0) << first.err;
  EXPECT_EQ(first.out,
            folder + "/truth.jsonl: receipt.png, version 1\n  due_date = NOT_FOUND\n  total_amount = 9.99\n");
  const Ran second = run_docket({"correct", receipt, "total_amount=142.21", "supplier_abn=48 105 516 229"});
  ASSERT_EQ(second.status, 0) << second.err;
  EXPECT_NE(second.out.find("total_amount = 142.21   (was 9.99)"), std::string::npos) << second.out;

  const Ran ran = run_docket({"eval", "--truth", folder + "/truth.jsonl", "--reader", "ocr", "--format", "json"});
  ASSERT_EQ(ran.status, 0) << ran.err;
  const auto json = parse_json(ran.out, "eval");
  ASSERT_TRUE(json);
  EXPECT_EQ((*json)["documents"], 1);
  EXPECT_EQ((*json)["failures"], Json::array());
  int exact = 0;
  for (const Json& field : (*json)["fields"]) exact += field["exact"].get<int>();
  EXPECT_EQ(exact, 2);

  const Ran bad = run_docket({"correct", receipt, "total_amount=lots"});
  EXPECT_EQ(bad.status, 2);
  EXPECT_NE(bad.err.find("total_amount: is \"lots\""), std::string::npos) << bad.err;
}

// The box drawn for a field covers the words that the generator put there.
TEST(Eval, ReportBoxesSitOnTheWordsTheyName) {
  const std::string folder = fresh_folder("eval_report_test");
  const std::string report = folder + "/report.html";
  ASSERT_EQ(run_docket({"eval", "--truth", small_truth(folder), "--report", report}).status, 0);
  const auto html = read_text_file(report, 1 << 26);
  ASSERT_TRUE(html);

  const auto boxes = read_text_file("samples/boxes.jsonl", 1 << 24);
  ASSERT_TRUE(boxes);
  int checked = 0;
  for (const std::string& line : lines_of(*boxes)) {
    const auto sample = parse_json(line, "boxes");
    ASSERT_TRUE(sample);
    const std::size_t section = html->find((*sample)["file"].get<std::string>() + "\">");
    if (section == std::string::npos) continue;
    for (const char* field : {"total_amount", "invoice_date"}) {
      const std::size_t group = html->find("data-field=\"" + std::string(field) + "\"", section);
      ASSERT_NE(group, std::string::npos) << field;
      double x = 0, y = 0, width = 0, height = 0;
      const std::string rect = html->substr(html->find("<rect", group), 120);
      ASSERT_EQ(
          std::sscanf(rect.c_str(), "<rect x=\"%lf\" y=\"%lf\" width=\"%lf\" height=\"%lf\"", &x, &y, &width, &height),
          4)
          << rect;
      const auto truth = (*sample)["fields"][field].get<std::array<double, 4>>();
      const double middle_x = (truth[0] + truth[2]) / 2, middle_y = (truth[1] + truth[3]) / 2;
      EXPECT_LT(x, middle_x) << field;
      EXPECT_GT(x + width, middle_x) << field;
      // A docket prints its total and date more than once; either place names the field, so only the one that the
      // generator marked is held to its row.
      if (y < middle_y && y + height > middle_y) ++checked;
      EXPECT_LT(height, 4 * (truth[3] - truth[1])) << field << ": a box as high as a word, not as the page";
    }
  }
  EXPECT_GE(checked, 2);
}

Json experiment_json(const std::vector<std::string>& flags) {
  std::vector<std::string> all = {"experiment", "run", "--format", "json"};
  all.insert(all.end(), flags.begin(), flags.end());
  const Ran ran = run_docket(all);
  EXPECT_EQ(ran.status, 0) << ran.err;
  auto json = parse_json(ran.out, "experiment");
  EXPECT_TRUE(json) << ran.out;
  return json ? *json : Json();
}

TEST(Experiment, TheSameReaderTwiceIsNoDifference) {
  const std::string truth = small_truth(fresh_folder("experiment_same_test"));
  const Json json = experiment_json({"--a", "reader=ocr", "--b", "DOCKET_READER=ocr", "--truth", truth});
  EXPECT_EQ(json["overall"]["winner"], "no difference");
  EXPECT_EQ(json["changed"], Json::array());
  EXPECT_EQ(json["overall"]["n"], 6);  // three fields of two documents; a field without truth counts, too
  EXPECT_GT(json["costs"]["processor_seconds"]["mean"][0], 0);
  EXPECT_EQ(json["costs"]["tokens"]["mean"][1], 0);
}

// Random weights say nothing: the first document is OCR's. On the second OCR has the date right, the total wrong (the
// label says so on purpose) and gives a name that is not labelled, where saying nothing is right: one field each.
TEST(Experiment, CountsWhatAModelCostsAndReportsTheDocumentsThatChanged) {
  const std::string folder = fresh_folder("experiment_model_test");
  const Json json =
      experiment_json({"--a", "reader=ocr", "--b", "reader=vlm,model=tests/golden/data/tiny,quant=nf4", "--truth",
                       small_truth(folder), "--report", folder + "/report.html", "--json", folder + "/result.json"});
  EXPECT_EQ(json["overall"]["documents_better"], Json::array({1, 0}));
  EXPECT_EQ(json["overall"]["sign_test_p"], 1);
  EXPECT_EQ(json["overall"]["winner"], "no difference");
  EXPECT_EQ(json["costs"]["questions"]["mean"][0], 0);
  EXPECT_GE(json["costs"]["questions"]["mean"][1], 1);
  EXPECT_GT(json["costs"]["tokens"]["mean"][1], 0);
  EXPECT_GE(json["costs"]["images"]["mean"][1], 1);
  EXPECT_EQ(json["changed"].size(), 2U);
  EXPECT_EQ(*parse_json(*read_text_file(folder + "/result.json", 1 << 20), "file"), json);
  const auto html = read_text_file(folder + "/report.html", 1 << 26);
  ASSERT_TRUE(html);
  for (const char* sample : {"/supermarket.png\"", "/fuel-photo.jpg\""}) {
    EXPECT_NE(html->find(sample), std::string::npos) << sample;
  }
  EXPECT_NE(html->find("data-field=\"A total_amount\""), std::string::npos);
  EXPECT_EQ(html->find("No picture"), std::string::npos);
}

TEST(Experiment, ASampleIsDrawnByTheSeedAndBadSidesAreRefused) {
  const std::string truth = small_truth(fresh_folder("experiment_usage_test"));
  const Json json = experiment_json({"--b", "default", "--truth", truth, "--sample", "1", "--seed", "3"});
  EXPECT_EQ(json["documents"], 1);
  const auto refused = [&](const std::string& side) {
    const Ran ran = run_docket({"experiment", "run", "--b", side, "--truth", truth});
    EXPECT_EQ(ran.status, 2) << side;
    return ran.err;
  };
  EXPECT_NE(refused("quant=nf5").find("--b: DOCKET_QUANT is \"nf5\""), std::string::npos);
  EXPECT_NE(refused("quandt=nf4").find("did you mean DOCKET_QUANT?"), std::string::npos);
  EXPECT_NE(refused("no/such/folder").find("expected default, built-in, a folder of prompts"), std::string::npos);
  EXPECT_EQ(run_docket({"experiment", "run", "--truth", truth}).status, 2);
}

struct Colour {
  int red, green, blue;
};

int count_pixels(const page::Page& page, Colour colour) {
  int count = 0;
  for (std::size_t i = 0; i + 2 < page.rgb.size(); i += 3) {
    count += std::abs(page.rgb[i] - colour.red) < 12 && std::abs(page.rgb[i + 1] - colour.green) < 12 &&
             std::abs(page.rgb[i + 2] - colour.blue) < 12;
  }
  return count;
}

// The report's own colours, as drawn: green boxes on what is right, a red one on the total that is labelled wrongly on
// purpose, and a dark ground when the reader of the report prefers that.
TEST(Eval, ABrowserDrawsTheReportLightAndDark) {
  if (std::system("command -v chromium >/dev/null 2>&1") != 0) GTEST_SKIP() << "chromium is not installed";
  const std::string folder = fresh_folder("eval_browser_test");
  ASSERT_EQ(run_docket({"eval", "--truth", small_truth(folder), "--report", folder + "/report.html"}).status, 0);
  for (const bool dark : {false, true}) {
    const std::string picture = folder + (dark ? "/dark.png" : "/light.png");
    const std::string command =
        "chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir=" + folder +
        "/profile --window-size=1300,4200 " +
        (dark ? "--blink-settings=preferredColorScheme=0 " : "--blink-settings=preferredColorScheme=1 ") +
        "--screenshot=" + picture + " file://" + folder + "/report.html >/dev/null 2>&1";
    ASSERT_EQ(std::system(command.c_str()), 0);
    const auto bytes = read_file(picture, 1 << 26);
    ASSERT_TRUE(bytes);
    const auto drawn = page::read_pages(*bytes, picture);
    ASSERT_TRUE(drawn);
    const page::Page& page = drawn->pages.front();
    EXPECT_GT(count_pixels(page, {0x15, 0x80, 0x3d}), 300) << "green boxes";
    EXPECT_GT(count_pixels(page, {0xc8, 0x1e, 0x1e}), 100) << "a red box";
    const Colour ground = dark ? Colour{0x14, 0x17, 0x1a} : Colour{0xfb, 0xfa, 0xf7};
    EXPECT_GT(count_pixels(page, ground), page.width * page.height / 10);
  }
}

}  // namespace
}  // namespace docket::apps
