#include "reply/sampler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/golden.h"

namespace docket::reply {
namespace {

SamplingOptions options_of(const nlohmann::json& j) {
  SamplingOptions o;
  o.temperature = j.value("temperature", 0.0);
  o.top_k = j.value("top_k", 0);
  o.top_p = j.value("top_p", 1.0);
  o.min_p = j.value("min_p", 0.0);
  o.repetition_penalty = j.value("repetition_penalty", 1.0);
  return o;
}

TEST(Sampler, FiltersAsTransformersDoes) {
  const auto about = golden::read_json(golden::kData + "sampling.golden.json");
  for (const auto& c : about["cases"]) {
    SCOPED_TRACE(c["options"].dump());
    auto logits = c["logits"].get<std::vector<float>>();
    const auto expected = c["probabilities"].get<std::vector<double>>();
    Sampler sampler(options_of(c["options"]));
    sampler.choose(logits, c["history"].get<std::vector<TokenId>>(), nullptr);  // applies the penalty to `logits`
    std::vector<double> got(logits.size(), 0.0);
    for (const auto& candidate : sampler.filter(logits)) {
      got[static_cast<std::size_t>(candidate.token)] = candidate.probability;
    }
    for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], 2e-6) << i;
  }
}

TEST(Sampler, DrawsWithTheFilteredProbabilities) {
  SamplingOptions options;
  options.temperature = 1;
  options.seed = 3;
  Sampler sampler(options);
  std::vector<int> count(4);
  const std::vector<float> logits = {std::log(0.1f), std::log(0.2f), std::log(0.3f), std::log(0.4f)};
  constexpr int kDraws = 20'000;
  for (int i = 0; i < kDraws; ++i) {
    std::vector<float> row = logits;
    ++count[static_cast<std::size_t>(sampler.choose(row, {}, nullptr).token)];
  }
  // Five standard deviations of a binomial count.
  for (int t = 0; t < 4; ++t) {
    const double p = 0.1 * (t + 1);
    EXPECT_NEAR(count[static_cast<std::size_t>(t)], kDraws * p, 5 * std::sqrt(kDraws * p * (1 - p))) << t;
  }
}

TEST(Sampler, EqualSeedsGiveEqualTokens) {
  SamplingOptions options;
  options.temperature = 1;
  options.seed = 42;
  Sampler a(options), b(options);
  options.seed = 43;
  Sampler other(options);
  bool differs = false;
  for (int i = 0; i < 50; ++i) {
    std::vector<float> row(100);
    for (std::size_t k = 0; k < row.size(); ++k)
      row[k] = std::sin(static_cast<float>(k * 7 + static_cast<std::size_t>(i)));
    std::vector<float> row_b = row, row_other = row;
    const TokenId token = a.choose(row, {}, nullptr).token;
    EXPECT_EQ(token, b.choose(row_b, {}, nullptr).token);
    differs = differs || token != other.choose(row_other, {}, nullptr).token;
  }
  EXPECT_TRUE(differs);
}

TEST(Sampler, GreedyTakesTheFirstOfTheLargest) {
  Sampler sampler({});
  std::vector<float> logits = {1, 3, 2, 3};
  const Choice c = sampler.choose(logits, {}, nullptr);
  EXPECT_EQ(c.token, 1);
  EXPECT_NEAR(c.logprob, 3 - std::log(std::exp(1.0) + 2 * std::exp(3.0) + std::exp(2.0)), 1e-6);
}

TEST(Sampler, MaskAndPenaltyHoldForGreedyToo) {
  SamplingOptions options;
  options.repetition_penalty = 2;
  Sampler sampler(options);
  std::vector<float> logits = {4, 3, -1};
  // 4 becomes 2; ids outside the vocabulary (an image token) are passed over.
  EXPECT_EQ(sampler.choose(logits, std::vector<TokenId>{0, 99, -5}, nullptr).token, 1);
  TokenMask mask(3);
  mask.set(2);
  logits = {4, 3, -1};
  const Choice c = sampler.choose(logits, {}, &mask);
  EXPECT_EQ(c.token, 2);
  EXPECT_NEAR(c.logprob, 0, 1e-6);
}

}  // namespace
}  // namespace docket::reply
