// docket extract on the rendered samples, whose truth is exact.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include "core/base/file.h"
#include "core/base/json.h"
#include "tests/apps/program.h"
#include "tests/store/schema_check.h"

namespace docket::apps {
namespace {

TEST(Extract, KeyValueLinesComeInTheOrderOfTheSchemaAndNoneIsEmpty) {
  const Ran ran = run_docket({"extract", "samples/supermarket.png"});
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.err, "");
  const auto lines = lines_of(ran.out);
  std::vector<std::string> keys;
  for (const std::string& line : lines) {
    const std::size_t colon = line.find(": ");
    ASSERT_NE(colon, std::string::npos) << line;
    EXPECT_GT(line.size(), colon + 2) << line;
    keys.push_back(line.substr(0, colon));
  }
  std::size_t last = 0;
  for (const char* key : {"DOCUMENT_TYPE", "STORE", "ABN", "DATE", "ITEMS", "GST", "TOTAL", "VERDICT"}) {
    const auto found = std::find(keys.begin(), keys.end(), key);
    ASSERT_NE(found, keys.end()) << key;
    EXPECT_GE(static_cast<std::size_t>(found - keys.begin()), last) << key;
    last = static_cast<std::size_t>(found - keys.begin());
  }
  for (const char* line : {"STORE: THOMAS IGA", "ABN: 48105516229", "DATE: 2024-05-21", "TOTAL: 142.21", "GST: 2.66"}) {
    EXPECT_NE(std::find(lines.begin(), lines.end(), line), lines.end()) << line;
  }
}

TEST(Extract, EveryFormatOfEverySampleFitsItsForm) {
  const std::vector<std::string> files = {"samples/supermarket.png", "samples/fuel-photo.jpg",
                                          "samples/tax-invoice-a4.pdf", "samples/credit-note.png"};
  std::vector<std::string> command = {"extract", "--format", "jsonl"};
  command.insert(command.end(), files.begin(), files.end());
  const Ran jsonl = run_docket(command);
  ASSERT_EQ(jsonl.status, 0) << jsonl.err;
  const auto lines = lines_of(jsonl.out);
  ASSERT_EQ(lines.size(), files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    EXPECT_EQ(store::schema_violations(lines[i]), "");
    const auto json = parse_json(lines[i], "line");
    ASSERT_TRUE(json);
    EXPECT_EQ((*json)["file"], files[i]);
    EXPECT_GT((*json)["timing_ms"]["total"], 0);
  }

  command[2] = "json";
  const Ran array = run_docket(command);
  ASSERT_EQ(array.status, 0) << array.err;
  const auto all = parse_json(array.out, "json");
  ASSERT_TRUE(all) << all.error().text();
  ASSERT_EQ(all->size(), files.size());
  for (const Json& record : *all) EXPECT_EQ(store::schema_violations(record.dump()), "");

  const Ran one = run_docket({"extract", "--format", "json", files[0]});
  EXPECT_EQ(store::schema_violations(parse_json(one.out, "json")->dump()), "");

  command[2] = "csv";
  const Ran csv = run_docket(command);
  EXPECT_EQ(csv.status, 0);
  EXPECT_EQ(lines_of(csv.out).size(), files.size() + 1);
  EXPECT_TRUE(csv.out.starts_with("file,sha256,"));
  command[2] = "csv-lines";
  EXPECT_GT(lines_of(run_docket(command).out).size(), files.size());
}

TEST(Extract, ABadFileIsNamedAndTheOthersAreRead) {
  const std::string folder = fresh_folder("extract_test");
  ASSERT_TRUE(write_file_atomic(folder + "/empty.jpg", ""));
  ASSERT_TRUE(write_file_atomic(folder + "/text.png", "this is no picture"));
  ASSERT_TRUE(write_file_atomic(folder + "/broken.pdf", "%PDF-1.7\n%garbage"));
  const Ran ran = run_docket({"extract", "--format", "jsonl", folder + "/empty.jpg", "missing.jpg",
                              "samples/supermarket.png", folder + "/text.png", folder + "/broken.pdf"});
  EXPECT_EQ(ran.status, 1);
  const auto lines = lines_of(ran.out);
  ASSERT_EQ(lines.size(), 5u) << ran.out << ran.err;
  for (const std::string& line : lines) EXPECT_EQ(store::schema_violations(line), "");
  const std::vector<std::string> names = {"/empty.jpg", "missing.jpg", "samples/supermarket.png", "/text.png",
                                          "/broken.pdf"};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto json = parse_json(lines[i], "line");
    ASSERT_TRUE(json);
    EXPECT_TRUE((*json)["file"].get<std::string>().ends_with(names[i])) << lines[i];
    EXPECT_EQ(json->contains("error"), i != 2) << lines[i];
  }
  const auto messages = lines_of(ran.err);
  ASSERT_EQ(messages.size(), 4u) << ran.err;
  EXPECT_NE(messages[0].find("empty.jpg"), std::string::npos);
  EXPECT_EQ(messages[1], "docket: missing.jpg: cannot open: No such file or directory");

