#include "eval/paired.h"

#include <gtest/gtest.h>

#include <set>

namespace docket::eval {
namespace {

// By hand: twice the lower tail of Binomial(n, 1/2). 1 of 9: 2 (1 + 9) / 512; 0 of 5: 2 / 32; 3 of 13:
// 2 (1 + 13 + 78 + 286) / 8192.
TEST(McNemar, MatchesTailsCountedByHand) {
  EXPECT_NEAR(mcnemar_exact(1, 8), 20.0 / 512, 1e-12);
  EXPECT_NEAR(mcnemar_exact(8, 1), 20.0 / 512, 1e-12);
  EXPECT_NEAR(mcnemar_exact(0, 5), 2.0 / 32, 1e-12);
  EXPECT_NEAR(mcnemar_exact(0, 6), 2.0 / 64, 1e-12);
  EXPECT_NEAR(mcnemar_exact(10, 3), 756.0 / 8192, 1e-12);
}

TEST(McNemar, AnEvenSplitSaysNothing) {
  EXPECT_EQ(mcnemar_exact(0, 0), 1);
  EXPECT_EQ(mcnemar_exact(7, 7), 1);
  EXPECT_EQ(mcnemar_exact(0, 1), 1);
  EXPECT_LE(mcnemar_exact(7, 8), 1);
}

// Exact rational arithmetic, elsewhere: Python 3.11, 2 * sum(math.comb(180, k) for k in range(60)) / 2**180, and the
// same for 400 of 900.
TEST(McNemar, StaysExactWhereFactorialsOverflow) {
  EXPECT_NEAR(mcnemar_exact(121, 59) / 4.434449263755176e-06, 1, 1e-9);
  EXPECT_NEAR(mcnemar_exact(400, 500) / 0.0009564441369189461, 1, 1e-9);
}

// Sorted 0.005 0.01 0.03 0.04 times 4 3 2 1: 0.02 0.03 0.06 0.04, and none below the one before it.
TEST(Holm, MatchesAHandComputedExample) {
  const std::vector<double> p = holm({0.01, 0.04, 0.03, 0.005});
  const std::vector<double> expected = {0.03, 0.06, 0.06, 0.02};
  for (std::size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(p[i], expected[i], 1e-12);
  EXPECT_EQ(holm({0.8, 0.9}), (std::vector<double>{1, 1}));
  EXPECT_TRUE(holm({}).empty());
}

// One document of ten gained: a draw of ten holds it Binomial(10, 0.1) times, whose 2.5 % point is 0 and whose 97.5 %
// point is 3 (0.9298 up to 2, 0.9872 up to 3).
TEST(Bootstrap, MatchesABinomialWhosePointsAreKnown) {
  Ratio one_of_ten{{1, 0, 0, 0, 0, 0, 0, 0, 0, 0}, std::vector<double>(10, 1)};
  const Interval interval = bootstrap({&one_of_ten, 1}, 10000, 1).front();
  EXPECT_DOUBLE_EQ(interval.low, 0);
  EXPECT_DOUBLE_EQ(interval.high, 0.3);
  EXPECT_DOUBLE_EQ(one_of_ten.value(), 0.1);
}

// Mean of 400 documents, half gained and half not: 0.5 +- 1.96 sqrt(0.25 / 400) = 0.451 to 0.549.
TEST(Bootstrap, ApproachesTheNormalIntervalOfALargeSample) {
  Ratio half{std::vector<double>(400, 0), std::vector<double>(400, 1)};
  for (std::size_t i = 0; i < 200; ++i) half.numerators[i] = 1;
  const Interval interval = bootstrap({&half, 1}, 10000, 7).front();
  EXPECT_NEAR(interval.low, 0.451, 0.004);
  EXPECT_NEAR(interval.high, 0.549, 0.004);
}

TEST(Bootstrap, TheSeedDecidesAndColumnsShareTheirDraws) {
  const Ratio a{{1, 0, -1, 1, 0, 0, 1}, std::vector<double>(7, 1)};
  Ratio twice = a;
  for (double& value : twice.numerators) value *= 2;
  const std::vector<Ratio> both = {a, twice};
  const auto first = bootstrap(both, 500, 3), again = bootstrap(both, 500, 3);
  EXPECT_EQ(first[0].low, again[0].low);
  EXPECT_EQ(first[0].high, again[0].high);
  EXPECT_DOUBLE_EQ(first[1].low, 2 * first[0].low);
  EXPECT_DOUBLE_EQ(first[1].high, 2 * first[0].high);
  EXPECT_EQ(bootstrap({&a, 1}, 500, 3)[0].high, first[0].high) << "a further column changes no draw";
}

TEST(Bootstrap, ADocumentThatLabelsNothingCountsForNothing) {
  const Ratio rare{{1, 0, 0, 0}, {1, 0, 0, 0}};  // labelled once, and right
  const Interval interval = bootstrap({&rare, 1}, 1000, 1).front();
  EXPECT_EQ(interval.low, 1);
  EXPECT_EQ(interval.high, 1);
  EXPECT_EQ((Ratio{{0, 0}, {0, 0}}).value(), 0);
}

TEST(DrawSample, IsRisingWithoutRepeatsAndTheSeeds) {
  const auto sample = draw_sample(100, 20, 5);
  EXPECT_EQ(sample.size(), 20U);
  EXPECT_TRUE(std::is_sorted(sample.begin(), sample.end()));
  EXPECT_EQ(std::set<std::size_t>(sample.begin(), sample.end()).size(), 20U);
  EXPECT_EQ(sample, draw_sample(100, 20, 5));
  EXPECT_NE(sample, draw_sample(100, 20, 6));
  EXPECT_EQ(draw_sample(3, 9, 1), (std::vector<std::size_t>{0, 1, 2}));
  std::vector<int> drawn(10, 0);
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    for (const std::size_t i : draw_sample(10, 3, seed)) ++drawn[i];
  }
  for (const int count : drawn) EXPECT_NEAR(count, 600, 100);  // 2000 x 3 / 10, five standard deviations
}

}  // namespace
}  // namespace docket::eval
