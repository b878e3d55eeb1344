// extract: what a company tells docket about itself, in CSV files with a header row.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "record/build.h"

namespace docket::extract {

// "abn,name": suppliers known to the company; a misread ABN is put right when only one of them fits. Errors: those of
// reading a file; kMalformed naming file and row for another header, a row of another length or an ABN that is none.
Result<std::vector<record::ApprovedSupplier>> read_suppliers(const std::string& file);

// "phrase,category": the first row whose phrase stands in the supplier's name or a line's description gives the
// expense_category. Errors as above.
Result<std::vector<record::ExpenseRule>> read_expense_rules(const std::string& file);

}  // namespace docket::extract
