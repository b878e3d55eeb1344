// The log: one line an event on stderr, quiet (warnings and errors) unless asked. stdout belongs to results.
// Field values never go to the log: they can be personal.
#pragma once

#include <spdlog/spdlog.h>

#include <string>
#include <vector>

#include "core/base/result.h"

namespace docket {

// log().info("read {} pages of {}", count, file). Thread-safe.
spdlog::logger& log();

// "trace", "debug", "info", "warning", "error", "off"; the order of growing silence.
const std::vector<std::string>& log_levels();
// Errors: kInvalidArgument for another word.
Status set_log_level(const std::string& level);

}  // namespace docket
