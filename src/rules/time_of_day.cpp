#include "rules/time_of_day.h"

#include <array>
#include <cstdio>

namespace docket::rules {
namespace {

struct TimeMatch {
  TimeOfDay time;
  bool colon = false, half_day = false;
  std::size_t end = 0;
};

std::optional<int> take_number(std::string_view text, std::size_t& at, std::size_t least) {
  std::size_t count = 0;
  int value = 0;
  while (count < 2 && at + count < text.size() && is_digit(text[at + count])) {
    value = value * 10 + (text[at + count++] - '0');
  }
  if (count < least || (at + count < text.size() && is_digit(text[at + count]))) return std::nullopt;
  at += count;
  return value;
}

// 'a' or 'p' for am, a.m., AM, pm ... at `at`, moving past it; '\0' when there is none.
char take_half_day(std::string_view text, std::size_t& at) {
  std::size_t i = at;
  while (i < text.size() && text[i] == ' ') ++i;
  const char half = i < text.size() ? to_lower(text[i]) : '\0';
  if (half != 'a' && half != 'p') return '\0';
  ++i;
  if (i < text.size() && text[i] == '.') ++i;
  if (i >= text.size() || to_lower(text[i]) != 'm') return '\0';
  ++i;
  if (i < text.size() && text[i] == '.') ++i;
  if (i < text.size() && is_alpha(text[i])) return '\0';
  at = i;
  return half;
}

std::optional<TimeMatch> match_time(std::string_view text, std::size_t at) {
  TimeMatch match;
  const auto hour = take_number(text, at, 1);
  if (!hour || at >= text.size() || (text[at] != ':' && text[at] != '.')) return std::nullopt;
  const char separator = text[at++];
  match.colon = separator == ':';
  const auto minute = take_number(text, at, 2);
  if (!minute) return std::nullopt;
  match.time = {*hour, *minute, 0};
  if (at < text.size() && text[at] == separator) {
    std::size_t after = at + 1;
    if (const auto second = take_number(text, after, 2)) {
      match.time.second = *second;
      at = after;
    }
  }
  const char half = take_half_day(text, at);
  match.half_day = half != '\0';
  match.end = at;
  int& h = match.time.hour;
  if (half == 'p' && h < 12) h += 12;
  if (half == 'a' && (h > 12 || h == 0)) return std::nullopt;
  if (half == 'a' && h == 12) h = 0;
  if (h > 23 || match.time.minute > 59 || match.time.second > 59) return std::nullopt;
  return match;
}

}  // namespace

Parsed<TimeOfDay> parse_time(std::string_view text) {
  const std::string ascii = plain(text);
  const std::string_view all = trim(ascii);
  for (std::size_t at = 0; at < all.size(); ++at) {
    const char before = at > 0 ? all[at - 1] : ' ';
    const bool iso = before == 'T' && at > 1 && is_digit(all[at - 2]);
    if (!is_digit(all[at]) || (before != ' ' && before != '(' && before != '@' && !iso && before != ',')) continue;
    const auto match = match_time(all, at);
    if (!match) continue;
    if (!match->colon && !match->half_day && (at != 0 || match->end != all.size())) continue;
    return {match->time, {}};
  }
  return {std::nullopt, {"not_time"}};
}

std::string format_time(const TimeOfDay& time) {
  std::array<char, 48> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%02d:%02d:%02d", time.hour, time.minute, time.second);
  return buffer.data();
}

}  // namespace docket::rules
