#include "fields/dates.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "fields/labels.h"
#include "fields/text_match.h"
#include "rules/date.h"
#include "rules/time_of_day.h"

namespace docket::fields {
namespace {

// A line's text as the date rules read it, with the Token that each byte came from.
struct DateText {
  std::string text;
  std::vector<std::size_t> token;
};

bool is_date_separator(char c) { return c == '/' || c == '-' || c == '.'; }

// `closed` drops the gaps beside separators and reads the marks that OCR makes of a slash or point as such:
// "28/03 /2018", "5'3'2018".
DateText date_text(const Line& line, bool closed) {
  DateText out;
  for (std::size_t i = 0; i < line.tokens.size(); ++i) {
    std::string part = rules::plain(line.tokens[i].text);
    if (closed) {
      std::string repaired;
      for (std::size_t k = 0; k < part.size(); ++k) {
        const auto byte = static_cast<unsigned char>(part[k]);
        if (byte == 0xC2 && k + 1 < part.size()) {
          repaired += '/';  // a degree sign, a middle dot
          ++k;
        } else {
          repaired += part[k] == '\'' || part[k] == '|' || part[k] == '_' ? '/' : part[k];
        }
      }
      part = repaired;
    }
    const bool joins = closed && !out.text.empty() && !part.empty() &&
                       ((is_date_separator(out.text.back()) && is_digit(part.front())) ||
                        (is_date_separator(part.front()) && is_digit(out.text.back())));
    if (!out.text.empty() && !joins) {
      out.text += ' ';
      out.token.push_back(i);
    }
    out.text += part;
    out.token.insert(out.token.end(), part.size(), i);
  }
  return out;
}

struct Seen {
  std::size_t line = 0;
  std::size_t first = 0, last = 0;  // Tokens
  rules::Date date;
  rules::Flags flags;
  bool repaired_gaps = false;
  bool compact = false;  // no separator at all: 20240305
  bool spaced = false;   // digits apart by spaces only: "17 10 18"
};

void collect(const Layout& layout, std::size_t index, bool closed, const rules::DateContext& context,
             std::vector<Seen>& seen) {
  const DateText text = date_text(layout.lines[index], closed);
  for (const rules::FoundDate& found : rules::find_dates(text.text, context)) {
    if (!found.read.date || found.end <= found.begin || found.end > text.token.size()) continue;
    Seen one;
    one.line = index;
    one.first = text.token[found.begin];
    one.last = text.token[found.end - 1] + 1;
    one.date = *found.read.date;
    one.flags = found.read.flags;
    one.repaired_gaps = closed;
    const std::string_view printed = std::string_view(text.text).substr(found.begin, found.end - found.begin);
    const bool separators = std::any_of(printed.begin(), printed.end(), is_date_separator);
    const bool letters = count_letters(printed) >= 3;
    one.compact = !separators && !letters && printed.find(' ') == std::string_view::npos;
    one.spaced = !separators && !letters && !one.compact;
    const bool known = std::any_of(seen.begin(), seen.end(), [&](const Seen& other) {
      return other.line == index && one.first < other.last && other.first < one.last;
    });
    if (!known) seen.push_back(std::move(one));
  }
}

// "7017" and "2617": an impossible year that one changed digit makes possible, in one way only.
void repair_year(Seen& seen, const rules::Date& today) {
  if (seen.date.year <= today.year + 1 && seen.date.year >= 1990) return;
  if (rules::has_flag(seen.flags, "two_digit_year")) return;
  const std::string printed = std::to_string(seen.date.year);
  int found = 0, matches = 0;
  for (int year = 2000; year <= today.year; ++year) {
    const std::string text = std::to_string(year);
    int different = printed.size() == text.size() ? 0 : 4;
    for (std::size_t i = 0; i < text.size() && different < 4; ++i) different += text[i] != printed[i] ? 1 : 0;
    if (different == 1) found = year, ++matches;
  }
  rules::Date repaired = seen.date;
  repaired.year = found;
  if (matches != 1 || !rules::is_valid(repaired)) return;
  seen.date = repaired;
  seen.flags.emplace_back("year_repaired");
}

std::vector<Seen> collect_all(const Layout& layout, const rules::DateContext& context) {
  std::vector<Seen> seen;
  for (std::size_t i = 0; i < layout.lines.size(); ++i) {
    collect(layout, i, false, context, seen);
    collect(layout, i, true, context, seen);
  }
  for (Seen& one : seen) repair_year(one, context.today);
  return seen;
}

// A date that can only be read month first, and none that can only be read day first.
bool only_month_first(const std::vector<Seen>& seen) {
  bool month_first = false;
  for (const Seen& one : seen) {
    if (one.compact || one.spaced) continue;
    if (rules::has_flag(one.flags, "month_first")) {
      month_first = true;
    } else if (!rules::has_flag(one.flags, "ambiguous") && one.date.day > 12) {
      return false;
    }
  }
  return month_first;
}

// The label that names a date: left of it on its line, or above it.
std::optional<Label> label_of(const Layout& layout, const Seen& seen, std::string& printed) {
  const Line& line = layout.lines[seen.line];
  std::optional<Label> label;
  for (const LabelHit& hit : find_labels(line)) {
    if (hit.last > seen.first) break;
    if (hit.label > Label::kOtherDate && hit.label != Label::kTime) {
      if (hit.label == Label::kBpayReference || hit.label == Label::kOperator) continue;
      label.reset();  // "Invoice: 123 Date: ..." keeps the nearer one only
      continue;
    }
    if (hit.label == Label::kTime) continue;
    label = hit.label;
    printed = text_of(line, hit.first, hit.last);
  }
  if (label || seen.line == 0) return label;
  const Line& above = layout.lines[seen.line - 1];
  if (above.page != line.page || line.gap_above > 2.6) return std::nullopt;
  const page::Box box = box_of(line, seen.first, seen.last);
  for (const LabelHit& hit : find_labels(above)) {
    if (hit.label > Label::kOtherDate) continue;
    const page::Box over = box_of(above, hit.first, hit.last);
    if (std::min(over.x1, box.x1) - std::max(over.x0, box.x0) <= 0) continue;
    // The label has its own value on its line.
    if (hit.last < above.tokens.size() && count_digits(text_of(above, hit.last, above.tokens.size())) >= 4) continue;
    label = hit.label;
    printed = text_of(above, hit.first, hit.last);
  }
  return label;
}

void weigh_place(const Layout& layout, const Rows& rows, const Seen& seen, Candidate& candidate) {
  const Line& line = layout.lines[seen.line];
  const bool timed = rules::parse_time(line.text).value.has_value();
  if (timed) weigh(candidate, "date.with_time");
  if (rows.blocks[seen.line] == Block::kEftpos) weigh(candidate, "date.in_eftpos");
  if (rows.blocks[seen.line] == Block::kItems) weigh(candidate, "date.in_items");
  weigh(candidate, "date.confidence", confidence_of(line, seen.first, seen.last) - 0.85);
}

void weigh_form(const Seen& seen, const rules::Date& today, Candidate& candidate) {
  if (seen.repaired_gaps) weigh(candidate, "date.repaired_gaps");
  if (seen.compact) weigh(candidate, "date.compact");
  if (seen.spaced) weigh(candidate, "date.spaced");
  if (rules::has_flag(seen.flags, "year_repaired")) weigh(candidate, "date.year_repaired");
  if (rules::has_flag(seen.flags, "letters_repaired")) weigh(candidate, "date.letters_repaired");
  if (rules::has_flag(seen.flags, "weekday_conflict")) weigh(candidate, "date.weekday_conflict");
  if (rules::is_future(seen.date, today)) weigh(candidate, "date.future");
  if (seen.date < rules::add_years(today, -20)) weigh(candidate, "date.very_old");
}

void add_due_and_supply(const Seen& seen, Label label, const Candidate& plain, Candidates& candidates) {
  const bool due = label == Label::kDueDate;
  if (!due && label != Label::kSupplyDate) return;
  Candidate candidate = plain;
  weigh(candidate, due ? "date.due" : "date.supply");
  weigh(candidate, "date.confidence", seen.repaired_gaps ? -0.2 : 0.0);
  candidates.add(due ? FieldId::kDueDate : FieldId::kSupplyDate, std::move(candidate));
}

void add_date(const Layout& layout, const Rows& rows, const Seen& seen, const rules::Date& today,
              Candidates& candidates) {
  std::string printed;
  const std::optional<Label> label = label_of(layout, seen, printed);
  Candidate candidate;
  candidate.value = rules::to_iso(seen.date);
  candidate.evidence = evidence_of(layout.lines[seen.line], seen.first, seen.last, printed);
  candidate.flags = seen.flags;
  if (label) add_due_and_supply(seen, *label, candidate, candidates);
  weigh(candidate, "date.bias");
  if (label == Label::kInvoiceDate) weigh(candidate, "date.label_invoice");
  if (label == Label::kDate) weigh(candidate, "date.label_date");
  if (label == Label::kDueDate || label == Label::kOtherDate) weigh(candidate, "date.label_other");
  if (label == Label::kSupplyDate) weigh(candidate, "date.label_supply");
  weigh_form(seen, today, candidate);
  weigh_place(layout, rows, seen, candidate);
  candidates.add(FieldId::kInvoiceDate, std::move(candidate));
}

// "30 days", "EOM" beside a terms label; the date it gives is derived from the best invoice date.
void derive_due_date(const Layout& layout, Candidates& candidates) {
  if (!candidates.merged(FieldId::kDueDate).empty()) return;
  const auto dates = candidates.merged(FieldId::kInvoiceDate);
  if (dates.empty()) return;
  const auto invoiced = rules::read_iso(dates.front().value);
  if (!invoiced) return;
  for (std::size_t i = 0; i < layout.lines.size(); ++i) {
    const auto hits = find_labels(layout.lines[i]);
    for (std::size_t h = 0; h < hits.size(); ++h) {
      if (hits[h].label != Label::kTerms) continue;
      const auto place = right_of(layout, i, hits, h);
      if (!place) continue;
      const auto due = rules::due_date_from_terms(text_of(layout.lines[i], place->first, place->last), *invoiced);
      if (!due) continue;
      Candidate candidate;
      candidate.value = rules::to_iso(*due);
      candidate.evidence = evidence_of(layout.lines[i], place->first, place->last,
                                       text_of(layout.lines[i], hits[h].first, hits[h].last));
      candidate.flags.emplace_back("derived");
      weigh(candidate, "date.due_derived");
      candidates.add(FieldId::kDueDate, std::move(candidate));
    }
  }
}

void find_times(const Layout& layout, const Rows& rows, Candidates& candidates) {
  const auto dates = candidates.merged(FieldId::kInvoiceDate);
  for (std::size_t i = 0; i < layout.lines.size(); ++i) {
    const Line& line = layout.lines[i];
    for (std::size_t t = 0; t < line.tokens.size(); ++t) {
      std::size_t last = t + 1;
      std::string text = line.tokens[t].text;
      if (text.find(':') == std::string::npos || count_digits(text) < 3) continue;
      if (last < line.tokens.size()) {
        const std::string half = fold(line.tokens[last].text);
        if (half == "AM" || half == "PM") text += ' ' + half, ++last;
      }
      const auto time = rules::parse_time(text);
      if (!time.value) continue;
      Candidate candidate;
      candidate.value = rules::format_time(*time.value);
      candidate.evidence = evidence_of(line, t, last);
      candidate.flags = time.flags;
      weigh(candidate, "time.bias");
      for (const LabelHit& hit : find_labels(line)) {
        if (hit.label == Label::kTime && hit.last <= t) weigh(candidate, "time.label");
      }
      if (!dates.empty() && dates.front().evidence.page == line.page &&
          std::abs(dates.front().evidence.box.center_y() - line.box.center_y()) < 2 * line.height) {
        weigh(candidate, "time.beside_date");
      }
      if (rows.blocks[i] == Block::kEftpos) weigh(candidate, "date.in_eftpos");
      candidates.add(FieldId::kInvoiceTime, std::move(candidate));
    }
  }
}

}  // namespace

void find_dates(const Layout& layout, const Rows& rows, const Facts& facts, const Context& context,
                Candidates& candidates) {
  rules::DateContext reading{context.today, facts.us, facts.australian};
  std::vector<Seen> seen = collect_all(layout, reading);
  if (!facts.australian && !facts.us && only_month_first(seen)) {
    reading.us_evidence = true;
    seen = collect_all(layout, reading);
  }
  for (const Seen& one : seen) add_date(layout, rows, one, context.today, candidates);
  derive_due_date(layout, candidates);
  find_times(layout, rows, candidates);
}

}  // namespace docket::fields
