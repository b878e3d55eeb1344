// total_amount: what each amount of the document says for being the total, before arithmetic joins in (arithmetic.cpp).
#include <algorithm>
#include <cstdlib>

#include "fields/money_fields.h"

namespace docket::fields {
namespace {

std::string_view kind_feature(RowKind kind) {
  switch (kind) {
    case RowKind::kTotal:
      return "total.kind_total";
    case RowKind::kGrandTotal:
      return "total.kind_grand_total";
    case RowKind::kRoundedTotal:
      return "total.kind_rounded_total";
    case RowKind::kDue:
      return "total.kind_due";
    case RowKind::kAmount:
      return "total.kind_amount";
    case RowKind::kSubtotal:
      return "total.kind_subtotal";
    case RowKind::kCash:
      return "total.kind_cash";
    case RowKind::kCard:
      return "total.kind_card";
    case RowKind::kTendered:
      return "total.kind_tendered";
    case RowKind::kPaid:
      return "total.kind_paid";
    case RowKind::kNone:
      return "total.kind_none";
    case RowKind::kCount:
      return "total.kind_count";
    default:
      return "total.kind_other";
  }
}

// The largest amount that is neither handed over nor given back.
rules::Cents largest_owed(const Rows& rows) {
  rules::Cents largest = 0;
  for (const RowAmount& row : rows.amounts) {
    const bool money_moved = is_tender(row.kind) || row.kind == RowKind::kChange || row.kind == RowKind::kCashOut;
    if (!money_moved && row.kind != RowKind::kPoints) largest = std::max(largest, std::abs(row.amount.cents));
  }
  return largest;
}

// Printed totals of groups of goods, as some shops give one for each tax rate, add up to the grand total.
bool is_sum_of_totals(const Rows& rows, rules::Cents cents) {
  std::vector<rules::Cents> parts;
  for (const RowAmount& row : rows.amounts) {
    if (is_total(row.kind) && !row.in_tax_summary && row.amount.cents > 0 && row.amount.cents < cents) {
      parts.push_back(row.amount.cents);
    }
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    for (std::size_t k = i + 1; k < parts.size(); ++k) {
      if (parts[i] + parts[k] == cents && parts[i] != parts[k]) return true;
    }
  }
  return false;
}

const RowAmount* last_total(const Rows& rows) {
  const RowAmount* last = nullptr;
  for (const RowAmount& row : rows.amounts) {
    if (is_total(row.kind) && !row.in_tax_summary && !row.in_eftpos) last = &row;
  }
  return last;
}

}  // namespace

void find_total_amount(const Layout& layout, const Rows& rows, Candidates& candidates) {
  const rules::Cents largest = largest_owed(rows);
  const RowAmount* last = last_total(rows);
  for (const RowAmount& row : rows.amounts) {
    if (row.kind == RowKind::kRounding || row.kind == RowKind::kPoints || row.kind == RowKind::kHeading) continue;
    Candidate candidate = money_candidate(layout, row);
    weigh(candidate, "total.bias");
    weigh(candidate, kind_feature(row.kind));
    weigh(candidate, "total.label_cost", row.label_cost);
    if (row.label_on_other_line) weigh(candidate, "total.label_on_other_line");
    if (row.in_tax_summary) weigh(candidate, "total.in_tax_summary");
    if (row.in_eftpos) weigh(candidate, "total.in_eftpos");
    if (!row.last_on_line) weigh(candidate, "total.not_last_on_line");
    if (&row == last) weigh(candidate, "total.last_total");
    if (std::abs(row.amount.cents) == largest) weigh(candidate, "total.largest");
    if (is_total(row.kind) && is_sum_of_totals(rows, row.amount.cents)) weigh(candidate, "total.sum_of_totals");
    if (row.amount.cents == 0) weigh(candidate, "total.zero");
    if (row.amount.cents < 0) weigh(candidate, "total.negative");
    weigh_reading(layout, row, candidate);
    const double tall = layout.lines[row.line].relative_height;
    if (tall > 1.35) weigh(candidate, "total.tall");
    candidates.add(FieldId::kTotalAmount, std::move(candidate));
  }
}

}  // namespace docket::fields
