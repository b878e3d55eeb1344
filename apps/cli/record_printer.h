// Records on standard output, in the format asked for.
#pragma once

#include <cstddef>
#include <string>

#include "core/base/result.h"
#include "record/record.h"

namespace docket::cli {

enum class Format { kKeyValue, kJson, kJsonLines, kCsv, kCsvLines };
// CHECK: one of the choices of DOCKET_FORMAT.
Format format_of(const std::string& name);

// kv: blocks of KEY: VALUE lines with an empty line between. json: one record is an object; several files, or several
// receipts, are an array. jsonl: an object a line. csv: a header and a row a document, or a row a line item.
// A document that failed is an object with "error" in json and jsonl; in kv and csv it leaves only its message on
// stderr.
class RecordPrinter {
 public:
  RecordPrinter(Format format, std::size_t files) : format_(format), as_array_(files > 1) {}
  // Each returns the text to print next.
  std::string begin() const;
  std::string document(const std::vector<record::Record>& records);
  std::string failure(const std::string& file, const std::string& sha256, const Error& error);
  std::string end() const;

 private:
  std::string separated(const std::string& text);
  Format format_;
  bool as_array_;
  bool printed_ = false;
};

}  // namespace docket::cli
