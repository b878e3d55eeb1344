// A progress bar on a terminal; nothing anywhere else.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace docket::cli {

// "[######----]  60/120  50 %  2 failed  1.52/s  0:40 left". The rate is of this run: `done` less `earlier`.
std::string progress_line(std::size_t done, std::size_t earlier, std::size_t total, std::size_t failed,
                          double elapsed_seconds);

class Progress {
 public:
  // Draws on stderr when that is a terminal.
  Progress(std::size_t total, std::size_t earlier);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void update(std::size_t done, std::size_t failed);
  void clear();  // takes the bar away, e.g. before a message
  bool visible() const { return visible_; }

 private:
  using Clock = std::chrono::steady_clock;
  std::size_t total_, earlier_;
  bool visible_, drawn_ = false;
  Clock::time_point start_ = Clock::now(), last_drawn_{};
};

}  // namespace docket::cli