  const Ran kv = run_docket({"extract", "missing.jpg"});
  EXPECT_EQ(kv.status, 1);
  EXPECT_EQ(kv.out, "");
}

TEST(Extract, PagesAreChosenAndAPageThatIsNotThereIsAnError) {
  EXPECT_EQ(run_docket({"extract", "--pages", "1", "samples/tax-invoice-a4.pdf"}).status, 0);
  const Ran beyond = run_docket({"extract", "--pages", "7", "samples/tax-invoice-a4.pdf"});
  EXPECT_EQ(beyond.status, 1);
  EXPECT_NE(beyond.err.find("samples/tax-invoice-a4.pdf"), std::string::npos) << beyond.err;
}

TEST(Extract, WithoutAModelTheVisionReaderSaysSoAndAutoReads) {
  const Ran vlm = run_docket({"extract", "--reader", "vlm", "--model", "", "samples/supermarket.png"});
  EXPECT_EQ(vlm.status, 1);
  EXPECT_NE(vlm.err.find("no model is given"), std::string::npos) << vlm.err;
  EXPECT_EQ(run_docket({"extract", "--reader", "auto", "--model", "", "samples/supermarket.png"}).status, 0);
}

TEST(Extract, TheShippedModelReadsBesideOcrUnlessToldOtherwise) {
  const auto readers = [](const std::vector<std::string>& flags) {
    std::vector<std::string> all = {"extract", "--format", "jsonl", "samples/supermarket.png"};
    all.insert(all.end(), flags.begin(), flags.end());
    const Ran ran = run_docket(all, {{"DOCKET_MODEL", "shipped"}});
    EXPECT_EQ(ran.status, 0) << ran.err;
    return ran.out;
  };
  const std::string both = readers({}), alone = readers({"--reader", "vlm"}), ocr = readers({"--reader", "ocr"});
  EXPECT_NE(alone.find("\"reader\":\"vlm\""), std::string::npos) << alone;
  EXPECT_NE(alone.find("142.21"), std::string::npos) << alone;
  EXPECT_EQ(ocr.find("\"reader\":\"vlm\""), std::string::npos);
  EXPECT_NE(both.find("\"reader\":\"ocr\""), std::string::npos);
  EXPECT_NE(both, ocr);
}

// Random weights say nothing true: this holds that a page reaches the model and its reply becomes a record.
TEST(Extract, AModelReadsAsAReaderOfItsOwnAndBesideOcr) {
  const std::vector<std::string> model = {"--model", "tests/golden/data/tiny", "--quant", "nf4", "--jobs", "1"};
  const auto run = [&](const std::string& reader) {
    std::vector<std::string> all = {"extract", "--reader", reader, "--format", "jsonl"};
    all.insert(all.end(), model.begin(), model.end());
    all.push_back("samples/supermarket.png");
    return run_docket(all);
  };
  const Ran alone = run("vlm");
  ASSERT_EQ(alone.status, 0) << alone.err;
  EXPECT_EQ(store::schema_violations(lines_of(alone.out)[0]), "");
  EXPECT_EQ(alone.out.find("142.21"), std::string::npos);  // what only OCR can see here
  const Ran both = run("both");
  ASSERT_EQ(both.status, 0) << both.err;
  EXPECT_NE(both.out.find("142.21"), std::string::npos) << both.out;
  const Ran gone = run_docket({"extract", "--reader", "vlm", "--model", "nowhere", "--jobs", "1", "--format", "jsonl",
                               "samples/supermarket.png"});
  EXPECT_EQ(gone.status, 0) << gone.err;
  EXPECT_NE(gone.out.find("142.21"), std::string::npos) << gone.out;
  EXPECT_NE(gone.out.find("reader_fallback"), std::string::npos) << gone.out;
}

