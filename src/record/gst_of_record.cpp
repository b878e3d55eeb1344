// What the lines say about GST, and the GST_AMOUNT check over a whole record.
#include <algorithm>
#include <cstdlib>

#include "record/steps.h"
#include "record/typed.h"

namespace docket::record {
namespace {

bool exclusive_prices(const Record& record) { return text_of(record, "prices_include_gst") == "false"; }

rules::Cents inclusive(rules::Cents amount, bool taxable, bool exclusive) {
  return exclusive && taxable ? amount + rules::gst_exclusive(amount) : amount;
}

// part of `amount` in the ratio taxable : whole, nearest cent.
rules::Cents share(rules::Cents amount, rules::Cents taxable, rules::Cents whole) {
  if (whole == 0) return amount;
  const auto product = static_cast<__int128>(amount) * taxable;
  const __int128 half = (product < 0) == (whole < 0) ? std::abs(whole) / 2 : -(std::abs(whole) / 2);
  return static_cast<rules::Cents>((product + (whole < 0 ? -half : half)) / whole);
}

}  // namespace

std::optional<TaxableLines> taxable_lines(const Record& record) {
  if (record.line_items.empty()) return std::nullopt;
  const bool exclusive = exclusive_prices(record);
  TaxableLines sums;
  for (const auto& item : record.line_items) {
    if (item.gst_code == "UNK" || !item.amount_cents) return std::nullopt;
    const bool taxable = item.gst_code == "GST";
    if (item.gst_code == "NTR") continue;
    (taxable ? sums.taxable : sums.free) += inclusive(*item.amount_cents, taxable, exclusive);
    sums.count += taxable ? 1 : 0;
  }
  sums.all_free = sums.count == 0;
  // A surcharge takes the status of what it relates to: taxable in proportion when the paper does not say.
  const auto surcharge = cents_of(record, "surcharge_total").value_or(0);
  const auto total = cents_of(record, "total_amount");
  if (surcharge > 0 && total && sums.taxable + sums.free != *total) {
    const auto taxed = share(surcharge, sums.taxable, sums.taxable + sums.free);
    sums.surcharge_gst = rules::gst_inclusive(taxed);
    sums.taxable += taxed;
    sums.free += surcharge - taxed;
  }
  // A document discount that no line carries reduces taxable and free alike.
  const auto discount = cents_of(record, "discount_total").value_or(0);
  if (discount < 0 && total && sums.taxable + sums.free == *total - discount) {
    const auto taxed = share(discount, sums.taxable, sums.taxable + sums.free);
    sums.taxable += taxed;
    sums.free += discount - taxed;
  }
  return sums;
}

std::optional<rules::Cents> tax_in_sums(const Record& record) {
  if (const auto gst = cents_of(record, "gst_amount")) return gst;
  const Value& withheld = field(record, "gst_amount");
  if (withheld.absent_reason != "foreign_tax") return std::nullopt;
  return rules::parse_money(withheld.raw).cents;
}

std::optional<rules::GstResult> gst_check(const Record& record, const Context& context) {
  const auto printed = cents_of(record, "gst_amount");
  const auto total = cents_of(record, "total_amount");
  if (!printed || !total) return std::nullopt;
  const auto lines = taxable_lines(record);
  rules::GstInput input{
      .printed = *printed, .total = *total, .taxable = {}, .taxable_lines = {}, .allow_cap = context.gst_allow_cap};
  // Tips, gift cards and cash-out are in what was paid, not in what was supplied.
  for (const auto& item : record.line_items) {
    if (item.gst_code == "NTR" && item.amount_cents && *item.amount_cents > 0) input.total -= *item.amount_cents;
  }
  if (const auto tip = cents_of(record, "tip"); tip && *tip > 0) input.total -= *tip;
  if (lines) {
    input.taxable = lines->taxable;
    input.taxable_lines = lines->count;
    input.all_lines_free = lines->all_free;
  }
  auto result = rules::check_gst(input);
  if (rules::gst_passes(result.verdict)) return result;
  // GST may be printed on the total after cash rounding, and a tip may have been outside the total: accept either.
  const auto rounding = cents_of(record, "cash_rounding").value_or(0);
  for (const rules::Cents other : {*total + rounding, *total}) {
    input.total = other;
    const auto again = rules::check_gst(input);
    if (rules::gst_passes(again.verdict)) return again;
  }
  return result;
}

}  // namespace docket::record
