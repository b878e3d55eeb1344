#include "extract/pool.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "extract/worker_process.h"

namespace docket::extract {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kAheadPerJob = 8;

class Pool {
 public:
  Pool(const std::vector<std::string>& requests, const PoolOptions& options, Delivery delivery,
       const std::atomic<bool>& stop, const std::function<void(const Answer&)>& deliver)
      : requests_(requests), options_(options), delivery_(delivery), stop_(stop), deliver_(deliver) {}

  std::size_t run() {
    std::vector<std::jthread> threads;
    const std::size_t count = std::min(static_cast<std::size_t>(std::max(1, options_.jobs)), requests_.size());
    for (std::size_t i = 0; i < count; ++i) threads.emplace_back([this] { work(); });
    for (std::jthread& thread : threads) thread.join();
    return delivered_;
  }

 private:
  void work() {
    WorkerProcess process(options_.worker_command), stand_in(options_.fallback_command);
    int read_by_process = 0;
    while (const auto index = next()) {
      if (read_by_process++ == options_.documents_per_process) {
        process.stop();
        read_by_process = 1;
      }
      const auto start = Clock::now();
      Answer answer{*index, process.ask(requests_[*index], options_.seconds_per_document), 0};
      if (!answer.reply && !options_.fallback_command.empty()) {
        const std::string again = options_.fallback_request(requests_[*index], answer.reply.error());
        auto read = stand_in.ask(again, options_.seconds_per_document);
        if (read) answer.reply = std::move(read);
      }
      answer.seconds = std::chrono::duration<double>(Clock::now() - start).count();
      finish(std::move(answer));
    }
  }

  // The next document to begin; waits while it would run too far ahead of what was delivered in order.
  std::optional<std::size_t> next() {
    std::unique_lock lock(mutex_);
    const std::size_t ahead = kAheadPerJob * static_cast<std::size_t>(std::max(1, options_.jobs));
    if (delivery_ == Delivery::kInOrder) moved_.wait(lock, [&] { return begun_ < delivered_ + ahead; });
    if (stop_.load() || begun_ == requests_.size()) return std::nullopt;
    return begun_++;
  }

  void finish(Answer answer) {
    const std::lock_guard lock(mutex_);
    if (delivery_ == Delivery::kAsDone) {
      deliver_(answer);
      ++delivered_;
      return;
    }
    const std::size_t index = answer.index;
    waiting_.emplace(index, std::move(answer));
    for (auto first = waiting_.begin(); first != waiting_.end() && first->first == delivered_;) {
      deliver_(first->second);
      ++delivered_;
      first = waiting_.erase(first);
    }
    moved_.notify_all();
  }

  const std::vector<std::string>& requests_;
  const PoolOptions& options_;
  const Delivery delivery_;
  const std::atomic<bool>& stop_;
  const std::function<void(const Answer&)>& deliver_;

  std::mutex mutex_;  // guards what follows, and the calls of deliver_
  std::condition_variable moved_;
  std::size_t begun_ = 0, delivered_ = 0;
  std::map<std::size_t, Answer> waiting_;  // done, but an earlier one is not
};

}  // namespace

std::size_t run_pool(const std::vector<std::string>& requests, const PoolOptions& options, Delivery delivery,
                     const std::atomic<bool>& stop, const std::function<void(const Answer&)>& deliver) {
  return Pool(requests, options, delivery, stop, deliver).run();
}

}  // namespace docket::extract