TEST(Extract, AnAdapterThatDoesNotFitEndsTheRunNamingFileAndTensor) {
  const std::string adapter = "tests/golden/data/lora-text";
  const std::vector<std::string> flags = {"extract", "--reader", "vlm", "--jobs", "1", "samples/supermarket.png"};
  const Ran fits = run_docket(flags, {{"DOCKET_MODEL", "tests/golden/data/tiny"}, {"DOCKET_ADAPTER", adapter}});
  EXPECT_EQ(fits.status, 0) << fits.err;
  const Ran other = run_docket(flags, {{"DOCKET_MODEL", "tests/golden/data/odd"}, {"DOCKET_ADAPTER", adapter}});
  EXPECT_EQ(other.status, 2);
  EXPECT_NE(other.err.find(adapter + "/adapter_model.safetensors: base_model.model."), std::string::npos) << other.err;
  const Ran none = run_docket(flags, {{"DOCKET_MODEL", ""}, {"DOCKET_ADAPTER", adapter}});
  EXPECT_EQ(none.status, 2);
  EXPECT_NE(none.err.find(adapter), std::string::npos) << none.err;
  const Ran info = run_docket({"model", "info", "tests/golden/data/tiny", "--adapter", adapter + "/"});
  EXPECT_EQ(info.status, 0) << info.err;
  EXPECT_NE(info.out.find("adapter    lora-text: rank 5 at most, 8 linear weights\n"), std::string::npos) << info.out;
}

TEST(Extract, TheCompanysOwnRulesNameTheExpense) {
  const std::string rules = fresh_folder("extract_test_rules") + "/rules.csv";
  ASSERT_TRUE(write_file_atomic(rules, "phrase,category\nunleaded,Motor vehicle\ngarlic,Food\n"));
  const Ran ran =
      run_docket({"extract", "--reader", "ocr", "samples/supermarket.png"}, {{"DOCKET_EXPENSE_RULES", rules}});
  EXPECT_NE(ran.out.find("EXPENSE_CATEGORY: Food\n"), std::string::npos) << ran.out;
  const Ran bad = run_docket({"extract", "samples/supermarket.png"}, {{"DOCKET_SUPPLIERS", rules}});
  EXPECT_EQ(bad.status, 2);
  EXPECT_NE(bad.err.find(rules + ": the first row must be"), std::string::npos) << bad.err;
}

TEST(Extract, WithoutLanguageDataItSaysWhichPackageBringsIt) {
  const Ran ran = run_docket({"extract", "samples/supermarket.png"}, {{"DOCKET_TESSDATA", "/nonexistent"}});
  EXPECT_EQ(ran.status, 1);
  EXPECT_NE(ran.err.find("tesseract-ocr-eng"), std::string::npos) << ran.err;
}

// A pipe that nobody writes to is endless work.
TEST(Extract, ADocumentThatTakesTooLongFailsAtTheTimeLimitAndTheOthersAreRead) {
  const std::string pipe = fresh_folder("extract_test_pipe") + "/pipe.jpg";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  // The other document is tiny, so that it is done in time under a sanitizer on a busy machine too.
  const Ran ran =
      run_docket({"extract", "--jobs", "1", "--time-limit", "6", "--format", "csv", pipe, "tests/page/data/rgb.png"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.err, "docket: " + pipe + ": took longer than the limit of 6 seconds\n");
  EXPECT_EQ(lines_of(ran.out).size(), 2u) << ran.out;
}

TEST(Explain, ADocumentAndItsSavedRecordSayTheSame) {
  const Ran now = run_docket({"explain", "samples/supermarket.png", "--field", "total_amount"});
  ASSERT_EQ(now.status, 0) << now.err;
  EXPECT_EQ(now.out.find("total_amount: 142.21, "), 0U) << now.out;
  EXPECT_NE(now.out.find("OCR read 142.21"), std::string::npos) << now.out;
  const Ran record = run_docket({"extract", "--format", "jsonl", "samples/supermarket.png"});
  const std::string file = fresh_folder("explain_test") + "/records.jsonl";
  ASSERT_TRUE(write_file_atomic(file, record.out));
  EXPECT_EQ(run_docket({"explain", file, "--field", "total_amount"}).out, now.out);
}

}  // namespace
}  // namespace docket::apps
