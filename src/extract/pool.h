// extract: many documents, several at a time, each in a process of its own (worker_process.h), answers in bounded
// memory.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace docket::extract {

struct PoolOptions {
  std::vector<std::string> worker_command;
  int jobs = 1;
  double seconds_per_document = 60;
  std::size_t max_file_bytes = std::size_t{64} << 20;  // as the workers have it
  int documents_per_process = 200;                     // then a fresh one, so that what a library leaks stays small
  // A worker that reads without a model, and the request that is put to it when one with a model died of a document or
  // ran out of time. Empty: such a document has failed.
  std::vector<std::string> fallback_command = {};
  std::function<std::string(const std::string& request, const Error& why)> fallback_request = {};
};

// What became of one document.
struct Answer {
  std::size_t index = 0;      // into the requests
  Result<std::string> reply;  // one JSON line of the worker, or why there is none
  double seconds = 0;         // from asking to the answer
};

enum class Delivery {
  kAsDone,   // each answer when it is there
  kInOrder,  // in the order of the requests; a worker does not run ahead by more than a few documents a job
};

// Asks for every request line and calls `deliver` once for each that was begun, never two at a time, from any thread.
// When `stop` becomes true no further document is begun; those under way are finished and delivered. Returns how many
// were delivered.
std::size_t run_pool(const std::vector<std::string>& requests, const PoolOptions& options, Delivery delivery,
                     const std::atomic<bool>& stop, const std::function<void(const Answer&)>& deliver);

}  // namespace docket::extract
