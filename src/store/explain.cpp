#include "store/explain.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/utf8.h"
#include "fields/reason_words.h"
#include "record/schema.h"
#include "record/typed.h"

namespace docket::store {
namespace {

using fields::Reading;
using fields::SettledBy;
using fields::Why;
using record::Value;

// On one line, whatever was printed.
std::string shown(const std::string& text) {
  std::string out = repair_utf8(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
  return out;
}

std::string percent(double share) { return std::to_string(std::lround(share * 100)) + " %"; }

std::string signed_amount(double amount) {
  const long tenths = std::lround(std::abs(amount) * 10);
  return (amount < 0 ? "-" : "+") + std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

std::string with_spaces(std::string text) {
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

std::string words_of(const std::string& feature) {
  const std::string_view words = fields::reason_words(feature);
  return words.empty() ? with_spaces(feature) : std::string(words);
}

std::string absence(const std::string& reason) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kWords = {
      {{"not_seen", "nobody saw a value"},
       {"below_threshold", "no value is sure enough"},
       {"is_the_total", "the amount due is the total"},
       {"foreign_tax", "the paper is of another country and nowhere says GST: its tax is none"},
       {"bad_checksum", "the number that was read fails its checksum"},
       {"invalid", "what was read has not the form of this field"},
       {"not_derived", "nothing to work it out from"}}};
  const auto* const found =
      std::find_if(kWords.begin(), kWords.end(), [&](const auto& row) { return row.first == reason; });
  return found == kWords.end() ? with_spaces(reason) : std::string(found->second);
}

std::string who(const fields::Evidence& evidence) {
  switch (evidence.reader) {
    case fields::Reader::kVlm:
      return evidence.source.empty() ? "The model" : "The model (" + shown(evidence.source) + ")";
    case fields::Reader::kTextLayer:
      return "The PDF's own text";
    default:
      return "OCR";
  }
}

std::string reading_line(const Reading& reading) {
  const fields::Evidence& evidence = reading.evidence;
  std::string out = "  " + who(evidence) + " read " + shown(reading.value);
  if (!evidence.raw.empty() && evidence.raw != reading.value) out += ", as \"" + shown(evidence.raw) + "\"";
  if (!evidence.label.empty()) out += " beside \"" + shown(evidence.label) + "\"";
  if (evidence.page > 0) out += " on page " + std::to_string(evidence.page);
  return out + "; alone it would be " + percent(reading.confidence) + " sure.\n";
}

std::string settled(SettledBy by) {
  switch (by) {
    case SettledBy::kNobody:
      return "";
    case SettledBy::kOneReader:
      return "  Given because one reader read it and none read another.\n";
    case SettledBy::kAgreement:
      return "  Given because the readers agree.\n";
    case SettledBy::kChecksum:
      return "  Given because its checksum passes and no other that was read does.\n";
    case SettledBy::kArithmetic:
      return "  Given because the sums of the paper fit it better than any other.\n";
    case SettledBy::kScore:
      return "  Given because its evidence is better; the readers do not agree.\n";
  }
  return "";
}

std::string reason_line(const Why& why, bool in_favour) {
  std::string list;
  for (const Why::Weight& reason : why.reasons) {
    if ((reason.amount > 0) != in_favour) continue;
    list += (list.empty() ? "" : "; ") + words_of(reason.feature) + " (" + signed_amount(reason.amount) + ")";
  }
  if (list.empty()) return "";
  return std::string(in_favour ? "  For it: " : "  Against it: ") + list + ".\n";
}

std::string rival_line(const Why& why) {
  if (!why.rival) return "";
  const double times = std::exp(std::min(std::abs(why.margin), 12.0));
  return "  Next best: " + shown(*why.rival) + ", " +
         (times < 1.5   ? "about as likely"
          : times > 999 ? "over 1,000 times less likely"
                        : std::to_string(std::lround(times)) + " times less likely") +
         ".\n";
}

std::string change_lines(const Why& why) {
  if (why.changes.empty()) return "  No one thing that was noticed, left out alone, would change this.\n";
  std::string out;
  for (std::size_t i = 0; i < why.changes.size(); ++i) {
    const auto& then = why.changes[i].then;
    const auto same = [&](const Why::Change& other) { return other.then == then; };
    const auto begin = why.changes.begin(), here = begin + static_cast<std::ptrdiff_t>(i);
    if (std::any_of(begin, here, same)) continue;
    std::string list;
    for (auto change = here; change != why.changes.end(); ++change) {
      if (same(*change)) list += (list.empty() ? "" : "; ") + words_of(change->without);
    }
    const bool several = std::count_if(begin, why.changes.end(), same) > 1;
    out += "  It would be " + (then ? shown(*then) : std::string("not found")) + " without " +
           (several ? "any one of these: " : "this: ") + list + ".\n";
  }
  return out;
}

std::string field_text(std::string_view name, const Value& value) {
  std::string out(name);
  out += ": ";
  if (value.value) {
    out += shown(*value.value) + ", " + percent(value.confidence) + " sure\n";
  } else {
    out += "not found: " + absence(value.absent_reason) + "\n";
  }
  const Why& why = value.why;
  if (why.readings.empty()) {
    if (value.value) out += "  Worked out from other fields, or assumed.\n";
    return out;
  }
  for (const Reading& reading : why.readings) out += reading_line(reading);
  if (value.value) out += settled(why.by);
  if (!value.value && value.absent_reason == "below_threshold") {
    out +=
        "  The best of these is " + percent(value.confidence) + " sure, and " + percent(why.needed) + " are needed.\n";
  }
  return out + reason_line(why, true) + reason_line(why, false) + rival_line(why) +
         (value.absent_reason == "foreign_tax" ? "" : change_lines(why));
}

}  // namespace

std::string explain(const record::Record& record, std::optional<std::string_view> field) {
  if (field) return field_text(*field, record::field(record, *field));
  std::string out = shown(record.file) + "\nVerdict: " + std::string(to_string(record.verdict.result)) + "\n";
  for (const record::Finding& finding : record.findings) out += "  " + shown(finding.message) + "\n";
  std::string unseen;
  for (const record::FieldSpec& spec : record::schema()) {
    const Value& value = record::field(record, spec.name);
    if (value.value || !value.why.readings.empty()) {
      out += "\n" + field_text(spec.name, value);
    } else {
      unseen += (unseen.empty() ? "" : ", ") + std::string(spec.name);
    }
  }
  if (!unseen.empty()) out += "\nNobody saw: " + unseen + "\n";
  return out;
}

}  // namespace docket::store
