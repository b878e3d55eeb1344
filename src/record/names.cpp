// The words that enums are written with, and read back from.
#include <algorithm>
#include <array>

#include "record/record.h"

namespace docket::record {
namespace {

constexpr std::array<std::string_view, 3> kSeverities = {"info", "warning", "error"};
constexpr std::array<std::string_view, 4> kCheckResults = {"PASS", "FAIL", "REVIEW", "NOT_APPLICABLE"};
constexpr std::array<std::string_view, 4> kVerdicts = {"NOT_REQUIRED", "MEETS", "REVIEW", "FAILS"};

template <typename Enum, std::size_t N>
std::optional<Enum> find(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto* const hit = std::find(names.begin(), names.end(), name);
  if (hit == names.end()) return std::nullopt;
  return static_cast<Enum>(hit - names.begin());
}

}  // namespace

std::string_view to_string(Severity severity) { return kSeverities[static_cast<std::size_t>(severity)]; }
std::optional<Severity> severity(std::string_view name) { return find<Severity>(kSeverities, name); }

std::string_view to_string(CheckResult result) { return kCheckResults[static_cast<std::size_t>(result)]; }
std::optional<CheckResult> check_result(std::string_view name) { return find<CheckResult>(kCheckResults, name); }

std::string_view to_string(VerdictResult result) { return kVerdicts[static_cast<std::size_t>(result)]; }
std::optional<VerdictResult> verdict_result(std::string_view name) { return find<VerdictResult>(kVerdicts, name); }

}  // namespace docket::record
