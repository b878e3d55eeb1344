// eval: whether a value says the same as the truth, by the kind of the field.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace docket::eval {

enum class Comparison {
  kText,     // exact: the same characters; normalised: the same letters and digits, case folded
  kMoney,    // the same cents
  kDate,     // the same day; both ISO
  kRawDate,  // truth is a date as printed: right when it is one of that text's readings (day or month first)
  kTime,     // the same second
  kPhone,    // the same number when dialled
  kWebsite,  // the same host; scheme, www. and path aside
  kCount,    // the same whole number
  kFlag,     // true or false; a record has no `false`, so absent says the same
};

// How a truth's field is compared, and with what of the record.
struct FieldRule {
  std::string record_field;  // the schema's name, or "line_items" for their number
  Comparison comparison = Comparison::kText;
  bool only_if_given = false;  // the record need not have it: it counts only when there is a value
  bool derived = false;        // the record works it out, the page need not say it: without truth it is no invention
};

// nullopt: docket has no such field. Besides the schema's own names: `tax_amount` (a foreign tax, which is GST only
// where the record says so), `invoice_date_raw` (as printed) and `item_count`.
std::optional<FieldRule> field_rule(std::string_view truth_field);

struct Match {
  bool exact = false;
  bool normalised = false;  // implied by exact
};
Match compare(Comparison comparison, const std::string& expected, const std::string& given);

}  // namespace docket::eval
