// eval: ground truth, as people labelled it: truth.jsonl, one document a line:
//   {"file": "images/1.jpg", "kind": "fuel", "truth": {"total_amount": "12.34", "invoice_date": "2024-03-05"}}
// A field that is absent or null is not on the page or not labelled. `kind` is optional and groups the tables.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace docket::eval {

struct TruthDocument {
  std::string file;                           // as written
  std::filesystem::path path;                 // resolved against the folder of the truth file
  std::string kind;                           // empty when not given
  std::map<std::string, std::string> values;  // by the truth's field name; numbers and booleans as text
  std::vector<std::string> not_scalar;        // fields whose truth is a list or an object; not compared
};

// Errors: kMalformed naming the file and line; kInvalidArgument when it holds no document at all.
Result<std::vector<TruthDocument>> parse_truth(std::string_view text, const std::filesystem::path& truth_file);

}  // namespace docket::eval
