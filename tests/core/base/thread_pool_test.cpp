#include "core/base/thread_pool.h"

#include <gtest/gtest.h>

#include <vector>

namespace docket {
namespace {

TEST(ThreadPool, RunsEveryTaskOnce) {
  for (const int threads : {1, 2, 3, 5}) {
    ThreadPool pool(threads);
    for (std::int64_t tasks = 0; tasks < 200; ++tasks) {
      std::vector<int> runs(static_cast<std::size_t>(tasks), 0);
      pool.for_each(tasks, [&](std::int64_t task, int thread) {
        EXPECT_GE(thread, 0);
        EXPECT_LT(thread, threads);
        ++runs[static_cast<std::size_t>(task)];
      });
      for (const int count : runs) ASSERT_EQ(count, 1);
    }
  }
}

TEST(ThreadPool, WorkersComeBackFromSleep) {
  ThreadPool pool(3);
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> sum{0};
    pool.for_each(10, [&](std::int64_t task, int) { sum += static_cast<int>(task); });
    EXPECT_EQ(sum.load(), 45);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

}  // namespace
}  // namespace docket
