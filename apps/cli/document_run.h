// What the commands that read documents share: settings as options, the worker's command line, Ctrl-C.
#pragma once

#include <atomic>
#include <cstddef>
#include <string>

#include "core/base/settings.h"
#include "extract/documents.h"
#include "extract/options.h"

namespace docket::cli {

// Errors: kInvalidArgument naming the setting whose text is no date, ABN or page list.
Result<extract::Options> document_options(const Settings& settings, const std::string& pages);

// A pool whose workers are this program with the same settings, for so many documents: where they are fewer than the
// processors, each gets several. Checks the settings first, as document_options does.
Result<extract::PoolOptions> pool_options(const Settings& settings, const std::string& pages, std::size_t documents);

// Becomes true at the first SIGINT or SIGTERM; a second one ends the program at once.
std::atomic<bool>& stop_on_interrupt();

}  // namespace docket::cli
