#include "core/base/thread_pool.h"

#include <pthread.h>
#include <sched.h>

#include "core/base/check.h"

namespace docket {
namespace {

constexpr int kSpins = 2000;

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
  stop_ = true;
  generation_.fetch_add(1, std::memory_order_release);
  generation_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::work(int thread) {
  for (;;) {
    const std::int64_t task = next_task_.fetch_add(1, std::memory_order_relaxed);
    if (task >= num_tasks_) return;
    fn_(context_, task, thread);
  }
}

void ThreadPool::run(std::int64_t num_tasks, TaskFn fn, void* context) {
  if (size_ == 1 || num_tasks <= 1) {
    for (std::int64_t task = 0; task < num_tasks; ++task) fn(context, task, 0);
    return;
  }
  fn_ = fn;
  context_ = context;
  num_tasks_ = num_tasks;
  next_task_.store(0, std::memory_order_relaxed);
  busy_workers_.store(size_ - 1, std::memory_order_relaxed);
  generation_.fetch_add(1, std::memory_order_release);
  generation_.notify_all();
  work(0);
  // The last worker's decrement publishes what all workers have written.
  for (int spin = 0;; ++spin) {
    const int busy = busy_workers_.load(std::memory_order_acquire);
    if (busy == 0) return;
    if (spin < kSpins) {
      pause_cpu();
    } else {
      busy_workers_.wait(busy, std::memory_order_acquire);
    }
  }
}

void ThreadPool::worker_loop(int thread) {
  std::uint32_t seen = 0;
  for (;;) {
    for (int spin = 0; spin < kSpins && generation_.load(std::memory_order_acquire) == seen; ++spin) pause_cpu();
    generation_.wait(seen, std::memory_order_acquire);
    seen = generation_.load(std::memory_order_acquire);
    if (stop_) return;
    work(thread);
    if (busy_workers_.fetch_sub(1, std::memory_order_acq_rel) == 1) busy_workers_.notify_one();
  }
}

}  // namespace docket
