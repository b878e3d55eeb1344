// A child process that reads one document and answers over a socket. It cannot harm this process: its memory and CPU
// time are limited, every wait ends at the deadline, and it is killed and reaped when the object goes.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "core/base/file.h"
#include "core/base/result.h"

namespace docket::page {

// In the child: the socket is standard input and output, the document is this descriptor (a sealed memory file),
// standard error goes nowhere.
inline constexpr int kDocumentDescriptor = 3;

class WorkerProcess {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  // Errors: kUnavailable when the program cannot be started, kIo when the system is out of descriptors or memory.
  static Result<WorkerProcess> start(const std::filesystem::path& program, std::span<const std::uint8_t> document,
                                     std::size_t memory_bytes, Deadline deadline);
  WorkerProcess(WorkerProcess&& other) noexcept;
  WorkerProcess& operator=(WorkerProcess&&) = delete;
  ~WorkerProcess();

  // Errors: kUnavailable when the worker has gone (the message says how it ended), kLimitExceeded at the deadline.
  Status send(std::span<const std::uint8_t> bytes);
  Status receive(std::span<std::uint8_t> bytes);

 private:
  WorkerProcess(pid_t pid, int socket, Deadline deadline) : pid_(pid), socket_(socket), deadline_(deadline) {}
  Status wait_for(short events);
  Unexpected gone();

  pid_t pid_;
  int socket_;
  Deadline deadline_;
};

// The folder of the running program, for finding the worker beside it.
std::filesystem::path program_folder();

}  // namespace docket::page
