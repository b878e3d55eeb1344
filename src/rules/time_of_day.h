// Times as printed on dockets. No zone is known, so nothing is converted.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "rules/text.h"

namespace docket::rules {

struct TimeOfDay {
  int hour = 0, minute = 0, second = 0;  // 0..23, 0..59, 0..59
  friend auto operator<=>(const TimeOfDay&, const TimeOfDay&) = default;
};

// The first time in `text`: HH:MM[:SS] or with points, then am/pm ("p.m." too). 24:00 and 25:10 are no times.
// A point without am/pm counts only when the time is the whole text ("14.32"), since prices look the same.
// Without a value the flag is not_time.
Parsed<TimeOfDay> parse_time(std::string_view text);

std::string format_time(const TimeOfDay& time);  // "14:32:00"

}  // namespace docket::rules
