// eval: an Evaluation as text for a terminal and as JSON for programs.
#pragma once

#include <string>

#include "core/base/json.h"
#include "eval/evaluate.h"

namespace docket::eval {

// Fields, kinds, calibration, seconds and every failure, in aligned columns; ends with a line break.
std::string to_table(const Evaluation& evaluation);

// The same figures: {"documents", "failed", "fields": [{"field", "n", "exact", ...}], "kinds": {...}, "calibration",
// "seconds", "failures": [...], "ignored": [...], "costs" where they are known}; docs/formats/eval.md describes it.
OrderedJson to_json(const Evaluation& evaluation);

// "87.5 %", or "-" of nothing.
std::string percent(int part, int whole);

}  // namespace docket::eval
