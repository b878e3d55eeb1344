#include "eval/correction.h"

#include <algorithm>
#include <array>

#include "core/base/json.h"
#include "core/base/locked_file.h"
#include "eval/compare.h"
#include "eval/truth.h"
#include "record/schema.h"
#include "record/written.h"
#include "rules/date.h"
#include "rules/text.h"
#include "rules/time_of_day.h"

namespace docket::eval {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostTruthBytes = std::size_t{256} << 20;
constexpr std::size_t kMostCountDigits = 4;
constexpr std::array<std::string_view, 2> kPrintedDates = {"invoice_date_raw", "due_date_raw"};
constexpr std::array<std::string_view, 3> kPrinted = {"invoice_date", "due_date", "invoice_time"};

// What a truth set may hold besides the record's fields; nullopt for any other name. The answer is what was expected,
// empty when the text is that.
std::optional<std::string> extra_complaint(const std::string& field, const std::string& text,
                                           const rules::Date& today) {
  if (std::find(kPrintedDates.begin(), kPrintedDates.end(), field) != kPrintedDates.end()) {
    return rules::parse_date(text, {.today = today}).date ? "" : "a date as it is printed";
  }
  if (field == "invoice_time_raw") return rules::parse_time(text).value ? "" : "a time as it is printed";
  if (field != "item_count") return std::nullopt;
  const bool whole = !text.empty() && text.size() <= kMostCountDigits && rules::digits_only(text) == text;
  return whole ? "" : "a whole number";
}

// A value as it stands in the truth set: yes and no, and counts, by their own types.
OrderedJson as_json(const std::string& field, const std::optional<std::string>& value) {
  if (!value) return {};
  if (field == "item_count") return std::stoi(*value);
  const auto all = record::schema();
  const bool flag = std::any_of(all.begin(), all.end(), [&](const record::FieldSpec& spec) {
    return spec.name == field && spec.kind == record::Kind::kBool;
  });
  return flag ? OrderedJson(*value == "true") : OrderedJson(*value);
}

// The same for every way to write a file's path; a link that is the file itself keeps its own name.
fs::path plain_path(const fs::path& path) {
  std::error_code error;
  const fs::path whole = fs::absolute(path, error).lexically_normal();
  const fs::path folder = fs::weakly_canonical(whole.parent_path(), error);
  return error ? whole : folder / whole.filename();
}

const TruthDocument* labelled(const std::vector<TruthDocument>& documents, const fs::path& path) {
  const auto found = std::find_if(documents.rbegin(), documents.rend(),
                                  [&](const TruthDocument& document) { return plain_path(document.path) == path; });
  return found == documents.rend() ? nullptr : &*found;
}

// Puts into `out` what is known of the corrected fields; true when the correction says something else.
bool compare_with(const TruthDocument& known, const Correction& correction, Corrected& out) {
  bool differs = false;
  for (const auto& [field, value] : correction) {
    const auto found = known.values.find(field);
    if (found != known.values.end()) {
      out.earlier[field] = found->second;
      differs = differs || value != found->second;
    } else if (known.absent.count(field) > 0) {
      out.earlier[field] = "NOT_FOUND";
      differs = differs || value.has_value();
    } else {
      differs = true;
    }
  }
  return differs;
}

// What the set would say of a field: the correction before what is known; nullopt when nobody said anything.
std::optional<std::optional<std::string>> said(const TruthDocument* known, const Correction& correction,
                                               const std::string& field) {
  if (const auto now = correction.find(field); now != correction.end()) return now->second;
  if (known == nullptr) return std::nullopt;
  if (const auto value = known->values.find(field); value != known->values.end()) return value->second;
  if (known->absent.count(field) > 0) return std::optional<std::string>();
  return std::nullopt;
}

// A date and its printed form may not contradict each other: both are taught and compared.
Status check_printed(const TruthDocument* known, const Correction& correction) {
  for (const std::string_view name : kPrinted) {
    const std::string field(name), raw_field = field + "_raw";
    const auto value = said(known, correction, field), raw = said(known, correction, raw_field);
    if (!value || !raw) continue;
    const Comparison how = field == "invoice_time" ? Comparison::kTime : Comparison::kRawDate;
    const bool agree = value->has_value() == raw->has_value() && (!*value || compare(how, **raw, **value).exact);
    if (agree) continue;
    return make_error(ErrorCode::kInvalidArgument,
                      "would be " + value->value_or("NOT_FOUND") + " beside " + raw_field + " " +
                          raw->value_or("NOT_FOUND") + "; give both",
                      field);
  }
  return {};
}

std::string line_of(const Corrected& corrected, const std::string& sha256, bool partial, const Correction& correction,
                    const rules::Date& today) {
  OrderedJson line = {{"file", corrected.file},
                      {"version", corrected.version},
                      {"corrected", rules::to_iso(today)},
                      {"sha256", sha256}};
  if (partial) line["partial"] = true;
  line["truth"] = OrderedJson::object();
  for (const auto& [field, value] : correction) line["truth"][field] = as_json(field, value);
  return json_line(line) + "\n";
}

}  // namespace

