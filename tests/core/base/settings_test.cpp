#include "core/base/settings.h"

#include <gtest/gtest.h>

namespace docket {
namespace {

const std::vector<SettingSpec>& specs() {
  static const std::vector<SettingSpec> list = {
      {"DOCKET_JOBS", SettingType::kInteger, "2", "documents read at once", {}, 1, 64},
      {"DOCKET_READER", SettingType::kChoice, "auto", "reader", {"auto", "ocr"}},
      {"DOCKET_REDACT", SettingType::kBoolean, "true", "mask"},
      {"DOCKET_THRESHOLD", SettingType::kNumber, "0.5", "least confidence", {}, 0, 1},
      {"DOCKET_OUT", SettingType::kText, "", "file"},
  };
  return list;
}

std::string error_of(const SettingSources& sources) {
  const auto settings = Settings::load(specs(), sources);
  return settings ? "no error" : settings.error().text();
}

TEST(Settings, AnswersDefaultsWithTheirOrigin) {
  const auto settings = Settings::load(specs(), {});
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->integer("DOCKET_JOBS"), 2);
  EXPECT_EQ(settings->text("DOCKET_READER"), "auto");
  EXPECT_TRUE(settings->boolean("DOCKET_REDACT"));
  EXPECT_DOUBLE_EQ(settings->number("DOCKET_THRESHOLD"), 0.5);
  EXPECT_EQ(settings->value("DOCKET_JOBS").origin, "default");
}

TEST(Settings, FlagsBeatEnvironmentBeatsDotEnvBeatsDefaults) {
  SettingSources sources;
  sources.dotenv_path = ".env";
  sources.dotenv = {{"DOCKET_JOBS", "3", 1}, {"DOCKET_OUT", "a", 2}, {"DOCKET_READER", "ocr", 7}};
  sources.environment = {{"DOCKET_JOBS", "4"}, {"DOCKET_OUT", "b"}, {"HOME", "/root"}};
  sources.flags = {{"DOCKET_JOBS", "--jobs", "5"}};
  const auto settings = Settings::load(specs(), sources);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->integer("DOCKET_JOBS"), 5);
  EXPECT_EQ(settings->value("DOCKET_JOBS").origin, "--jobs");
  EXPECT_EQ(settings->text("DOCKET_OUT"), "b");
  EXPECT_EQ(settings->value("DOCKET_OUT").source, SettingSource::kEnvironment);
  EXPECT_EQ(settings->text("DOCKET_READER"), "ocr");
  EXPECT_EQ(settings->value("DOCKET_READER").origin, ".env line 7");
}

TEST(Settings, AnUnknownKeyIsNamedWithItsPlaceAndTheNearestKey) {
  EXPECT_EQ(error_of({{}, {}, {{"DOCKET_JOB", "3", 4}}, "conf/.env"}),
            "conf/.env line 4: unknown setting DOCKET_JOB; did you mean DOCKET_JOBS?");
  EXPECT_EQ(error_of({{}, {{"DOCKET_WHATEVER_ELSE", "3"}}, {}, ""}),
            "environment: unknown setting DOCKET_WHATEVER_ELSE; `docket doctor` lists all");
}

TEST(Settings, KeysOfOtherProgramsArePassedOver) {
  EXPECT_EQ(error_of({{}, {{"PATH", "/bin"}, {"DOCKET_PROGRAM", "x"}}, {{"OTHER", "1", 1}}, ".env"}), "no error");
}

TEST(Settings, ABadValueIsNamedWithWhatWasExpected) {
  const auto from_flag = [](const char* key, const char* value) {
    return error_of({{{key, "--flag", value}}, {}, {}, ""});
  };
  EXPECT_EQ(from_flag("DOCKET_JOBS", "0"),
            "--flag: DOCKET_JOBS is \"0\", expected a whole number of at least 1 and at most 64");
  EXPECT_EQ(from_flag("DOCKET_JOBS", "2x"),
            "--flag: DOCKET_JOBS is \"2x\", expected a whole number of at least 1 and at most 64");
  EXPECT_EQ(from_flag("DOCKET_JOBS", ""),
            "--flag: DOCKET_JOBS is \"\", expected a whole number of at least 1 and at most 64");
  EXPECT_EQ(from_flag("DOCKET_READER", "OCR"), "--flag: DOCKET_READER is \"OCR\", expected one of auto, ocr");
  EXPECT_EQ(from_flag("DOCKET_REDACT", "maybe"), "--flag: DOCKET_REDACT is \"maybe\", expected true or false");
  EXPECT_EQ(from_flag("DOCKET_THRESHOLD", "nan"),
            "--flag: DOCKET_THRESHOLD is \"nan\", expected a number of at least 0 and at most 1");
}

// A value that a stronger source overrides is still wrong: the file is broken and would bite later.
TEST(Settings, ABadValueIsAnErrorEvenWhenOverridden) {
  EXPECT_EQ(error_of({{{"DOCKET_JOBS", "--jobs", "2"}}, {}, {{"DOCKET_JOBS", "x", 1}}, ".env"}),
            ".env line 1: DOCKET_JOBS is \"x\", expected a whole number of at least 1 and at most 64");
}

TEST(SettingsDeathTest, AskingForAnUndeclaredKeyAborts) {
  const auto settings = Settings::load(specs(), {});
  EXPECT_DEATH((void)settings->text("DOCKET_NONE"), "DOCKET_NONE is not a declared setting");
}

}  // namespace
}  // namespace docket
