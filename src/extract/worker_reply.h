// extract: what a worker is asked and answers, as JSON lines. One version of docket on both ends, so there is no
// negotiation.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "extract/talker.h"
#include "record/record.h"

namespace docket::extract {

struct Request {
  std::string file;
  std::string reason;  // why a better reader does not read it; mostly empty
};
std::string request_line(const std::string& file, const std::string& reason = {});
Result<Request> read_request(std::string_view line);

struct WorkerReply {
  std::string sha256;            // of the file's bytes; empty when they could not be read
  double seconds = 0;            // to read the document, without the start of the process
  double processor_seconds = 0;  // the same, of all threads and of programs that it ran
  Usage model;                   // what of it went into asking a model
  Result<std::vector<record::Record>> records = std::vector<record::Record>();
  bool fatal = false;  // the Error concerns the worker, not the document: no other will do better
};

std::string reply_line(const WorkerReply& reply);
// Errors: kMalformed when it is no reply of ours.
Result<WorkerReply> read_reply(std::string_view line);

}  // namespace docket::extract
