// eval: the statistics behind the tables.
#pragma once

#include <vector>

namespace docket::eval {

struct Interval {
  double low = 0, high = 1;
};

// Wilson's score interval for `successes` of `trials` at 95 % (E. B. Wilson, JASA 22, 1927, p. 209). [0, 1] when
// trials is 0. CHECK: 0 <= successes <= trials.
Interval wilson_interval(int successes, int trials);

// One value that was given with a confidence, and whether it was right.
struct Scored {
  double confidence = 0;  // 0..1
  bool right = false;
};

struct ReliabilityBin {
  double low = 0, high = 0;  // confidences in [low, high); the last bin includes 1
  int count = 0;
  double mean_confidence = 0, accuracy = 0;  // 0 when the bin is empty
};

struct Calibration {
  std::vector<ReliabilityBin> bins;  // kReliabilityBins of equal width
  int count = 0;
  // Expected calibration error (Guo et al., ICML 2017, eq. 3): sum over bins of count / N x |accuracy - confidence|.
  double ece = 0;
};

inline constexpr int kReliabilityBins = 10;
Calibration calibrate(const std::vector<Scored>& scored);

// The q-quantile (0..1) by linear interpolation between order statistics; 0 for no values.
double quantile(std::vector<double> values, double q);
double mean(const std::vector<double>& values);  // 0 for no values

}  // namespace docket::eval
