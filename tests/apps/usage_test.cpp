// Help, settings, exit statuses: what does not need a document.
#include <gtest/gtest.h>

#include "core/base/file.h"
#include "tests/apps/program.h"

namespace docket::apps {
namespace {

TEST(Usage, EveryCommandHasHelpWithAnExample) {
  const Ran all = run_docket({"--help"});
  EXPECT_EQ(all.status, 0);
  for (const char* command : {"extract", "explain", "batch", "export", "eval", "correct", "experiment", "doctor"}) {
    EXPECT_NE(all.out.find(command), std::string::npos) << command;
    const Ran help = run_docket({command, "--help"});
    EXPECT_EQ(help.status, 0) << command;
    EXPECT_NE(help.out.find("Example:\n  docket " + std::string(command)), std::string::npos) << help.out;
  }
  EXPECT_EQ(run_docket({"--version"}).status, 0);
  EXPECT_EQ(run_docket({}).status, 0);
}

TEST(Usage, WhatCannotBeIsStatusTwo) {
  EXPECT_EQ(run_docket({"frobnicate"}).status, 2);
  EXPECT_EQ(run_docket({"extract"}).status, 2);
  EXPECT_EQ(run_docket({"extract", "--format", "xml", "samples/supermarket.png"}).status, 2);
  EXPECT_EQ(run_docket({"extract", "--pages", "3-1", "samples/supermarket.png"}).status, 2);
  EXPECT_EQ(run_docket({"eval", "--truth", "no/such/truth.jsonl"}).status, 2);
  EXPECT_EQ(run_docket({"batch", "--out", "/tmp/unused.jsonl", "no/such/*.jpg"}).status, 2);
  EXPECT_EQ(run_docket({"correct", "no/such.png", "total_amount=1.00"}).status, 2);
  EXPECT_EQ(run_docket({"doctor", "--env-file", "no/such.env"}).status, 2);
  EXPECT_EQ(run_docket({"explain", "samples/supermarket.png", "--field", "no_such_field"}).status, 2);
}

TEST(Usage, ABadSettingIsNamedWithItsPlace) {
  const Ran unknown = run_docket({"doctor"}, {{"DOCKET_JOBBS", "3"}});
  EXPECT_EQ(unknown.status, 2);
  EXPECT_EQ(unknown.err, "docket: environment: unknown setting DOCKET_JOBBS; did you mean DOCKET_JOBS?\n");
  const std::string env_file = fresh_folder("usage_test") + "/settings.env";
  ASSERT_TRUE(write_file_atomic(env_file, "# jobs\nDOCKET_JOBS=many\n"));
  const Ran bad = run_docket({"doctor", "--env-file", env_file});
  EXPECT_EQ(bad.status, 2);
  EXPECT_EQ(bad.err, "docket: " + env_file +
                         " line 2: DOCKET_JOBS is \"many\", expected a whole number of at least 0 and at most 256\n");
  const Ran date = run_docket({"extract", "samples/supermarket.png"}, {{"DOCKET_TODAY", "31/12/2026"}});
  EXPECT_EQ(date.status, 2);
  EXPECT_NE(date.err.find("DOCKET_TODAY is \"31/12/2026\", expected a date like 2026-06-30"), std::string::npos);
  const Ran abn = run_docket({"extract", "samples/supermarket.png"}, {{"DOCKET_OWN_ABNS", "51824753556,51824753557"}});
  EXPECT_EQ(abn.status, 2);
  EXPECT_NE(abn.err.find("DOCKET_OWN_ABNS"), std::string::npos);
}

TEST(Usage, DoctorShowsEachSettingWithItsSource) {
  const std::string env_file = fresh_folder("usage_test_doctor") + "/settings.env";
  ASSERT_TRUE(write_file_atomic(env_file, "DOCKET_JOBS=3\nDOCKET_READER=ocr\n"));
  const Ran doctor = run_docket({"doctor", "--env-file", env_file, "--log-level", "error"}, {{"DOCKET_JOBS", "4"}});
  EXPECT_EQ(doctor.status, 0) << doctor.out;
  const auto has = [&](const std::string& text) { return doctor.out.find(text) != std::string::npos; };
  EXPECT_TRUE(has("4  from environment")) << doctor.out;
  EXPECT_TRUE(has("ocr  from " + env_file + " line 2"));
  EXPECT_TRUE(has("error  from --log-level"));
  EXPECT_TRUE(has("64  from default"));
  EXPECT_TRUE(has("JPEG"));
  EXPECT_TRUE(has("Tesseract"));
}

TEST(Usage, DoctorSaysWhatIsMissingAndHowToGetIt) {
  const Ran doctor = run_docket({"doctor"}, {{"DOCKET_TESSDATA", "/nonexistent"}});
  EXPECT_EQ(doctor.status, 1);
  EXPECT_NE(doctor.out.find("MISSING"), std::string::npos) << doctor.out;
  EXPECT_NE(doctor.out.find("tesseract-ocr-eng"), std::string::npos) << doctor.out;
}

}  // namespace
}  // namespace docket::apps
