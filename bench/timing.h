// Times for the benches: the best of several runs, since this measures the code and not its neighbours; processor time
// beside it tells how busy the machine was.
#pragma once

#include <time.h>

#include <algorithm>
#include <chrono>

namespace docket::bench {

struct Times {
  double wall_s = 1e30;
  double cpu_s = 1e30;  // of all threads
};

inline double cpu_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// The least wall time and the least processor time of `runs` calls.
template <typename Body>
Times best_of(int runs, Body body) {
  Times best;
  for (int i = 0; i < runs; ++i) {
    const double cpu = cpu_seconds();
    const auto start = std::chrono::steady_clock::now();
    body();
    best.wall_s =
        std::min(best.wall_s, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    best.cpu_s = std::min(best.cpu_s, cpu_seconds() - cpu);
  }
  return best;
}

}  // namespace docket::bench
