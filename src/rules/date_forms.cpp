#include "rules/date_forms.h"

#include <algorithm>
#include <array>

#include "rules/text.h"

namespace docket::rules {
namespace {

// Reads forward through a text; every take_ leaves the place unchanged when it fails.
class Cursor {
 public:
  Cursor(std::string_view text, std::size_t at) : text_(text), begin_(at), at_(at) {}

  std::size_t length() const { return at_ - begin_; }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  void skip(std::string_view characters) {
    while (peek() != '\0' && characters.find(peek()) != std::string_view::npos) ++at_;
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  bool take_word(std::string_view word) {
    if (lower(text_.substr(std::min(at_, text_.size()), word.size())) != word) return false;
    at_ += word.size();
    return true;
  }

  // `least` to `most` digits. With `repair`, look-alike letters count beside at least one real digit.
  std::optional<int> take_number(std::size_t least, std::size_t most, bool repair) {
    int value = 0;
    std::size_t count = 0;
    bool real = false;
    bool letters = false;
    while (count < most) {
      const char c = peek(count);
      const auto digit = c == '\0' ? std::nullopt : digit_for(c);
      if (!digit || (!is_digit(c) && !repair)) break;
      real = real || is_digit(c);
      letters = letters || !is_digit(c);
      value = value * 10 + (*digit - '0');
      ++count;
    }
    if (count < least || !real) return std::nullopt;
    at_ += count;
    letters_ = letters_ || letters;
    return value;
  }

  bool letters() const { return letters_; }

 private:
  std::string_view text_;
  std::size_t begin_, at_;
  bool letters_ = false;
};

constexpr std::array<std::string_view, 12> kMonths = {"january",   "february", "march",    "april",
                                                      "may",       "june",     "july",     "august",
                                                      "september", "october",  "november", "december"};

// A month's name in full, its first three letters, or "sept", with an optional point. 1..12 or nothing.
std::optional<int> take_month(Cursor& cursor) {
  for (std::size_t m = 0; m < kMonths.size(); ++m) {
    for (const std::string_view name : {kMonths[m], m == 8 ? "sept" : kMonths[m], kMonths[m].substr(0, 3)}) {
      Cursor trial = cursor;
      if (!trial.take_word(name) || is_alpha(trial.peek())) continue;
      trial.take('.');
      cursor = trial;
      return static_cast<int>(m + 1);
    }
  }
  return std::nullopt;
}

struct Year {
  int value = 0;
  bool two_digit = false;
};

// Four digits, or two (also after an apostrophe).
std::optional<Year> take_year(Cursor& cursor, bool repair) {
  Cursor four = cursor;
  if (const auto year = four.take_number(4, 4, repair); year && !is_digit(four.peek())) {
    cursor = four;
    return Year{*year, false};
  }
  cursor.take('\'');
  const auto year = cursor.take_number(2, 2, repair);
  if (!year) return std::nullopt;
  return Year{*year, true};
}

DateMatch finish(const Cursor& cursor, DateForm form, int first, int second, Year year) {
  return {form, cursor.length(), first, second, year.value, year.two_digit, cursor.letters()};
}

std::optional<DateMatch> match_year_first(Cursor cursor) {
  const auto year = cursor.take_number(4, 4, false);
  const char separator = cursor.peek();
  if (!year || *year < 1000 || (separator != '-' && separator != '/' && separator != '.')) return std::nullopt;
  cursor.take(separator);
  auto month = take_month(cursor);
  if (!month) month = cursor.take_number(1, 2, false);
  if (!month || !cursor.take(separator)) return std::nullopt;
  const auto day = cursor.take_number(1, 2, false);
  if (!day) return std::nullopt;
  return finish(cursor, DateForm::kYearFirst, *day, *month, {*year, false});
}

std::optional<DateMatch> match_compact(Cursor cursor) {
  const auto year = cursor.take_number(4, 4, false);
  const auto month = cursor.take_number(2, 2, false);
  const auto day = cursor.take_number(2, 2, false);
  // Eight digits are a date only when they read as one: barcodes are longer, but ids are not.
  if (!year || !month || !day || *year < 1950 || *year > 2099 || !is_valid({*year, *month, *day})) return std::nullopt;
  return finish(cursor, DateForm::kCompact, *day, *month, {*year, false});
}

std::optional<DateMatch> match_numeric(Cursor cursor) {
  const auto first = cursor.take_number(1, 2, true);
  if (!first) return std::nullopt;
  const bool gap = cursor.peek() == ' ';
  cursor.skip(" ");
  const char separator = cursor.peek();
  const bool marked = separator == '/' || separator == '-' || separator == '.';
  if (!marked && !gap) return std::nullopt;
  if (marked) {
    cursor.take(separator);
    cursor.skip(" ");
  }
  const auto second = cursor.take_number(1, 2, true);
  if (!second) return std::nullopt;
  if (!marked && cursor.peek() != ' ') return std::nullopt;
  cursor.skip(" ");
  if (marked && !cursor.take(separator)) return std::nullopt;
  cursor.skip(" ");
  const auto year = take_year(cursor, true);
  // Three small numbers with spaces are a quantity, a price, a phone: only a full year makes them a date.
  if (!year || (!marked && (year->two_digit || year->value < 1900 || year->value > 2099))) return std::nullopt;
  return finish(cursor, DateForm::kNumeric, *first, *second, *year);
}

std::optional<DateMatch> match_named_month_with(Cursor cursor, bool repair) {
  const auto day = cursor.take_number(1, 2, repair);
  if (!day) return std::nullopt;
  for (const std::string_view suffix : {"st", "nd", "rd", "th"}) {
    if (cursor.take_word(suffix)) break;
  }
  cursor.skip(" ");
  if (cursor.take_word("of ")) cursor.skip(" ");
  cursor.skip(" -/.,");
  const auto month = take_month(cursor);
  if (!month) return std::nullopt;
  cursor.skip(" -/.,");
  const auto year = take_year(cursor, true);
  if (!year) return std::nullopt;
  return finish(cursor, DateForm::kNamedMonth, *day, *month, *year);
}

// As printed first: the s of "1st" is no 5.
std::optional<DateMatch> match_named_month(Cursor cursor) {
  const auto as_printed = match_named_month_with(cursor, false);
  return as_printed ? as_printed : match_named_month_with(cursor, true);
}

std::optional<DateMatch> match_month_name_first(Cursor cursor) {
  const auto month = take_month(cursor);
  if (!month) return std::nullopt;
  cursor.skip(" -.");
  const auto day = cursor.take_number(1, 2, false);
  if (!day) return std::nullopt;
  for (const std::string_view suffix : {"st", "nd", "rd", "th"}) {
    if (cursor.take_word(suffix)) break;
  }
  const char before_year = cursor.peek();
  if (before_year != ' ' && before_year != ',' && before_year != '-' && before_year != '\'') return std::nullopt;
  cursor.skip(" ,-");
  const auto year = take_year(cursor, false);
  // "Mar 5 14:32" is no year 14.
  if (!year || (year->two_digit && before_year != ',' && before_year != '\'')) return std::nullopt;
  return finish(cursor, DateForm::kMonthNameFirst, *day, *month, *year);
}

// Whether the match stops where a longer number would go on.
bool ends_cleanly(std::string_view text, std::size_t end, const DateMatch& match) {
  const auto at = [&](std::size_t i) { return i < text.size() ? text[i] : '\0'; };
  if (is_digit(at(end))) return false;
  if (match.two_digit_year && (at(end) == '/' || at(end) == '-' || at(end) == '.' || at(end) == ':')) {
    return !is_digit(at(end + 1));
  }
  return match.form != DateForm::kCompact || (at(end) != '-' && at(end) != '.' && at(end) != '/');
}

bool starts_cleanly(std::string_view text, std::size_t at) {
  if (at == 0) return true;
  const char before = text[at - 1];
  if (is_alpha(before) || is_digit(before)) return false;
  return at < 2 || !is_digit(text[at - 2]) || (before != '/' && before != '-' && before != '.' && before != ',');
}

}  // namespace

std::optional<DateMatch> match_date(std::string_view text, std::size_t at) {
  if (!starts_cleanly(text, at)) return std::nullopt;
  std::optional<DateMatch> best;
  for (const auto match : {match_year_first, match_compact, match_named_month, match_month_name_first, match_numeric}) {
    const auto found = match(Cursor(text, at));
    if (!found || !ends_cleanly(text, at + found->length, *found)) continue;
    if (!best || found->length > best->length) best = found;
  }
  return best;
}

std::optional<WeekdayMatch> match_weekday(std::string_view text, std::size_t at) {
  struct Name {
    std::string_view full;
    std::array<std::string_view, 3> shorts;
  };
  static constexpr std::array<Name, 7> kNames = {{{"sunday", {"sun", "", ""}},
                                                  {"monday", {"mon", "", ""}},
                                                  {"tuesday", {"tues", "tue", ""}},
                                                  {"wednesday", {"wed", "weds", ""}},
                                                  {"thursday", {"thurs", "thur", "thu"}},
                                                  {"friday", {"fri", "", ""}},
                                                  {"saturday", {"sat", "", ""}}}};
  if (at > 0 && is_alpha(text[at - 1])) return std::nullopt;
  for (std::size_t day = 0; day < kNames.size(); ++day) {
    const auto& name = kNames[day];
    for (const std::string_view form : {name.full, name.shorts[0], name.shorts[1], name.shorts[2]}) {
      if (!form.empty() && starts_with_word(text.substr(at), form)) {
        return WeekdayMatch{static_cast<Weekday>(day), form.size()};
      }
    }
  }
  return std::nullopt;
}

}  // namespace docket::rules
