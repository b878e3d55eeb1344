// extract: the far end of worker_process.h: reads documents on request until its input ends.
#pragma once

#include <string>

#include "core/base/result.h"
#include "extract/options.h"
#include "extract/worker_reply.h"

namespace docket::extract {

// Answers each request line on `in` with one reply line on `out` until `in` ends. Never throws: whatever a library
// throws becomes the Error of its document. Errors: kIo when the pipe breaks, which is how a parent that died looks.
Status run_worker(const Options& options, int in, int out);

}  // namespace docket::extract
