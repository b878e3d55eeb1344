#include "eval/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/check.h"

namespace docket::eval {

Interval wilson_interval(int successes, int trials) {
  CHECK(successes >= 0 && successes <= trials, "%d of %d", successes, trials);
  if (trials == 0) return {};
  constexpr double z = 1.959963984540054;  // the normal distribution's 97.5 % point
  const double n = trials, p = successes / n;
  const double centre = p + z * z / (2 * n);
  const double spread = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  const double scale = 1 + z * z / n;
  return {std::max(0.0, (centre - spread) / scale), std::min(1.0, (centre + spread) / scale)};
}

Calibration calibrate(const std::vector<Scored>& scored) {
  Calibration out;
  out.count = static_cast<int>(scored.size());
  out.bins.resize(kReliabilityBins);
  for (int b = 0; b < kReliabilityBins; ++b) {
    out.bins[static_cast<std::size_t>(b)].low = b / static_cast<double>(kReliabilityBins);
    out.bins[static_cast<std::size_t>(b)].high = (b + 1) / static_cast<double>(kReliabilityBins);
  }
  for (const Scored& one : scored) {
    const double confidence = std::clamp(one.confidence, 0.0, 1.0);
    const int index = std::min(kReliabilityBins - 1, static_cast<int>(confidence * kReliabilityBins));
    ReliabilityBin& bin = out.bins[static_cast<std::size_t>(index)];
    ++bin.count;
    bin.mean_confidence += confidence;
    bin.accuracy += one.right ? 1 : 0;
  }
  for (ReliabilityBin& bin : out.bins) {
    if (bin.count == 0) continue;
    bin.mean_confidence /= bin.count;
    bin.accuracy /= bin.count;
    out.ece += bin.count / static_cast<double>(out.count) * std::abs(bin.accuracy - bin.mean_confidence);
  }
  return out;
}

double quantile(std::vector<double> values, double q) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const double place = std::clamp(q, 0.0, 1.0) * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (place - static_cast<double>(below)) * (values[above] - values[below]);
}

double mean(const std::vector<double>& values) {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace docket::eval
