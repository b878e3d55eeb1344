#include "fields/reply_loop.h"

#include <algorithm>

namespace docket::fields {
namespace {

constexpr std::size_t kLongestPeriod = 1024;
constexpr std::size_t kFewestBytes = 40;
constexpr std::size_t kFewestTimes = 3;

}  // namespace

std::optional<std::size_t> repeats_from(std::string_view text) {
  for (std::size_t period = 1; period <= std::min(kLongestPeriod, text.size() / kFewestTimes); ++period) {
    std::size_t same = 0;  // bytes before the end that equal the one a period earlier
    while (same + period < text.size() && text[text.size() - 1 - same] == text[text.size() - 1 - same - period]) ++same;
    const std::size_t run = same + period;
    if (run < kFewestTimes * period || run < kFewestBytes) continue;
    return text.size() - run + period;
  }
  return std::nullopt;
}

}  // namespace docket::fields
