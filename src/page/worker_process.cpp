#include "page/worker_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace docket::page {
namespace {

// Sanitizers need what the limits forbid: their shadow is terabytes of address space, and TSan sizes files of its own.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define DOCKET_THREAD_SANITIZER 1
#elif __has_feature(address_sanitizer)
#define DOCKET_ADDRESS_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_THREAD__) || defined(DOCKET_THREAD_SANITIZER)
constexpr bool kThreadSanitizer = true;
constexpr bool kSanitized = true;
#elif defined(__SANITIZE_ADDRESS__) || defined(DOCKET_ADDRESS_SANITIZER)
constexpr bool kThreadSanitizer = false;
constexpr bool kSanitized = true;
#else
constexpr bool kThreadSanitizer = false;
constexpr bool kSanitized = false;
#endif

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

Unexpected system_error(const char* what) {
  const int code = errno;
  return make_error(ErrorCode::kIo, std::string("cannot ") + what + ": " + std::strerror(code));
}

// A memory file that nobody can change any more.
Result<int> memory_file(std::span<const std::uint8_t> content) {
  Descriptor file(::memfd_create("docket-document", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (file.get() < 0) return system_error("make a memory file");
  while (!content.empty()) {
    const ssize_t wrote = ::write(file.get(), content.data(), content.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return system_error("fill a memory file");
    content = content.subspan(static_cast<std::size_t>(wrote));
  }
  ::lseek(file.get(), 0, SEEK_SET);
  if (::fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0) {
    return system_error("seal a memory file");
  }
  return file.release();
}

// What the worker needs of the environment; anything else (keys, tokens) is not its business.
std::vector<std::string> worker_environment() {
  constexpr std::string_view kept[] = {"PATH=",         "HOME=",           "LANG=",
                                       "LC_",           "XDG_CACHE_HOME=", "FONTCONFIG_",
                                       "ASAN_OPTIONS=", "UBSAN_OPTIONS=",  "TSAN_OPTIONS="};
  std::vector<std::string> environment;
  for (char** entry = environ; entry && *entry; ++entry) {
    const std::string_view text = *entry;
    if (std::any_of(std::begin(kept), std::end(kept), [text](std::string_view p) { return text.starts_with(p); })) {
      environment.emplace_back(text);
    }
  }
  return environment;
}

// Set from outside and before the worker is told anything, so that it holds whatever the worker does.
Status limit(pid_t pid, std::size_t memory_bytes, double seconds) {
  const auto cpu = static_cast<rlim_t>(std::ceil(seconds)) + 1;
  const std::array<std::pair<__rlimit_resource, rlim_t>, 4> limits = {
      {{RLIMIT_CPU, cpu}, {RLIMIT_CORE, 0}, {RLIMIT_FSIZE, 0}, {RLIMIT_AS, memory_bytes}}};
  for (const auto& [resource, value] : limits) {
    if (resource == RLIMIT_AS && kSanitized) continue;
    if (resource == RLIMIT_FSIZE && kThreadSanitizer) continue;
    const rlimit both = {value, value};
    if (::prlimit(pid, resource, &both, nullptr) != 0 && errno != ESRCH) return system_error("limit the PDF worker");
  }
  return {};
}

class FileActions {
 public:
  FileActions() { ::posix_spawn_file_actions_init(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  ~FileActions() { ::posix_spawn_file_actions_destroy(&actions_); }
  posix_spawn_file_actions_t* get() { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

// Copies far above the target numbers first: a source that is 0..3 would be overwritten on the way.
Result<int> move_up(int fd) {
  const int high = ::fcntl(fd, F_DUPFD_CLOEXEC, 10);
  if (high < 0) return system_error("copy a descriptor");
  return high;
}

Result<pid_t> spawn(const std::filesystem::path& program, int socket, int document) {
  DOCKET_TRY(const int high_socket, move_up(socket));
  const Descriptor socket_copy(high_socket);
  DOCKET_TRY(const int high_document, move_up(document));
  const Descriptor document_copy(high_document);

  FileActions actions;
  ::posix_spawn_file_actions_adddup2(actions.get(), high_socket, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(actions.get(), high_socket, STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(actions.get(), STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_adddup2(actions.get(), high_document, kDocumentDescriptor);
  ::posix_spawn_file_actions_addclosefrom_np(actions.get(), kDocumentDescriptor + 1);

  std::string path = program.string();
  std::array<char*, 2> arguments = {path.data(), nullptr};
  std::vector<std::string> environment = worker_environment();
  std::vector<char*> entries;
  entries.reserve(environment.size() + 1);
  for (std::string& entry : environment) entries.push_back(entry.data());
  entries.push_back(nullptr);
  pid_t pid = -1;
  const int code = ::posix_spawn(&pid, path.c_str(), actions.get(), nullptr, arguments.data(), entries.data());
  if (code != 0) {
    return make_error(ErrorCode::kUnavailable, "cannot start the PDF worker " + path + ": " + std::strerror(code));
  }
  return pid;
}

std::string describe_end(int status) {
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    const char* name = ::sigabbrev_np(signal);
    return std::string("was ended by signal ") + (name ? std::string("SIG") + name : std::to_string(signal));
  }
  return "ended with status " + std::to_string(WIFEXITED(status) ? WEXITSTATUS(status) : status);
}

}  // namespace

Result<WorkerProcess> WorkerProcess::start(const std::filesystem::path& program, std::span<const std::uint8_t> document,
                                           std::size_t memory_bytes, Deadline deadline) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return system_error("make a socket");
  Descriptor ours(ends[0]);
  const Descriptor theirs(ends[1]);
  DOCKET_TRY(const int file, memory_file(document));
  const Descriptor document_file(file);
  DOCKET_TRY(const pid_t pid, spawn(program, theirs.get(), document_file.get()));
  WorkerProcess worker(pid, ours.release(), deadline);
  const std::chrono::duration<double> left = deadline - std::chrono::steady_clock::now();
  DOCKET_TRY_VOID(limit(pid, memory_bytes, std::max(left.count(), 0.0)));
  return worker;
}

WorkerProcess::WorkerProcess(WorkerProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), socket_(std::exchange(other.socket_, -1)), deadline_(other.deadline_) {}

WorkerProcess::~WorkerProcess() {
  if (socket_ >= 0) ::close(socket_);
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

// The worker closed its end: it is ending or has ended. Gives it a moment to be reaped, so that the error can say how.
Unexpected WorkerProcess::gone() {
  int status = 0;
  for (int attempt = 0; attempt < 100 && pid_ > 0; ++attempt) {
    const pid_t reaped = ::waitpid(pid_, &status, WNOHANG);
    if (reaped == pid_) {
      pid_ = -1;
      return make_error(ErrorCode::kUnavailable, "the PDF worker " + describe_end(status) + " while reading it");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return make_error(ErrorCode::kUnavailable, "the PDF worker stopped answering while reading it");
}

Status WorkerProcess::wait_for(short events) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - std::chrono::steady_clock::now());
    if (left.count() <= 0) return make_error(ErrorCode::kLimitExceeded, "the PDF worker did not answer in time");
    pollfd descriptor = {socket_, events, 0};
    const int ready = ::poll(&descriptor, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return system_error("wait for the PDF worker");
  }
}

Status WorkerProcess::send(std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    DOCKET_TRY_VOID(wait_for(POLLOUT));
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (sent < 0) return gone();
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  return {};
}

Status WorkerProcess::receive(std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    DOCKET_TRY_VOID(wait_for(POLLIN));
    const ssize_t got = ::recv(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) return gone();
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

std::filesystem::path program_folder() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
}

}  // namespace docket::page
