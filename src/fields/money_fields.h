// Candidates for the fields that are amounts of money. The total has a file of its own (total_amount.cpp), the rest of
// the totals block is in money_fields.cpp; arithmetic.h chooses among them all at once.
#pragma once

#include "fields/candidates.h"
#include "fields/rows.h"

namespace docket::fields {

void find_total_amount(const Layout& layout, const Rows& rows, Candidates& candidates);

// subtotal, gst_amount, cash_rounding, amount_paid, amount_due, change, discount_total, surcharge_total, tip.
void find_money_fields(const Layout& layout, const Rows& rows, Candidates& candidates);

// A Candidate with the row's value and evidence and a score of 0.
Candidate money_candidate(const Layout& layout, const RowAmount& row);

// What the reading itself says: confidence, repairs, no decimals.
void weigh_reading(const Layout& layout, const RowAmount& row, Candidate& candidate);

}  // namespace docket::fields
