// supplier_name and supplier_trading_name.
#pragma once

#include "fields/candidates.h"
#include "fields/rows.h"

namespace docket::fields {

void find_supplier(const Layout& layout, const Rows& rows, Candidates& candidates);

}  // namespace docket::fields
