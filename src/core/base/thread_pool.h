// ThreadPool: a fixed set of threads for the loops inside one op.
//
// The caller is thread 0 and works too, so a pool of n starts n - 1 workers. Tasks are claimed one by one and the
// caller waits for tasks, not for workers: when a worker sleeps or the machine is busy, the caller does what is left
// itself. A worker spins for about 20 us after its last task (ops follow each other within microseconds in a decode
// step) and then sleeps.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <type_traits>
#include <vector>

namespace docket {

class ThreadPool {
 public:
  // `num_threads` >= 1. With `pin`, worker i is bound to the i-th CPU of the affinity mask when there are enough of
  // them; the calling thread is never bound, since what it starts later would inherit that.
  explicit ThreadPool(int num_threads, bool pin = true);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int size() const { return size_; }

  // Calls body(task, thread) once for each task in [0, num_tasks), 0 <= thread < size(); returns when all have ended.
  // One caller at a time; the body must neither throw nor call the pool.
  template <typename Body>
  void for_each(std::int64_t num_tasks, Body&& body) {
    run(
        num_tasks,
        [](void* context, std::int64_t task, int thread) {
          (*static_cast<std::remove_reference_t<Body>*>(context))(task, thread);
        },
        const_cast<void*>(static_cast<const void*>(&body)));
  }

 private:
  using TaskFn = void (*)(void* context, std::int64_t task, int thread);
  void run(std::int64_t num_tasks, TaskFn fn, void* context);
  void work(std::uint32_t generation, int thread);
  void worker_loop(int thread);

  int size_;
  std::vector<std::thread> workers_;
  // The job at hand. A worker that comes late may read the fields while the next job is written: it finds out when it
  // claims, since a claim names the generation.
  std::atomic<TaskFn> fn_{nullptr};
  std::atomic<void*> context_{nullptr};
  std::atomic<std::uint32_t> num_tasks_{0};
  std::atomic<bool> stop_{false};
  alignas(64) std::atomic<std::uint64_t> claim_{0};       // generation << 32 | next task
  alignas(64) std::atomic<std::uint32_t> generation_{0};  // raised to start a job; workers wait on it
  std::atomic<int> sleepers_{0};
  alignas(64) std::atomic<std::uint32_t> done_{0};  // tasks that have ended
};

}  // namespace docket
