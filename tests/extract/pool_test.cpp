#include "extract/pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>

#include "extract/worker_process.h"

namespace docket::extract {
namespace {

// A worker as a shell script: answers each line with "got <line>", but "crash" dies, "exit" ends, "hang" never answers
// and "slow" takes a while.
std::vector<std::string> script_worker() {
  return {"/bin/sh", "-c",
          "while read -r line; do case $line in "
          "crash) kill -SEGV $$ ;; exit) exit 3 ;; hang) sleep 1000 ;; slow) sleep 0.3; echo got slow ;; "
          "*) echo got $line ;; esac; done"};
}

TEST(WorkerProcess, AnswersLineByLine) {
  WorkerProcess worker(script_worker());
  EXPECT_EQ(*worker.ask("one", 10), "got one");
  EXPECT_EQ(*worker.ask("two", 10), "got two");
  worker.stop();
  EXPECT_EQ(*worker.ask("three", 10), "got three");
}

TEST(WorkerProcess, ACrashIsAnErrorThatSaysWhichAndTheNextLineIsAnswered) {
  WorkerProcess worker(script_worker());
  const auto crash = worker.ask("crash", 10);
  ASSERT_FALSE(crash);
  EXPECT_EQ(crash.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(crash.error().text(), "the reading process died of SIGSEGV");
  EXPECT_EQ(worker.ask("exit", 10).error().text(), "the reading process ended with status 3");
  EXPECT_EQ(*worker.ask("after", 10), "got after");
}

TEST(WorkerProcess, EndlessWorkStopsAtTheLimit) {
  WorkerProcess worker(script_worker());
  const auto start = std::chrono::steady_clock::now();
  const auto hang = worker.ask("hang", 0.3);
  ASSERT_FALSE(hang);
  EXPECT_EQ(hang.error().code, ErrorCode::kLimitExceeded);
  EXPECT_EQ(hang.error().text(), "took longer than the limit of 0.3 seconds");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
  EXPECT_EQ(*worker.ask("after", 10), "got after");
}

TEST(WorkerProcess, AProgramThatIsNotThereIsNamed) {
  WorkerProcess worker({"/nonexistent/docket"});
  EXPECT_EQ(worker.ask("x", 10).error().text(), "/nonexistent/docket: cannot start: No such file or directory");
}

// More than a pipe holds, both ways.
TEST(WorkerProcess, LongLinesGoThrough) {
  WorkerProcess worker(script_worker());
  const std::string line(300'000, 'x');
  EXPECT_EQ(*worker.ask(line, 30), "got " + line);
}

std::vector<std::string> numbered(int count) {
  std::vector<std::string> out;
  for (int i = 0; i < count; ++i) out.push_back(std::to_string(i));
  return out;
}

TEST(Pool, DeliversEveryDocumentOnceAndInOrderWhenAsked) {
  for (const int jobs : {1, 2, 5}) {
    for (const Delivery delivery : {Delivery::kAsDone, Delivery::kInOrder}) {
      const auto requests = numbered(100);
      PoolOptions options{script_worker(), jobs, 30, 1, 7};
      std::vector<std::size_t> seen;
      const std::atomic<bool> stop{false};
      EXPECT_EQ(run_pool(requests, options, delivery, stop,
                         [&](const Answer& answer) {
                           ASSERT_TRUE(answer.reply);
                           EXPECT_EQ(*answer.reply, "got " + std::to_string(answer.index));
                           seen.push_back(answer.index);
                         }),
                100u);
      EXPECT_EQ(std::set<std::size_t>(seen.begin(), seen.end()).size(), 100u);
      if (delivery == Delivery::kInOrder) {
        EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
      }
    }
  }
}

TEST(Pool, FailuresStayWithTheirDocument) {
  const std::vector<std::string> requests = {"a", "crash", "b", "hang", "c", "exit", "d"};
  PoolOptions options{script_worker(), 2, 1};
  std::vector<std::string> results;
  const std::atomic<bool> stop{false};
  run_pool(requests, options, Delivery::kInOrder, stop, [&](const Answer& answer) {
    results.push_back(answer.reply ? *answer.reply : to_string(answer.reply.error().code));
  });
  EXPECT_EQ(results, (std::vector<std::string>{"got a", "unavailable", "got b", "limit_exceeded", "got c",
                                               "unavailable", "got d"}));
}

TEST(Pool, WhereAWorkerDiesAnotherReadsTheDocument) {
  const std::vector<std::string> requests = {"a", "crash", "b", "exit"};
  PoolOptions options{script_worker(), 2, 1};
  options.fallback_command = script_worker();
  options.fallback_request = [](const std::string& request, const Error& why) {
    EXPECT_NE(why.message, "");
    return request + "-again";
  };
  std::vector<std::string> results;
  const std::atomic<bool> stop{false};
  run_pool(requests, options, Delivery::kInOrder, stop, [&](const Answer& answer) {
    results.push_back(answer.reply ? *answer.reply : to_string(answer.reply.error().code));
  });
  EXPECT_EQ(results, (std::vector<std::string>{"got a", "got crash-again", "got b", "got exit-again"}));
}

TEST(Pool, StoppingFinishesWhatIsUnderWay) {
  const std::vector<std::string> requests(100, "slow");
  PoolOptions options{script_worker(), 2, 30};
  std::atomic<bool> stop{false};
  std::size_t delivered = 0;
  const std::size_t returned = run_pool(requests, options, Delivery::kInOrder, stop, [&](const Answer& answer) {
    EXPECT_TRUE(answer.reply);
    if (++delivered == 3) stop = true;
  });
  EXPECT_EQ(returned, delivered);
  EXPECT_GE(delivered, 3u);
  EXPECT_LE(delivered, 3u + 2u);
}

TEST(Pool, NoDocumentsIsNoWork) {
  const std::atomic<bool> stop{false};
  EXPECT_EQ(run_pool({}, {script_worker(), 3, 1}, Delivery::kInOrder, stop, [](const Answer&) {}), 0u);
}

}  // namespace
}  // namespace docket::extract
