#include "apps/cli/progress.h"

#include <gtest/gtest.h>

namespace docket::cli {
namespace {

TEST(Progress, ShowsShareRateAndTimeLeft) {
  EXPECT_EQ(progress_line(60, 0, 120, 2, 40), "[############------------]  60/120  50 %  2 failed  1.50/s  0:40 left");
  EXPECT_EQ(progress_line(0, 0, 120, 0, 1), "[------------------------]  0/120  0 %");
  EXPECT_EQ(progress_line(120, 0, 120, 0, 60), "[########################]  120/120  100 %  2.00/s  0:00 left");
}

// Of 100 done, 90 were done by an earlier run: this one did 10 in 20 s, and 7,200 more take four hours.
TEST(Progress, TheRateIsThatOfThisRun) {
  EXPECT_EQ(progress_line(100, 90, 7300, 0, 20), "[------------------------]  100/7300  1 %  0.50/s  4:00:00 left");
}

}  // namespace
}  // namespace docket::cli
