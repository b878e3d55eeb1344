#include "fields/money_fields.h"

#include <cstdlib>
#include <optional>

namespace docket::fields {
namespace {

struct Named {
  FieldId field;
  std::string_view feature;
};

std::optional<Named> named_by(RowKind kind) {
  switch (kind) {
    case RowKind::kSubtotal:
      return Named{FieldId::kSubtotal, "money.subtotal"};
    case RowKind::kTax:
      return Named{FieldId::kGstAmount, "money.gst"};
    case RowKind::kRounding:
      return Named{FieldId::kCashRounding, "money.rounding"};
    case RowKind::kCash:
    case RowKind::kCard:
    case RowKind::kTendered:
      return Named{FieldId::kAmountPaid, "money.tender"};
    case RowKind::kPaid:
      return Named{FieldId::kAmountPaid, "money.paid"};
    case RowKind::kChange:
      return Named{FieldId::kChange, "money.change"};
    case RowKind::kDiscount:
      return Named{FieldId::kDiscountTotal, "money.discount"};
    case RowKind::kSurcharge:
      return Named{FieldId::kSurchargeTotal, "money.surcharge"};
    case RowKind::kTip:
      return Named{FieldId::kTip, "money.tip"};
    case RowKind::kDue:
      return Named{FieldId::kAmountDue, "money.due"};
    default:
      return std::nullopt;
  }
}

// Signs are printed as the shop likes ("CASH -73.30", "Discount 5.00"); the schema fixes them.
rules::Cents signed_as_schema(FieldId field, rules::Cents cents) {
  if (field == FieldId::kDiscountTotal) return -std::abs(cents);
  if (field == FieldId::kAmountPaid || field == FieldId::kChange) return std::abs(cents);
  return cents;
}

// Between subtotal and total a row without a known name is a discount when negative, else a charge.
std::optional<Named> named_by_place(const RowAmount& row) {
  if (!row.between_totals || row.amount.whole || row.amount.cents == 0) return std::nullopt;
  if (row.amount.cents < 0) return Named{FieldId::kDiscountTotal, "money.unnamed_discount"};
  return Named{FieldId::kSurchargeTotal, "money.unnamed_surcharge"};
}

// Goods are called "cash box" and "gift card" too.
bool among_items(const Layout& layout, const Rows& rows, const RowAmount& row) {
  return rows.blocks[row.line] == Block::kItems && rows.first_total < layout.lines.size();
}

// Two cards or a voucher and cash: what they add up to was paid.
void add_sum_of_tenders(const Layout& layout, const Rows& rows, Candidates& candidates) {
  rules::Cents sum = 0;
  const RowAmount* first = nullptr;
  int count = 0;
  for (const RowAmount& row : rows.amounts) {
    if (!is_tender(row.kind) || row.in_eftpos || row.in_tax_summary || among_items(layout, rows, row)) continue;
    sum += std::abs(row.amount.cents);
    first = first == nullptr ? &row : first;
    ++count;
  }
  if (count < 2) return;
  Candidate candidate = money_candidate(layout, *first);
  candidate.value = rules::format_cents(sum);
  candidate.flags.emplace_back("summed");
  weigh(candidate, "money.sum_of_tenders");
  candidates.add(FieldId::kAmountPaid, std::move(candidate));
}

bool belongs(const RowAmount& row, FieldId field) {
  if (field == FieldId::kCashRounding) return std::abs(row.amount.cents) <= 5;
  if (field == FieldId::kGstAmount) return true;
  return !row.in_tax_summary;
}

}  // namespace

Candidate money_candidate(const Layout& layout, const RowAmount& row) {
  Candidate candidate;
  candidate.value = rules::format_cents(row.amount.cents);
  candidate.evidence = evidence_of(layout.lines[row.line], row.amount.first, row.amount.last, row.label);
  candidate.flags = row.amount.flags;
  return candidate;
}

void weigh_reading(const Layout& layout, const RowAmount& row, Candidate& candidate) {
  if (row.amount.whole) weigh(candidate, "reading.whole");
  if (!row.amount.flags.empty()) weigh(candidate, "reading.repaired");
  weigh(candidate, "reading.confidence",
        confidence_of(layout.lines[row.line], row.amount.first, row.amount.last) - 0.85);
}

void find_money_fields(const Layout& layout, const Rows& rows, Candidates& candidates) {
  for (const RowAmount& row : rows.amounts) {
    const auto named = row.kind == RowKind::kNone ? named_by_place(row) : named_by(row.kind);
    if (!named || !belongs(row, named->field)) continue;
    Candidate candidate = money_candidate(layout, row);
    const rules::Cents cents = signed_as_schema(named->field, row.amount.cents);
    candidate.value = rules::format_cents(cents);
    weigh(candidate, named->feature);
    weigh(candidate, "money.label_cost", row.label_cost);
    if (row.label_on_other_line) weigh(candidate, "money.label_on_other_line");
    if (row.in_tax_summary) {
      // The tax stands right of the net amount.
      weigh(candidate, "money.in_tax_summary");
      if (!row.last_on_line) weigh(candidate, "money.net_column");
    }
    if (row.in_eftpos) weigh(candidate, "money.in_eftpos");
    if (among_items(layout, rows, row)) weigh(candidate, "money.among_items");
    if (cents == 0) weigh(candidate, "money.zero");
    weigh_reading(layout, row, candidate);
    candidates.add(named->field, std::move(candidate));
  }
  add_sum_of_tenders(layout, rows, candidates);
}

}  // namespace docket::fields
