// ThreadPool: a fixed set of threads for the loops inside one op.
//
// The caller is thread 0 and works too, so a pool of n starts n - 1 workers. Tasks are claimed one by one, so uneven
// tasks and a busy machine even out. A worker spins for about 20 us after its last task (ops follow each other within
// microseconds in a decode step) and then sleeps.
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
  void work(int thread);
  void worker_loop(int thread);

  int size_;
  std::vector<std::thread> workers_;
  // The job at hand; written before generation_ is raised, read after it is seen.
  TaskFn fn_ = nullptr;
  void* context_ = nullptr;
  std::int64_t num_tasks_ = 0;
  bool stop_ = false;
  alignas(64) std::atomic<std::int64_t> next_task_{0};
  alignas(64) std::atomic<std::uint32_t> generation_{0};
  alignas(64) std::atomic<int> busy_workers_{0};
};

}  // namespace docket
