// A Record as JSON and back. The form is docs/formats/record.md; its JSON Schema is schemas/record.schema.json.
#pragma once

#include <string>
#include <string_view>

#include "core/base/json.h"
#include "core/base/result.h"
#include "record/record.h"

namespace docket::store {

struct JsonOptions {
  // timing_ms differs from run to run, so a batch leaves it out: the same input then gives the same bytes.
  bool timings = true;
};

// Keys in a fixed order. Confidences are rounded to 4 decimals, boxes to 1, so that what is read back writes the same.
// Invalid UTF-8 is replaced by U+FFFD.
OrderedJson to_json(const record::Record& record, const JsonOptions& options = {});
std::string to_json_text(const record::Record& record, const JsonOptions& options = {});  // indented, ends with \n
std::string to_json_line(const record::Record& record, const JsonOptions& options = {});  // one line, no \n

// A document that could not be read: {"file", "sha256", "error": {"code", "message", "where"}}. `sha256` is empty when
// its bytes could not be read either, and null in JSON.
std::string error_line(const std::string& file, const std::string& sha256, const Error& error);

// The reverse of to_json. Errors: kMalformed naming the key, also for an error line.
Result<record::Record> read_record(const Json& json, const std::string& where);
Result<record::Record> read_record_line(std::string_view line, const std::string& where);

}  // namespace docket::store
