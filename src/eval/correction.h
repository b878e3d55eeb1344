// eval: what a person says a document holds, appended to a truth set (docs/formats/eval.md) that `docket eval`,
// training/calibrate and training/lora read. Nothing is ever overwritten: a correction is another version.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "rules/civil.h"

namespace docket::eval {

// By field; nullopt: it is not on the page.
using Correction = std::map<std::string, std::optional<std::string>>;

// `assignments`: "total_amount=45.60", or "due_date=" for what is not on the page. Values as record::check_written has
// them, and besides the scalar fields of the record: invoice_date_raw, due_date_raw, invoice_time_raw (as printed) and
// item_count. Errors: kInvalidArgument naming the assignment or the field.
Result<Correction> parse_correction(const std::vector<std::string>& assignments, const rules::Date& today);

struct Corrected {
  std::string file;                            // as the truth set names the document
  int version = 0;                             // of the appended line; of the last one when nothing changed
  bool written = false;                        // false: the set says all of that already
  std::map<std::string, std::string> earlier;  // what it said of the corrected fields before; NOT_FOUND for null
};

// Appends one line to `truth_file`, which is made where it is missing, under a lock, so that several may correct at
// once. `sha256` is of the document's bytes. Errors: those of parse_truth for what stands there already;
// kInvalidArgument when the document was labelled with other bytes; kIo.
Result<Corrected> append_correction(const std::filesystem::path& truth_file, const std::filesystem::path& document,
                                    const std::string& sha256, const Correction& correction, const rules::Date& today);

}  // namespace docket::eval
