// total_amount: what each amount of the document says for being the total, before arithmetic joins in (arithmetic.cpp).
#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

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

// A larger total printed further down: this one is a group's, or the total before something was added.
bool larger_total_follows(const Rows& rows, const RowAmount& row) {
  for (const RowAmount& later : rows.amounts) {
    if (later.line > row.line && is_total(later.kind) && !later.in_tax_summary && !later.in_eftpos &&
        later.amount.cents > row.amount.cents) {
      return true;
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

// What the other rows say the total is: subtotal and GST (also as net and tax of a summary), tender less change.
std::vector<rules::Cents> sums_of_others(const Rows& rows) {
  std::vector<rules::Cents> sums;
  for (const RowAmount& a : rows.amounts) {
    for (const RowAmount& b : rows.amounts) {
      const bool net_and_tax = a.in_tax_summary && b.line == a.line && b.column == a.column + 1 && b.last_on_line;
      const bool subtotal_and_tax = a.kind == RowKind::kSubtotal && b.kind == RowKind::kTax && !b.in_tax_summary;
      if ((net_and_tax || subtotal_and_tax) && b.amount.cents > 0) sums.push_back(a.amount.cents + b.amount.cents);
      if (is_tender(a.kind) && b.kind == RowKind::kChange && !a.in_eftpos) {
        sums.push_back(std::abs(a.amount.cents) - std::abs(b.amount.cents));
      }
    }
  }
  std::sort(sums.begin(), sums.end());
  sums.erase(std::unique(sums.begin(), sums.end()), sums.end());
  return sums;
}

// OCR took one digit for another, or lost the first.
bool one_digit_apart(rules::Cents read, rules::Cents sum) {
  if (std::abs(read - sum) <= 4) return false;  // cash is rounded
  if (read == sum || read <= 0 || sum <= 0) return false;
  const std::string a = std::to_string(read), b = std::to_string(sum);
  if (a.size() + 1 == b.size()) return b.substr(1) == a;
  if (a.size() != b.size()) return false;
  int different = 0;
  for (std::size_t i = 0; i < a.size(); ++i) different += a[i] != b[i] ? 1 : 0;
  return different == 1;
}

}  // namespace

void find_total_amount(const Layout& layout, const Rows& rows, Candidates& candidates) {
  const rules::Cents largest = largest_owed(rows);
  const RowAmount* last = last_total(rows);
  const std::vector<rules::Cents> repairs = sums_of_others(rows);
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
    if (is_total(row.kind) && larger_total_follows(rows, row)) weigh(candidate, "total.larger_follows");
    if (row.amount.cents == 0) weigh(candidate, "total.zero");
    if (row.amount.cents < 0) weigh(candidate, "total.negative");
    weigh_reading(layout, row, candidate);
    // An amount printed twice and read the same twice was read right.
    const bool seen_elsewhere = std::any_of(rows.amounts.begin(), rows.amounts.end(), [&](const RowAmount& other) {
      return other.line != row.line && other.amount.cents == row.amount.cents;
    });
    for (rules::Cents sum : repairs) {
      if (!is_total(row.kind) || seen_elsewhere || !one_digit_apart(row.amount.cents, sum)) continue;
      Candidate repaired = candidate;
      repaired.value = rules::format_cents(sum);
      repaired.flags.emplace_back("digit_repaired");
      weigh(repaired, "total.digit_repaired");
      candidates.add(FieldId::kTotalAmount, std::move(repaired));
    }
    const double tall = layout.lines[row.line].relative_height;
    if (tall > 1.35) weigh(candidate, "total.tall");
    candidates.add(FieldId::kTotalAmount, std::move(candidate));
  }
}

}  // namespace docket::fields
