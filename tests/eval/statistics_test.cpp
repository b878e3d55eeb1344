#include "eval/statistics.h"

#include <gtest/gtest.h>

namespace docket::eval {
namespace {

// R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3 (score, no continuity correction).
TEST(Wilson, MatchesNewcombesTable) {
  const auto expect = [](int successes, int trials, double low, double high) {
    const Interval interval = wilson_interval(successes, trials);
    EXPECT_NEAR(interval.low, low, 5e-5) << successes << " of " << trials;
    EXPECT_NEAR(interval.high, high, 5e-5) << successes << " of " << trials;
  };
  expect(81, 263, 0.2553, 0.3662);
  expect(15, 148, 0.0624, 0.1605);
  expect(0, 20, 0.0000, 0.1611);
  expect(1, 29, 0.0061, 0.1718);
}

TEST(Wilson, MirrorsAndNeverLeavesTheUnitInterval) {
  EXPECT_NEAR(wilson_interval(20, 20).low, 1 - wilson_interval(0, 20).high, 1e-12);
  EXPECT_EQ(wilson_interval(20, 20).high, 1);
  EXPECT_EQ(wilson_interval(0, 0).low, 0);
  EXPECT_EQ(wilson_interval(0, 0).high, 1);
}

// By hand: bin [0.9, 1]: confidences 0.95, 0.95, 0.92, 1.0, three of four right: |0.75 - 0.955| = 0.205, weight 4/6;
// bin [0.5, 0.6): 0.5 and 0.58, one right: |0.5 - 0.54| = 0.04, weight 2/6. ECE = 0.15.
TEST(Calibration, MatchesAHandComputedExample) {
  const Calibration c = calibrate({{0.95, true}, {0.95, true}, {0.92, false}, {1.0, true}, {0.5, true}, {0.58, false}});
  EXPECT_EQ(c.count, 6);
  EXPECT_NEAR(c.ece, 0.15, 1e-12);
  EXPECT_EQ(c.bins[9].count, 4);
  EXPECT_NEAR(c.bins[9].mean_confidence, 0.955, 1e-12);
  EXPECT_NEAR(c.bins[9].accuracy, 0.75, 1e-12);
  EXPECT_EQ(c.bins[5].count, 2);
  EXPECT_EQ(c.bins[0].count, 0);
}

TEST(Calibration, IsPerfectWhenSharesAndConfidencesAgreeAndEmptyIsZero) {
  std::vector<Scored> scored;
  for (int i = 0; i < 10; ++i) scored.push_back({0.7, i < 7});
  EXPECT_NEAR(calibrate(scored).ece, 0, 1e-12);
  EXPECT_EQ(calibrate({}).ece, 0);
}

TEST(Quantile, InterpolatesBetweenOrderStatistics) {
  EXPECT_DOUBLE_EQ(quantile({4, 1, 3, 2}, 0.5), 2.5);
  EXPECT_DOUBLE_EQ(quantile({4, 1, 3, 2}, 1), 4);
  EXPECT_DOUBLE_EQ(quantile({}, 0.5), 0);
  EXPECT_DOUBLE_EQ(mean({1, 2, 6}), 3);
}

}  // namespace
}  // namespace docket::eval
