#include "core/base/thread_pool.h"

#include <pthread.h>
#include <sched.h>

#include "core/base/check.h"

namespace docket {
namespace {

constexpr int kSpins = 2000;
constexpr std::uint32_t kClosed = 0xFFFFFFFF;

void pause_cpu() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

std::vector<int> affinity_cpus() {
  std::vector<int> out;
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return out;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) out.push_back(cpu);
  }
  return out;
}

}  // namespace

ThreadPool::ThreadPool(int num_threads, bool pin) : size_(num_threads) {
  CHECK(num_threads >= 1, "%d threads", num_threads);
  const std::vector<int> cpus = affinity_cpus();
  for (int thread = 1; thread < num_threads; ++thread) {
    workers_.emplace_back([this, thread] { worker_loop(thread); });
    if (pin && cpus.size() >= static_cast<std::size_t>(num_threads)) {
      cpu_set_t set;
      CPU_ZERO(&set);
      CPU_SET(cpus[static_cast<std::size_t>(thread)], &set);
      ::pthread_setaffinity_np(workers_.back().native_handle(), sizeof set, &set);  // best effort
    }
  }
}

ThreadPool::~ThreadPool() {
  stop_.store(true);
  generation_.fetch_add(1);
  generation_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::work(std::uint32_t generation, int thread) {
  std::uint64_t claim = claim_.load(std::memory_order_acquire);
  const TaskFn fn = fn_.load(std::memory_order_relaxed);
  void* context = context_.load(std::memory_order_relaxed);
  const std::uint32_t num_tasks = num_tasks_.load(std::memory_order_relaxed);
  for (;;) {
    const auto task = static_cast<std::uint32_t>(claim);
    if (claim >> 32 != generation || task >= num_tasks) return;
    if (!claim_.compare_exchange_weak(claim, claim + 1, std::memory_order_acq_rel, std::memory_order_acquire)) continue;
    ++claim;
    fn(context, task, thread);
    if (done_.fetch_add(1, std::memory_order_acq_rel) + 1 == num_tasks && thread != 0) done_.notify_one();
  }
}

void ThreadPool::run(std::int64_t num_tasks, TaskFn fn, void* context) {
  if (size_ == 1 || num_tasks <= 1) {
    for (std::int64_t task = 0; task < num_tasks; ++task) fn(context, task, 0);
    return;
  }
  CHECK(num_tasks < kClosed, "%ld tasks", num_tasks);
  const auto count = static_cast<std::uint32_t>(num_tasks);
  const std::uint32_t generation = generation_.load(std::memory_order_relaxed) + 1;
  fn_.store(fn, std::memory_order_relaxed);
  context_.store(context, std::memory_order_relaxed);
  num_tasks_.store(count, std::memory_order_relaxed);
  done_.store(0, std::memory_order_relaxed);
  claim_.store(std::uint64_t{generation} << 32, std::memory_order_release);
  generation_.store(generation);
  if (sleepers_.load() > 0) generation_.notify_all();
  work(generation, 0);
  for (int spin = 0;; ++spin) {
    const std::uint32_t done = done_.load(std::memory_order_acquire);
    if (done == count) break;
    if (spin < kSpins) {
      pause_cpu();
    } else {
      done_.wait(done, std::memory_order_acquire);
    }
  }
  // From here the fields may change: a task number past any count keeps late workers out.
  claim_.store(std::uint64_t{generation} << 32 | kClosed, std::memory_order_relaxed);
}

void ThreadPool::worker_loop(int thread) {
  std::uint32_t seen = 0;
  for (;;) {
    for (int spin = 0; spin < kSpins && generation_.load(std::memory_order_acquire) == seen; ++spin) pause_cpu();
    if (generation_.load() == seen) {
      sleepers_.fetch_add(1);
      generation_.wait(seen);
      sleepers_.fetch_sub(1);
    }
    seen = generation_.load();
    if (stop_.load()) return;
    work(seen, thread);
  }
}

}  // namespace docket
