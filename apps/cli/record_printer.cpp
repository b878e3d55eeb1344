#include "apps/cli/record_printer.h"

#include "core/base/check.h"
#include "core/base/json.h"
#include "store/csv.h"
#include "store/json.h"
#include "store/key_value.h"

namespace docket::cli {
namespace {

std::string without_line_break(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace

Format format_of(const std::string& name) {
  if (name == "kv") return Format::kKeyValue;
  if (name == "json") return Format::kJson;
  if (name == "jsonl") return Format::kJsonLines;
  if (name == "csv") return Format::kCsv;
  CHECK(name == "csv-lines", "format %s", name.c_str());
  return Format::kCsvLines;
}

std::string RecordPrinter::begin() const {
  switch (format_) {
    case Format::kJson:
      return as_array_ ? "[\n" : "";
    case Format::kCsv:
      return store::csv_document_header();
    case Format::kCsvLines:
      return store::csv_line_header();
    default:
      return "";
  }
}

std::string RecordPrinter::separated(const std::string& text) {
  const char* between = format_ == Format::kKeyValue ? "\n" : format_ == Format::kJson ? ",\n" : "";
  std::string out = (printed_ ? between : "") + text;
  printed_ = true;
  return out;
}

std::string RecordPrinter::document(const std::vector<record::Record>& records) {
  std::string out;
  // Several receipts of the only file: the array begins and ends here.
  const bool own_array = format_ == Format::kJson && !as_array_ && records.size() > 1;
  if (own_array) out += "[\n";
  for (const record::Record& record : records) {
    switch (format_) {
      case Format::kKeyValue:
        out += separated(store::to_key_value(record));
        break;
      case Format::kJson:
        out += separated(without_line_break(store::to_json_text(record)));
        break;
      case Format::kJsonLines:
        out += store::to_json_line(record) + "\n";
        break;
      case Format::kCsv:
        out += store::csv_document_row(record);
        break;
      case Format::kCsvLines:
        out += store::csv_line_rows(record);
        break;
    }
  }
  if (own_array) out += "\n]";
  if (format_ == Format::kJson && !as_array_) out += "\n";
  return out;
}

std::string RecordPrinter::failure(const std::string& file, const std::string& sha256, const Error& error) {
  if (format_ == Format::kJsonLines) return store::error_line(file, sha256, error) + "\n";
  if (format_ != Format::kJson) return "";
  return separated(store::error_line(file, sha256, error)) + (as_array_ ? "" : "\n");
}

std::string RecordPrinter::end() const { return format_ == Format::kJson && as_array_ ? "\n]\n" : ""; }

}  // namespace docket::cli
