// extract: a child process that reads documents, one after another. Whatever a document does to it - a crash in an
// image library, endless work, all of its memory - happens there; the caller gets an Error and a new child for the next
// one.
//
// Protocol: one JSON object a line, both ways, on the child's standard input and output; worker_loop.h is its other
// end. Standard error is shared, so the log of a child reads like the parent's own.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "core/base/result.h"

namespace docket::extract {

class WorkerProcess {
 public:
  // Starts nothing yet. `command`: the program and its arguments.
  explicit WorkerProcess(std::vector<std::string> command) : command_(std::move(command)) {}
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;
  ~WorkerProcess() { stop(); }

  // Sends one line and waits for one back, at most `seconds`; starts the child when there is none. After any Error
  // there is no child. Errors: kUnavailable when it cannot be started or dies (says of what), kLimitExceeded when the
  // time is over, kMalformed for a reply longer than kMaxReplyBytes.
  Result<std::string> ask(const std::string& request_line, double seconds);

  // Kills the child and all that it started, and waits for its end.
  void stop();

 private:
  Status start();
  Unexpected died();

  std::vector<std::string> command_;
  pid_t pid_ = -1;
  int to_child_ = -1, from_child_ = -1;
  std::string pending_;  // received, not yet a whole line
};

inline constexpr std::size_t kMaxReplyBytes = std::size_t{256} << 20;

}  // namespace docket::extract