Result<Correction> parse_correction(const std::vector<std::string>& assignments, const rules::Date& today) {
  Correction out;
  std::map<std::string, std::string> given;
  for (const std::string& assignment : assignments) {
    const std::size_t equals = assignment.find('=');
    if (equals == std::string::npos || equals == 0) {
      return make_error(ErrorCode::kInvalidArgument, "expected field=value, e.g. total_amount=45.60", assignment);
    }
    const std::string field = assignment.substr(0, equals);
    const std::string text(rules::trim(std::string_view(assignment).substr(equals + 1)));
    if (!out.emplace(field, std::nullopt).second) {
      return make_error(ErrorCode::kInvalidArgument, "is given twice", field);
    }
    const auto complaint = extra_complaint(field, text, today);
    if (text.empty()) {
      if (!complaint) DOCKET_TRY_VOID(record::check_field_name(field));
    } else if (!complaint) {
      given[field] = text;
    } else if (complaint->empty()) {
      out[field] = text;
    } else {
      return make_error(ErrorCode::kInvalidArgument, "is \"" + text + "\", expected " + *complaint, field);
    }
  }
  DOCKET_TRY(const auto checked, record::check_written(given, today));
  for (const auto& [field, value] : checked) out[field] = value;
  return out;
}

Result<Corrected> append_correction(const fs::path& truth_file, const fs::path& document, const std::string& sha256,
                                    const Correction& correction, const rules::Date& today) {
  DOCKET_TRY(LockedFile file, LockedFile::open(truth_file));
  DOCKET_TRY(const std::string text, file.read(kMostTruthBytes));
  std::vector<TruthDocument> documents;
  if (text.find_first_not_of(" \t\r\n") != std::string::npos) {
    DOCKET_TRY(documents, parse_truth(text, truth_file));
  }
  const fs::path path = plain_path(document);
  const TruthDocument* known = labelled(documents, path);
  DOCKET_TRY_VOID(check_printed(known, correction));
  Corrected out;
  if (known == nullptr) {
    out.file = path.lexically_proximate(plain_path(truth_file).parent_path()).string();
  } else {
    out.file = known->file;
    out.version = known->version;
    if (!known->sha256.empty() && known->sha256 != sha256) {
      return make_error(ErrorCode::kInvalidArgument,
                        "holds other bytes than when it was labelled (expected SHA-256 " + known->sha256 +
                            "); label it under another name",
                        document.string());
    }
    if (!compare_with(*known, correction, out)) return out;
  }
  ++out.version;
  const bool unfinished = !text.empty() && text.back() != '\n';
  const bool partial = known == nullptr;  // a person who corrects a field has not looked at all of them
  DOCKET_TRY_VOID(file.append((unfinished ? "\n" : "") + line_of(out, sha256, partial, correction, today)));
  out.written = true;
  return out;
}

}  // namespace docket::eval
