// record: values that a person wrote, through the rules that values read from paper go through.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "rules/civil.h"

namespace docket::record {

// The values in their normalized form, by field. What the rules would have to guess at is refused, because a person can
// write it out: a date that is ambiguous, an amount with letters in it. Errors: kInvalidArgument naming the field, its
// text and what was expected, for a name that is no field or is worked out from others, too.
Result<std::map<std::string, std::string>> check_written(const std::map<std::string, std::string>& values,
                                                         const rules::Date& today);

// Errors: kInvalidArgument when no field that is read from paper has this name.
Status check_field_name(const std::string& name);

}  // namespace docket::record
