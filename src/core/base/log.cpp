#include "core/base/log.h"

#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <array>
#include <memory>

namespace docket {

spdlog::logger& log() {
  static const std::shared_ptr<spdlog::logger> logger = [] {
    auto made = std::make_shared<spdlog::logger>("docket", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
    made->set_level(spdlog::level::warn);
    made->flush_on(spdlog::level::warn);
    return made;
  }();
  return *logger;
}

const std::vector<std::string>& log_levels() {
  static const std::vector<std::string> levels = {"trace", "debug", "info", "warning", "error", "off"};
  return levels;
}

Status set_log_level(const std::string& level) {
  static constexpr std::array kLevels = {spdlog::level::trace, spdlog::level::debug, spdlog::level::info,
                                         spdlog::level::warn,  spdlog::level::err,   spdlog::level::off};
  const auto& names = log_levels();
  const auto found = std::find(names.begin(), names.end(), level);
  if (found == names.end()) {
    return make_error(ErrorCode::kInvalidArgument, "expected trace, debug, info, warning, error or off", level);
  }
  log().set_level(kLevels[static_cast<std::size_t>(found - names.begin())]);
  return {};
}

}  // namespace docket
