#include "apps/cli/check_value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace docket::cli {
namespace {

using ::testing::HasSubstr;

constexpr rules::Date kToday{2026, 11, 24};

TEST(CheckValue, SaysVerdictAndReason) {
  EXPECT_EQ(check_abn_value("51 824 753 556").verdict, "valid");
  EXPECT_THAT(check_abn_value("51 824 753 556").reason, HasSubstr("checksum valid"));
  EXPECT_THAT(check_abn_value("88 000 014 676").reason, HasSubstr("88 000 014 675 is one look-alike digit away"));
  EXPECT_THAT(check_abn_value("123").reason, HasSubstr("this has 3"));
  EXPECT_EQ(check_gst_value("46.75").reason, "GST 4.25 in an inclusive 46.75, 42.50 without; band A");
  EXPECT_THAT(check_gst_value("35.60:2.57").reason, HasSubstr("about 28.27 taxable"));
  EXPECT_EQ(check_date_value("1st July 2024", kToday).reason, "2024-07-01, FY2024-25 Q1");
  EXPECT_EQ(check_date_value("31/04/2024", kToday).verdict, "invalid");
  EXPECT_EQ(check_money_value("$12,50").reason, "12.50 (comma_as_point)");
}

TEST(CheckValue, KnowsGoodFromBad) {
  for (const char* good : {"51 824 753 556", "ABN 88 OOO O14 675", "51 824 753 556 001"}) {
    EXPECT_TRUE(check_abn_value(good).valid) << good;
  }
  for (const char* bad : {"51 824 753 557", "", "07100000000"}) EXPECT_FALSE(check_abn_value(bad).valid) << bad;
  for (const char* good : {"46.75", "220:20", "220:20.01", "35.60:2.57", "10:0"})
    EXPECT_TRUE(check_gst_value(good).valid) << good;
  for (const char* bad : {"220:22", "x", "220:y", ":"}) EXPECT_FALSE(check_gst_value(bad).valid) << bad;
  EXPECT_FALSE(check_date_value("01/07/2027", kToday).valid);
  EXPECT_FALSE(check_date_value("never", kToday).valid);
  EXPECT_FALSE(check_money_value("12.345").valid);
}

// The program itself: what it prints and how it exits.
int run_program(const std::string& arguments, std::string& output) {
  const char* program = std::getenv("DOCKET_PROGRAM");
  FILE* pipe = ::popen((std::string(program) + " " + arguments + " 2>&1").c_str(), "r");
  std::array<char, 4096> buffer{};
  for (std::size_t got = 0; (got = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    output.append(buffer.data(), got);
  return WEXITSTATUS(::pclose(pipe));
}

TEST(CheckCommand, PrintsALineAValueAndExitsByTheWorst) {
  if (std::getenv("DOCKET_PROGRAM") == nullptr) GTEST_SKIP() << "DOCKET_PROGRAM is not set; ctest sets it";
  std::string good;
  EXPECT_EQ(run_program("check abn '51 824 753 556'", good), 0);
  EXPECT_EQ(good,
            "51 824 753 556: valid: ABN 51 824 753 556: checksum valid (its form only; the register was not asked)\n");
  std::string mixed;
  EXPECT_EQ(run_program("check abn '51 824 753 556' '51 824 753 557'", mixed), 1);
  EXPECT_THAT(mixed, HasSubstr("51 824 753 557: bad_checksum: "));
  std::string minus;
  EXPECT_EQ(run_program("check money '-$5.00' -1", minus), 0) << minus;
  EXPECT_THAT(minus, HasSubstr("-$5.00: valid: -5.00\n"));
  std::string none;
  EXPECT_EQ(run_program("check money", none), 2);
  std::string help;
  EXPECT_EQ(run_program("check date --help", help), 0);
  EXPECT_THAT(help, HasSubstr("Example:"));
}

}  // namespace
}  // namespace docket::cli
