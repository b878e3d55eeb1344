#include "record/written.h"

#include <algorithm>
#include <array>

#include "record/schema.h"
#include "record/steps.h"
#include "record/typed.h"
#include "rules/text.h"

namespace docket::record {
namespace {

// What may be noticed about a value that is written as it should be.
constexpr std::array<std::string_view, 4> kHarmless = {"old", "future", "two_digit_year", "arbn"};

std::string expected_of(const FieldSpec& spec) {
  if (spec.name == "document_type") return "a word like tax_invoice, receipt or credit_note (docs/formats/record.md)";
  if (spec.name == "currency") return "three capital letters like AUD";
  if (spec.name == "supplier_abn") return "an ABN of 11 digits whose checksum passes";
  if (spec.name == "buyer_abn") return "an ABN of 11 digits whose checksum passes and that is not the supplier's";
  if (spec.name == "supplier_acn") return "an ACN of 9 digits whose check digit passes";
  if (spec.name == "supplier_gst_branch") return "3 digits, with the supplier_abn beside it";
  if (spec.name == "supplier_email") return "an address like name@example.com";
  if (spec.name == "supplier_website") return "a host like www.example.com";
  if (spec.name == "invoice_number") return "at most 40 bytes, not a date, an ABN or a phone number";
  switch (spec.kind) {
    case Kind::kCents:
      return "an amount like 45.60";
    case Kind::kDecimal:
      return "a number of at most 4 decimals like 1.879";
    case Kind::kDate:
      return "a date like 2024-03-05";
    case Kind::kTime:
      return "a time like 14:32";
    case Kind::kBool:
      return "true or false";
    case Kind::kPhone:
      return "a phone number with its area code";
    default:
      return "a text that can stand there (docs/formats/record.md)";
  }
}

Result<const FieldSpec*> spec_of(const std::string& name) {
  const auto all = schema();
  const auto found = std::find_if(all.begin(), all.end(), [&](const FieldSpec& spec) { return spec.name == name; });
  if (found == all.end()) {
    return make_error(ErrorCode::kInvalidArgument, "no field has this name; docs/formats/record.md lists them", name);
  }
  if (!found->id) {
    return make_error(ErrorCode::kInvalidArgument, "is worked out from other fields; correct those", name);
  }
  return &*found;
}

fields::Field as_if_read(const std::string& text) {
  fields::Field field;
  fields::Candidate candidate;
  candidate.value = candidate.evidence.raw = text;
  field.chosen = candidate;
  field.confidence = 1;
  field.candidates = {candidate};
  return field;
}

}  // namespace

Result<std::map<std::string, std::string>> check_written(const std::map<std::string, std::string>& values,
                                                         const rules::Date& today) {
  fields::Fields fields;
  std::map<std::string, const FieldSpec*> specs;
  for (const auto& [name, text] : values) {
    DOCKET_TRY(specs[name], spec_of(name));
    fields.scalars[*specs[name]->id] = as_if_read(std::string(rules::trim(text)));
  }
  Context context;
  context.today = today;
  context.redact = false;
  Record record;
  set_values(record, fields, context);
  std::map<std::string, std::string> out;
  for (const auto& [name, text] : values) {
    const Value& value = field(record, name);
    const bool sure = std::all_of(value.flags.begin(), value.flags.end(), [](const std::string& flag) {
      return std::find(kHarmless.begin(), kHarmless.end(), flag) != kHarmless.end();
    });
    if (!value.value || value.value->empty() || !sure) {
      std::string why = value.value ? "" : value.absent_reason;
      if (!sure && why != value.flags.front()) why += (why.empty() ? "" : ", ") + value.flags.front();
      std::string problem = "is \"" + text + "\"";
      if (!why.empty()) problem.append(" (").append(why).append(")");
      return make_error(ErrorCode::kInvalidArgument, problem + ", expected " + expected_of(*specs[name]), name);
    }
    out[name] = *value.value;
  }
  return out;
}

Status check_field_name(const std::string& name) {
  const auto spec = spec_of(name);
  return spec ? Status() : spec.failure();
}

}  // namespace docket::record
