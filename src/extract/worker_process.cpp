#include "extract/worker_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

namespace docket::extract {
namespace {

using Clock = std::chrono::steady_clock;

Unexpected system_error(const char* what) {
  return make_error(ErrorCode::kUnavailable, std::string("cannot ") + what + ": " + std::strerror(errno));
}

// Waits until `fd` is ready for `events`. False at the deadline.
bool wait_ready(int fd, short events, Clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    pollfd poll_fd{fd, events, 0};
    const int ready = ::poll(&poll_fd, 1, static_cast<int>(std::min<long>(left + 1, 60'000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return true;  // read or write will name the reason
  }
}

class SpawnPlan {
 public:
  SpawnPlan(int child_in, int child_out) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawn_file_actions_adddup2(&actions_, child_in, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, child_out, STDOUT_FILENO);
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    // A group of its own: Ctrl-C at the terminal is for the parent to handle, and the group can be killed as one.
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    sigset_t none;
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  int spawn(pid_t& pid, std::vector<std::string> command) {
    std::vector<char*> arguments;
    arguments.reserve(command.size() + 1);
    for (std::string& argument : command) arguments.push_back(argument.data());
    arguments.push_back(nullptr);
    return ::posix_spawn(&pid, command.front().c_str(), &actions_, &attributes_, arguments.data(), ::environ);
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

std::string describe_end(int status) {
  if (WIFSIGNALED(status)) {
    const char* name = ::sigabbrev_np(WTERMSIG(status));
    return std::string("the reading process died of SIG") + (name != nullptr ? name : "?");
  }
  return "the reading process ended with status " + std::to_string(WEXITSTATUS(status));
}

int wait_for_end(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

Status WorkerProcess::start() {
  // [0] is read from, [1] written to. The parent's ends are close-on-exec, so that no other child holds them open.
  std::array<int, 2> request{}, reply{};
  if (::pipe2(request.data(), O_CLOEXEC) != 0) return system_error("make a pipe");
  if (::pipe2(reply.data(), O_CLOEXEC) != 0) {
    ::close(request[0]);
    ::close(request[1]);
    return system_error("make a pipe");
  }
  const int code = SpawnPlan(request[0], reply[1]).spawn(pid_, command_);
  ::close(request[0]);
  ::close(reply[1]);
  to_child_ = request[1];
  from_child_ = reply[0];
  pending_.clear();
  if (code != 0) {
    pid_ = -1;
    stop();
    return make_error(ErrorCode::kUnavailable, std::string("cannot start: ") + std::strerror(code), command_.front());
  }
  ::fcntl(to_child_, F_SETFL, O_NONBLOCK);
  return {};
}

void WorkerProcess::stop() {
  if (to_child_ >= 0) ::close(to_child_);
  if (from_child_ >= 0) ::close(from_child_);
  to_child_ = from_child_ = -1;
  if (pid_ > 0) {
    ::kill(-pid_, SIGKILL);
    wait_for_end(pid_);
  }
  pid_ = -1;
}

// The pipe has ended, so the child is dead or dying.
Unexpected WorkerProcess::died() {
  const int status = wait_for_end(pid_);
  ::kill(-pid_, SIGKILL);  // what it may have left behind
  pid_ = -1;
  stop();
  return make_error(ErrorCode::kUnavailable, describe_end(status));
}

Result<std::string> WorkerProcess::ask(const std::string& request_line, double seconds) {
  CHECK(request_line.find('\n') == std::string::npos);
  if (pid_ < 0) DOCKET_TRY_VOID(start());
  const auto deadline =
      Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  const auto too_late = [&] {
    stop();
    char text[80];
    std::snprintf(text, sizeof text, "took longer than the limit of %g seconds", seconds);
    return make_error(ErrorCode::kLimitExceeded, text);
  };

  const std::string line = request_line + "\n";
  for (std::size_t sent = 0; sent < line.size();) {
    if (!wait_ready(to_child_, POLLOUT, deadline)) return too_late();
    const ssize_t put = ::write(to_child_, line.data() + sent, line.size() - sent);
    if (put < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (put < 0) return died();
    sent += static_cast<std::size_t>(put);
  }
  std::array<char, 1 << 16> chunk{};
  for (;;) {
    if (const std::size_t end = pending_.find('\n'); end != std::string::npos) {
      std::string reply = pending_.substr(0, end);
      pending_.erase(0, end + 1);
      return reply;
    }
    if (pending_.size() > kMaxReplyBytes) {
      stop();
      return make_error(ErrorCode::kMalformed, "the reading process answered without end");
    }
    if (!wait_ready(from_child_, POLLIN, deadline)) return too_late();
    const ssize_t got = ::read(from_child_, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return died();
    pending_.append(chunk.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace docket::extract
