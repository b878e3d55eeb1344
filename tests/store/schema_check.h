// Output held against schemas/record.schema.json, for any test that has a line of output.
#pragma once

#include <string>

#include "core/base/json.h"

namespace docket::store {

Json read_schema();
// What is wrong with the line, one problem a line; empty when it fits.
std::string schema_violations(const std::string& line);

}  // namespace docket::store
