// invoice_date, invoice_time, supply_date and due_date.
#pragma once

#include "fields/candidates.h"
#include "fields/context.h"
#include "fields/facts.h"
#include "fields/rows.h"

namespace docket::fields {

void find_dates(const Layout& layout, const Rows& rows, const Facts& facts, const Context& context,
                Candidates& candidates);

}  // namespace docket::fields
