// extract: many files in, records out, several files at a time. What `extract`, `batch` and `eval` share.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "extract/pool.h"
#include "extract/talker.h"
#include "record/record.h"

namespace docket::extract {

struct DocumentResult {
  std::size_t index = 0;  // into the files
  std::string sha256;     // empty when the bytes could not be read
  // Or why there are none; `where` begins with the file. Time limit and crash are Errors here, too.
  Result<std::vector<record::Record>> records;
  double seconds = 0;
  double processor_seconds = 0;  // of all threads; 0 when the reading process died
  Usage model;                   // what of it went into asking a model; likewise
};

// Reads `files`, calls `deliver` for each (see run_pool) and returns when all are done or `stop` became true.
// Errors: kUnavailable when the worker cannot work at all, whatever the document (no OCR data); what was delivered
// until then stands.
Status read_documents(const std::vector<std::string>& files, const PoolOptions& options, Delivery delivery,
                      std::atomic<bool>& stop, const std::function<void(DocumentResult)>& deliver);

// The SHA-256 by which a document is known, empty when it is no ordinary file or holds more than `max_bytes`.
std::string content_hash(const std::string& file, std::size_t max_bytes);

}  // namespace docket::extract
