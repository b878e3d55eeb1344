// eval: an Experiment as text for a terminal and as JSON for programs (docs/formats/eval.md).
#pragma once

#include <string>

#include "core/base/json.h"
#include "eval/experiment.h"

namespace docket::eval {

// One sentence: who is better, or that no difference was found, with the figures that say so.
std::string verdict_of(const Experiment& experiment);

// Verdict, fields, costs and the changed documents, in aligned columns; ends with a line break.
std::string to_table(const Experiment& experiment);

OrderedJson to_json(const Experiment& experiment);

}  // namespace docket::eval
