// eval: statistics of two runs over the same documents.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "eval/statistics.h"

namespace docket::eval {

// McNemar's test, exact and two-sided (Q. McNemar, Psychometrika 12, 1947): how likely a split at least as uneven as
// `only_a` against `only_b` is, if each of these documents might as well have fallen to the other side. Twice the tail
// of the binomial distribution of their sum with 1/2, at most 1; 1 when both are 0. CHECK: neither is negative.
double mcnemar_exact(int only_a, int only_b);

// Holm's step-down adjustment (S. Holm, Scand. J. Statistics 6, 1979): with p so adjusted, the chance of any false
// difference among all of these tests stays below the level that one is judged by. In the order given.
std::vector<double> holm(const std::vector<double>& p);

// A figure that is a sum over documents divided by another: numerators[i] / denominators[i] belong to document i.
struct Ratio {
  std::vector<double> numerators, denominators;
  double value() const;  // 0 when the denominators sum to 0
};

// The 95 % percentile interval of each ratio when the documents are drawn anew, with replacement, `resamples` times
// (B. Efron, Annals of Statistics 7, 1979). All ratios see the same draws, and the same seed gives the same figures on
// every machine. Draws whose denominators sum to 0 count for nothing. CHECK: all columns have the same length, of at
// least 1; resamples > 0.
std::vector<Interval> bootstrap(std::span<const Ratio> ratios, int resamples, std::uint64_t seed);

// `count` of the numbers 0 .. size - 1, each set as likely as another, rising; all of them when count >= size.
std::vector<std::size_t> draw_sample(std::size_t size, std::size_t count, std::uint64_t seed);

}  // namespace docket::eval
