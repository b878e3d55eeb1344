#include "eval/compare.h"

#include "core/base/utf8.h"
#include "fields/fields.h"
#include "fields/reply_keys.h"
#include "rules/date.h"
#include "rules/money.h"
#include "rules/phone.h"
#include "rules/text.h"
#include "rules/time_of_day.h"

namespace docket::eval {
namespace {

using fields::FieldId;

Comparison comparison_of(FieldId id) {
  if (id == FieldId::kSupplierPhone) return Comparison::kPhone;
  if (id == FieldId::kSupplierWebsite) return Comparison::kWebsite;
  switch (fields::value_form(fields::to_string(id))) {
    case fields::ValueForm::kMoney:
      return Comparison::kMoney;
    case fields::ValueForm::kDate:
      return Comparison::kDate;
    case fields::ValueForm::kTime:
      return Comparison::kTime;
    case fields::ValueForm::kYesNo:
      return Comparison::kFlag;
    default:
      return Comparison::kText;
  }
}

// A date as printed does not say which of its readings was meant, so each of them is right. Both contexts are far in
// the future, so that two-digit years mean this century.
bool reads_as(const std::string& printed, const std::string& iso) {
  constexpr rules::Date kToday{2098, 12, 31};
  for (const bool month_first : {false, true}) {
    const rules::ReadDate read = rules::parse_date(printed, {kToday, month_first, false});
    if (read.date && rules::to_iso(*read.date) == iso) return true;
  }
  return false;
}

bool same_money(const std::string& expected, const std::string& given) {
  const auto a = rules::parse_money(expected).cents, b = rules::parse_money(given).cents;
  return a && b && *a == *b;
}

bool same_time(const std::string& expected, const std::string& given) {
  const auto a = rules::parse_time(expected).value, b = rules::parse_time(given).value;
  return a && b && *a == *b;
}

// Numbers that no rule of Australia's plan covers are compared by their digits.
std::string dialled(const std::string& printed) {
  const rules::Phone phone = rules::parse_phone(printed);
  return rules::digits_only(phone.kind == rules::PhoneKind::kNotPhone ? printed : phone.number);
}

std::string host_of(const std::string& website) {
  std::string host = rules::lower(rules::trim(website));
  if (const std::size_t scheme = host.find("://"); scheme != std::string::npos) host.erase(0, scheme + 3);
  if (host.starts_with("www.")) host.erase(0, 4);
  return host.substr(0, host.find('/'));
}

// What the record derives from other fields; not read from the page, so not a FieldId.
std::optional<FieldRule> derived_rule(std::string_view name) {
  for (const std::string_view money : {"taxable_total", "gst_free_total"}) {
    if (name == money) return FieldRule{std::string(name), Comparison::kMoney, false, true};
  }
  for (const std::string_view text : {"financial_year", "bas_quarter"}) {
    if (name == text) return FieldRule{std::string(name), Comparison::kText, false, true};
  }
  if (name == "prices_include_gst") return FieldRule{std::string(name), Comparison::kFlag, false, true};
  return std::nullopt;
}

}  // namespace

std::optional<FieldRule> field_rule(std::string_view truth_field) {
  if (truth_field == "tax_amount") return FieldRule{"gst_amount", Comparison::kMoney, true, false};
  if (truth_field == "invoice_date_raw") return FieldRule{"invoice_date", Comparison::kRawDate, false, false};
  if (truth_field == "item_count") return FieldRule{"line_items", Comparison::kCount, false, true};
  const auto id = fields::field_id(truth_field);
  if (!id) return derived_rule(truth_field);
  return FieldRule{std::string(truth_field), comparison_of(*id), false, false};
}

Match compare(Comparison comparison, const std::string& expected, const std::string& given) {
  const auto both = [](bool same) { return Match{same, same}; };
  switch (comparison) {
    case Comparison::kText:
      if (expected == given) return {true, true};
      return {false, letters_and_digits(expected) == letters_and_digits(given)};
    case Comparison::kMoney:
      return both(same_money(expected, given));
    case Comparison::kRawDate:
      return both(reads_as(expected, given));
    case Comparison::kTime:
      return both(same_time(expected, given));
    case Comparison::kPhone:
      return {expected == given, dialled(expected) == dialled(given)};
    case Comparison::kWebsite:
      return {expected == given, host_of(expected) == host_of(given)};
    case Comparison::kDate:
    case Comparison::kCount:
    case Comparison::kFlag:
      return both(expected == given);
  }
  return {};
}

}  // namespace docket::eval
