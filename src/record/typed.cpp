#include "record/typed.h"

#include "core/base/check.h"

namespace docket::record {

const Value& field(const Record& record, std::string_view name) {
  const auto found = record.fields.find(name);
  CHECK(found != record.fields.end(), "no field %.*s", static_cast<int>(name.size()), name.data());
  return found->second;
}

Value& field(Record& record, std::string_view name) {
  const auto found = record.fields.find(name);
  CHECK(found != record.fields.end(), "no field %.*s", static_cast<int>(name.size()), name.data());
  return found->second;
}

bool present(const Record& record, std::string_view name) { return field(record, name).value.has_value(); }

std::string text_of(const Record& record, std::string_view name) { return field(record, name).value.value_or(""); }

bool flag_of(const Record& record, std::string_view name) { return text_of(record, name) == "true"; }

std::optional<rules::Cents> cents_of(const Record& record, std::string_view name) {
  const Value& value = field(record, name);
  return value.value ? rules::read_cents(*value.value) : std::nullopt;
}

std::optional<std::int64_t> decimal_of(const Record& record, std::string_view name) {
  const Value& value = field(record, name);
  return value.value ? rules::parse_rate(*value.value).value : std::nullopt;
}

std::optional<rules::Date> date_of(const Record& record, std::string_view name) {
  const Value& value = field(record, name);
  return value.value ? rules::read_iso(*value.value) : std::nullopt;
}

fields::Evidence evidence_of(const Value& value) {
  return {.reader = value.reader, .page = value.page, .box = value.box, .raw = value.raw, .label = {}};
}

}  // namespace docket::record
