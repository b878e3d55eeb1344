#include "eval/paired.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <utility>

#include "core/base/check.h"

namespace docket::eval {
namespace {

// A number below `size` (which fits 32 bits). std::uniform_int_distribution gives other numbers with other libraries.
std::size_t below(std::mt19937_64& random, std::size_t size) { return ((random() >> 32) * size) >> 32; }

double log_binomial(int n, int k) { return std::lgamma(n + 1.0) - std::lgamma(k + 1.0) - std::lgamma(n - k + 1.0); }

double sum(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

}  // namespace

double mcnemar_exact(int only_a, int only_b) {
  CHECK(only_a >= 0 && only_b >= 0, "%d and %d", only_a, only_b);
  const int n = only_a + only_b, fewer = std::min(only_a, only_b);
  if (only_a == only_b) return 1;
  double tail = 0;
  for (int k = 0; k <= fewer; ++k) tail += std::exp(log_binomial(n, k) - n * std::log(2.0));
  return std::min(1.0, 2 * tail);
}

std::vector<double> holm(const std::vector<double>& p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> out(p.size());
  double most = 0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    most = std::max(most, p[order[rank]] * static_cast<double>(p.size() - rank));
    out[order[rank]] = std::min(1.0, most);
  }
  return out;
}

double Ratio::value() const {
  const double whole = sum(denominators);
  return whole == 0 ? 0 : sum(numerators) / whole;
}

std::vector<Interval> bootstrap(std::span<const Ratio> ratios, int resamples, std::uint64_t seed) {
  if (ratios.empty()) return {};
  const std::size_t documents = ratios.front().numerators.size();
  CHECK(resamples > 0 && documents > 0);
  for (const Ratio& ratio : ratios) {
    CHECK(ratio.numerators.size() == documents && ratio.denominators.size() == documents);
  }
  std::mt19937_64 random(seed);
  std::vector<std::vector<double>> drawn(ratios.size());
  std::vector<double> times(documents);
  for (int r = 0; r < resamples; ++r) {
    std::fill(times.begin(), times.end(), 0.0);
    for (std::size_t i = 0; i < documents; ++i) times[below(random, documents)] += 1;
    for (std::size_t k = 0; k < ratios.size(); ++k) {
      const auto dot = [&](const std::vector<double>& v) {
        return std::inner_product(times.begin(), times.end(), v.begin(), 0.0);
      };
      const double whole = dot(ratios[k].denominators);
      if (whole != 0) drawn[k].push_back(dot(ratios[k].numerators) / whole);
    }
  }
  std::vector<Interval> out;
  out.reserve(drawn.size());
  for (const std::vector<double>& values : drawn) out.push_back({quantile(values, 0.025), quantile(values, 0.975)});
  return out;
}

std::vector<std::size_t> draw_sample(std::size_t size, std::size_t count, std::uint64_t seed) {
  std::vector<std::size_t> all(size);
  std::iota(all.begin(), all.end(), std::size_t{0});
  if (count >= size) return all;
  std::mt19937_64 random(seed);
  for (std::size_t i = 0; i < count; ++i) std::swap(all[i], all[i + below(random, size - i)]);
  all.resize(count);
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace docket::eval
