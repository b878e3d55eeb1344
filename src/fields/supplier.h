// supplier_name and supplier_trading_name.
#pragma once

#include "fields/candidates.h"
#include "fields/document.h"

namespace docket::fields {

void find_supplier(const Document& document, Candidates& candidates);

}  // namespace docket::fields
