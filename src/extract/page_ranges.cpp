#include "extract/page_ranges.h"

#include <charconv>
#include <optional>
#include <set>
#include <string>

namespace docket::extract {
namespace {

std::optional<int> parse_number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 1) return std::nullopt;
  return value;
}

}  // namespace

Result<std::vector<int>> parse_page_ranges(std::string_view text) {
  const auto bad = [&] {
    return make_error(ErrorCode::kInvalidArgument, "expected pages like 1-3 or 1,4-6", std::string(text));
  };
  std::set<int> pages;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    const std::string_view part = rest.substr(0, comma);
    const std::size_t dash = part.find('-');
    const auto first = parse_number(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_number(part.substr(dash + 1));
    if (!first || !last || *last < *first) return bad();
    if (*last > kMostPages) {
      return make_error(ErrorCode::kLimitExceeded, "page numbers end at " + std::to_string(kMostPages),
                        std::string(text));
    }
    for (int page = *first; page <= *last; ++page) pages.insert(page);
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
    if (rest.empty()) return bad();  // a comma at the end
  }
  return std::vector<int>(pages.begin(), pages.end());
}

}  // namespace docket::extract
