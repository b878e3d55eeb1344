// A record's reasons in plain language, for people: who read what, why a value won, what would change it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "record/record.h"

namespace docket::store {

// Some lines for each field that has a value or of which one was read, then the names of those that nobody saw; ends
// with \n. With `field` that one alone. CHECK: `field` is in the schema.
std::string explain(const record::Record& record, std::optional<std::string_view> field = std::nullopt);

}  // namespace docket::store
