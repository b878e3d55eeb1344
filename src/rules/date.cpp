#include "rules/date.h"

#include "rules/date_forms.h"

namespace docket::rules {
namespace {

int full_year(int two_digits, const Date& today) {
  const int century = today.year / 100 * 100;
  return two_digits <= today.year % 100 + 1 ? century + two_digits : century - 100 + two_digits;
}

// The weekday printed just before [begin, end) or just after it, with nothing but spaces and punctuation between.
std::optional<Weekday> printed_weekday(std::string_view text, std::size_t begin, std::size_t end) {
  constexpr std::string_view kBetween = " ,.:-(";
  std::size_t stop = begin;
  while (stop > 0 && kBetween.find(text[stop - 1]) != std::string_view::npos) --stop;
  std::size_t start = stop;
  while (start > 0 && is_alpha(text[start - 1])) --start;
  if (start < stop) {
    if (const auto match = match_weekday(text, start); match && start + match->length == stop) return match->weekday;
  }
  std::size_t next = end;
  while (next < text.size() && kBetween.find(text[next]) != std::string_view::npos) ++next;
  if (next == end || next >= text.size()) return std::nullopt;
  if (const auto match = match_weekday(text, next)) return match->weekday;
  return std::nullopt;
}

// Rules 2 to 4 for two numbers and a year; adds the flags they call for.
std::optional<Date> read_numeric(int first, int second, int year, std::optional<Weekday> printed,
                                 const DateContext& context, Flags& flags) {
  const Date day_first{year, second, first};
  const Date month_first{year, first, second};
  if (second > 12 && first <= 12) {
    flags.emplace_back("month_first");
    return month_first;
  }
  if (first > 12 || first == second || !is_valid(day_first) || !is_valid(month_first)) return day_first;
  const bool fits_day_first = printed && weekday(day_first) == *printed;
  const bool fits_month_first = printed && weekday(month_first) == *printed;
  if (fits_day_first != fits_month_first) {
    flags.emplace_back("weekday_resolved");
    if (fits_month_first) flags.emplace_back("month_first");
    return fits_month_first ? month_first : day_first;
  }
  flags.emplace_back("ambiguous");
  if (!context.us_evidence || context.australian_evidence) return day_first;
  flags.emplace_back("month_first");
  return month_first;
}

ReadDate interpret(std::string_view text, std::size_t begin, const DateMatch& match, const DateContext& context) {
  ReadDate read;
  const auto printed = printed_weekday(text, begin, begin + match.length);
  if (match.letters_repaired) read.flags.emplace_back("letters_repaired");
  if (match.two_digit_year) read.flags.emplace_back("two_digit_year");
  const int year = match.two_digit_year ? full_year(match.year, context.today) : match.year;
  std::optional<Date> date = Date{year, match.second, match.first};
  if (match.form == DateForm::kNumeric) {
    date = read_numeric(match.first, match.second, year, printed, context, read.flags);
  } else if (match.form == DateForm::kMonthNameFirst) {
    read.flags.emplace_back("month_first");
  }
  if (!is_valid(*date)) {
    read.flags = {"invalid"};
    return read;
  }
  if (printed && weekday(*date) != *printed) read.flags.emplace_back("weekday_conflict");
  if (is_future(*date, context.today)) read.flags.emplace_back("future");
  read.date = date;
  return read;
}

}  // namespace

std::vector<FoundDate> find_dates(std::string_view text, const DateContext& context) {
  const std::string ascii = plain(text);
  std::vector<FoundDate> found;
  for (std::size_t at = 0; at < ascii.size();) {
    const auto match = match_date(ascii, at);
    if (!match) {
      ++at;
      continue;
    }
    found.push_back({at, at + match->length, interpret(ascii, at, *match, context)});
    at += match->length;
  }
  return found;
}

ReadDate parse_date(std::string_view text, const DateContext& context) {
  auto found = find_dates(text, context);
  if (found.empty()) return {std::nullopt, {"not_date"}};
  for (auto& date : found) {
    if (date.read.date) return std::move(date.read);
  }
  return std::move(found.front().read);
}

bool is_old(const Date& date, const Date& today) { return date < add_years(today, -5); }

bool is_future(const Date& date, const Date& today) { return date > add_days(today, 1); }

std::optional<Date> due_date_from_terms(std::string_view terms, const Date& invoice_date) {
  const auto words = words_of(plain(terms));
  std::optional<int> days;
  bool end_of_the_month = false;
  bool on_receipt = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const std::string next = i + 1 < words.size() ? words[i + 1] : "";
    std::string number = word;
    const bool glued = number.size() > 4 && number.ends_with("days");
    if (glued) number.resize(number.size() - 4);
    const bool counted =
        glued || next.starts_with("day") || (i > 0 && (words[i - 1] == "net" || words[i - 1] == "terms"));
    if (!number.empty() && number.size() <= 3 && digits_only(number) == number && counted) days = std::stoi(number);
    end_of_the_month = end_of_the_month || word == "eom" || (word == "end" && contains_word(terms, "end of month"));
    on_receipt = on_receipt || word == "cod" || contains_word(terms, "on receipt");
  }
  if (!days && !end_of_the_month && !on_receipt) return std::nullopt;
  const Date start = end_of_the_month ? end_of_month(invoice_date) : invoice_date;
  return add_days(start, days.value_or(0));
}

}  // namespace docket::rules
