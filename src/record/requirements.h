// The requirements of a tax invoice, of income-tax evidence and of adjustment notes, as Checks.
#pragma once

#include <optional>
#include <vector>

#include "record/build.h"
#include "record/record.h"
#include "rules/gst.h"

namespace docket::record {

// TI-1..TI-10, EV-1, WH-1, AN-1 in this order. What the band does not require is NOT_APPLICABLE and keeps its message.
// An unknown band (no total) is judged as B.
std::vector<Check> required_checks(const Record& record, const Context& context, std::optional<rules::Band> band);

}  // namespace docket::record
