#include "core/base/threads.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <thread>

#include "core/base/file.h"

namespace docket {
namespace {

// cgroup v2: "max 100000" or "150000 100000" (quota and period, microseconds). A huge number when there is no quota.
double quota_processors() {
  constexpr double kNoQuota = 1e9;
  const auto text = read_text_file("/sys/fs/cgroup/cpu.max", 256);
  if (!text || text->starts_with("max")) return kNoQuota;
  char* rest = nullptr;
  const double quota = std::strtod(text->c_str(), &rest);
  const double period = std::strtod(rest, nullptr);
  return quota > 0 && period > 0 ? quota / period : kNoQuota;
}

}  // namespace

int usable_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  int count = static_cast<int>(std::thread::hardware_concurrency());
  if (::sched_getaffinity(0, sizeof set, &set) == 0) count = CPU_COUNT(&set);
  const double quota = std::ceil(quota_processors());
  return std::max(1, static_cast<int>(std::min<double>(count, quota)));
}

}  // namespace docket
