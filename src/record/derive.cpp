#include <algorithm>

#include "record/steps.h"
#include "record/typed.h"
#include "rules/date.h"

namespace docket::record {
namespace {

// Sets a derived value that is as sure, and was seen where, its source was.
void set_derived(Record& record, std::string_view name, std::string text, const Value& source) {
  Value& value = field(record, name);
  value = source;
  value.value = std::move(text);
  value.absent_reason.clear();
  value.flags = {"derived"};
  value.parts.clear();
}

void derive_periods(Record& record) {
  const auto date = date_of(record, "invoice_date");
  if (!date) return;
  const Value source = field(record, "invoice_date");
  set_derived(record, "financial_year", rules::financial_year(*date), source);
  set_derived(record, "bas_quarter", rules::bas_quarter(*date), source);
}

void derive_due_date(Record& record, const Context& context) {
  const auto issued = date_of(record, "invoice_date");
  if (!issued || present(record, "due_date")) return;
  for (std::size_t begin = 0; begin < context.text.size();) {
    const std::size_t end = std::min(context.text.find('\n', begin), context.text.size());
    const auto line = std::string_view(context.text).substr(begin, end - begin);
    begin = end + 1;
    if (!rules::contains_word(line, "terms") && !rules::contains_word(line, "payment due")) continue;
    const auto due = rules::due_date_from_terms(line, *issued);
    if (!due) continue;
    const Value source = field(record, "invoice_date");
    set_derived(record, "due_date", rules::to_iso(*due), source);
    field(record, "due_date").raw = line;
    return;
  }
}

void derive_price_basis(Record& record) {
  const auto subtotal = cents_of(record, "subtotal");
  const auto tax = tax_in_sums(record);
  const auto total = cents_of(record, "total_amount");
  if (!tax || !total) return;
  std::optional<bool> inclusive;
  if (subtotal) inclusive = rules::prices_include_gst(*subtotal, *tax, *total);
  if (!inclusive && *tax != 0 && !record.line_items.empty()) {
    rules::Cents sum = 0;
    for (const auto& item : record.line_items) {
      if (!item.amount_cents) return;
      sum += *item.amount_cents;
    }
    inclusive = rules::prices_include_gst(sum, *tax, *total);
  }
  if (!inclusive && flag_of(record, "gst_statement")) inclusive = true;
  const bool foreign = !present(record, "gst_amount");
  if (!inclusive || (foreign && *inclusive)) return;  // prices that include a foreign tax include no GST
  set_derived(record, "prices_include_gst", *inclusive ? "true" : "false", Value(field(record, "gst_amount")));
}

void derive_line_gst(Record& record) {
  const bool exclusive = text_of(record, "prices_include_gst") == "false";
  for (auto& item : record.line_items) {
    if (item.gst_amount_cents || !item.amount_cents || item.gst_code == "UNK") continue;
    const rules::Cents gst =
        exclusive ? rules::gst_exclusive(*item.amount_cents) : rules::gst_inclusive(*item.amount_cents);
    item.gst_amount_cents = item.gst_code == "GST" ? gst : 0;
  }
}

// Only where the parts add up to the total: from flagged lines, or from a GST that is 1/11 of all of it.
void derive_taxable(Record& record, const Context& context) {
  const auto total = cents_of(record, "total_amount");
  if (!total) return;
  const Value source = field(record, "total_amount");
  const auto set = [&](rules::Cents taxable) {
    set_derived(record, "taxable_total", rules::format_cents(taxable), source);
    set_derived(record, "gst_free_total", rules::format_cents(*total - taxable), source);
  };
  if (const auto lines = taxable_lines(record); lines && lines->taxable + lines->free == *total) {
    return set(lines->taxable);
  }
  const auto check = gst_check(record, context);
  const bool whole = check && check->expected == rules::gst_inclusive(std::abs(*total)) && check->expected != 0 &&
                     rules::gst_passes(check->verdict);
  const bool stated = !check && flag_of(record, "gst_statement");
  if (whole || stated) return set(*total);
  field(record, "taxable_total").absent_reason = "not_determined";
  field(record, "gst_free_total").absent_reason = "not_determined";
}

void derive_category(Record& record, const Context& context) {
  Value& value = field(record, "expense_category");
  value.absent_reason = context.expense_rules.empty() ? "not_configured" : "no_rule";
  for (const auto& rule : context.expense_rules) {
    const auto says = [&](const std::string& text) { return rules::contains_word(text, rule.phrase); };
    const bool hit = says(text_of(record, "supplier_name")) || says(text_of(record, "supplier_trading_name")) ||
                     std::any_of(record.line_items.begin(), record.line_items.end(),
                                 [&](const auto& i) { return says(i.description); });
    if (!hit) continue;
    set_derived(record, "expense_category", rule.category, Value(field(record, "supplier_name")));
    return;
  }
}

std::string folded_number(const std::string& number) {
  std::string out;
  for (const char c : number) {
    if (rules::is_alpha(c) || rules::is_digit(c)) out.push_back(rules::to_lower(c));
  }
  return out;
}

void derive_duplicate_key(Record& record) {
  const std::string abn = text_of(record, "supplier_abn");
  if (abn.empty()) {
    field(record, "duplicate_key").absent_reason = "no_abn";
    return;
  }
  const Value source = field(record, "supplier_abn");
  if (const auto number = folded_number(text_of(record, "invoice_number")); !number.empty()) {
    return set_derived(record, "duplicate_key", abn + ":" + number, source);
  }
  if (!present(record, "invoice_date") || !present(record, "total_amount")) {
    field(record, "duplicate_key").absent_reason = "no_date_or_total";
    return;
  }
  std::string last4;
  for (const auto& payment : record.payments) {
    if (last4.empty()) last4 = payment.card_last4;
  }
  set_derived(record, "duplicate_key",
              abn + ":" + text_of(record, "invoice_date") + ":" + text_of(record, "total_amount") + ":" + last4,
              source);
}

}  // namespace

void derive(Record& record, const Context& context) {
  derive_periods(record);
  derive_due_date(record, context);
  derive_price_basis(record);
  derive_line_gst(record);
  derive_taxable(record, context);
  derive_category(record, context);
  derive_duplicate_key(record);
}

}  // namespace docket::record
