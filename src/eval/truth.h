// eval: ground truth, as people labelled it: truth.jsonl, one document a line:
//   {"file": "images/1.jpg", "kind": "fuel", "truth": {"total_amount": "12.34", "invoice_date": "2024-03-05"}}
// A field that is absent or null is not on the page or not labelled. `kind` is optional and groups the tables.
//
// `docket correct` appends lines that say more (docs/formats/eval.md): "version" counts a document's lines, and one
// above 1 revises those before it, field by field, null for what is not on the page; "partial": true says that a field
// left out was not looked at.
#pragma once

#include <filesystem>
#include <map>
#include <set>
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
  std::set<std::string> absent;               // labelled null: not on the page
  bool partial = false;                       // only `values` and `absent` are labelled
  int version = 1;                            // lines that this was made of
  std::string sha256;                         // of the bytes that were labelled; empty when not given

  // Whether somebody said what the field is, or that it is not there.
  bool labels(const std::string& field) const { return !partial || values.count(field) > 0 || absent.count(field) > 0; }
};

// One for each document, in the order of their first lines. Errors: kMalformed naming the file and line, for a version
// that does not follow the document's last one, too; kInvalidArgument when it holds no document at all.
Result<std::vector<TruthDocument>> parse_truth(std::string_view text, const std::filesystem::path& truth_file);

}  // namespace docket::eval
