// The scalar fields of a record: names, kinds and order. docs/formats/record.md is the table with meanings.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "fields/fields.h"

namespace docket::record {

enum class Kind {
  kText,
  kEnum,
  kBool,     // "true", "false"; a wording that is not seen is absent
  kDigits,   // ABN 11, ACN 9, GST branch 3
  kAddress,  // one line; its parts in Value::parts
  kPhone,
  kDate,     // "2024-03-05"
  kTime,     // "14:32:00"
  kCents,    // "12.34"
  kDecimal,  // up to 4 decimals, "1.879"
};

struct FieldSpec {
  std::string_view name;
  Kind kind = Kind::kText;
  std::optional<fields::FieldId> id;  // nullopt: derived by record
};

// In the order of the table, which is the order of every writer. line_items stand after `currency`, payments after
// `change`.
std::span<const FieldSpec> schema();

// CHECK: the name is in the schema.
const FieldSpec& field_spec(std::string_view name);

}  // namespace docket::record
