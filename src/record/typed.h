// A record's values in their types. nullopt when the field is absent or not of that kind.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "record/record.h"
#include "rules/civil.h"
#include "rules/money.h"

namespace docket::record {

// CHECK: `name` is in the schema.
const Value& field(const Record& record, std::string_view name);
Value& field(Record& record, std::string_view name);

bool present(const Record& record, std::string_view name);
std::string text_of(const Record& record, std::string_view name);  // empty when absent
bool flag_of(const Record& record, std::string_view name);         // a kBool field that is "true"
std::optional<rules::Cents> cents_of(const Record& record, std::string_view name);
std::optional<std::int64_t> decimal_of(const Record& record, std::string_view name);  // ten-thousandths
std::optional<rules::Date> date_of(const Record& record, std::string_view name);

// Where a value was seen, for findings and checks.
fields::Evidence evidence_of(const Value& value);

}  // namespace docket::record
