// extract: milliseconds by stage.
#pragma once

#include <chrono>
#include <map>
#include <string>

namespace docket::extract {

class Stopwatch {
 public:
  // The time since the last lap (or the start) counts for `stage`.
  void lap(const std::string& stage) {
    const auto now = Clock::now();
    by_stage_[stage] += milliseconds(now - last_);
    last_ = now;
  }
  // Time until now counts for nothing; the next lap starts here.
  void skip() { last_ = Clock::now(); }
  // By stage, and their sum as "total".
  std::map<std::string, double> times() const {
    auto out = by_stage_;
    double total = 0;
    for (const auto& [stage, elapsed_ms] : by_stage_) total += elapsed_ms;
    out["total"] = total;
    return out;
  }

 private:
  using Clock = std::chrono::steady_clock;
  static double milliseconds(Clock::duration d) { return std::chrono::duration<double, std::milli>(d).count(); }
  Clock::time_point last_ = Clock::now();
  std::map<std::string, double> by_stage_;
};

}  // namespace docket::extract
