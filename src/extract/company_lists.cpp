#include "extract/company_lists.h"

#include "core/base/file.h"
#include "rules/abn.h"
#include "rules/text.h"
#include "store/csv.h"

namespace docket::extract {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{16} << 20;

// The rows below a header of exactly these two names; none of their cells is empty.
Result<std::vector<store::CsvRow>> two_columns(const std::string& file, const std::string& first,
                                               const std::string& second) {
  DOCKET_TRY(const std::string text, read_text_file(file, kMaxBytes));
  DOCKET_TRY(std::vector<store::CsvRow> rows, store::read_csv(text, file));
  if (rows.empty() || rows.front() != store::CsvRow{first, second}) {
    return make_error(ErrorCode::kMalformed, "the first row must be \"" + first + "," + second + "\"", file);
  }
  rows.erase(rows.begin());
  const std::string needed = " must have a " + first + " and a " + second;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    bool good = rows[i].size() == 2;
    for (std::string& cell : rows[i]) {
      cell = std::string(rules::trim(cell));
      good = good && !cell.empty();
    }
    if (!good) {
      return make_error(ErrorCode::kMalformed, "row " + std::to_string(i + 2) + needed, file);
    }
  }
  return rows;
}

}  // namespace

Result<std::vector<record::ApprovedSupplier>> read_suppliers(const std::string& file) {
  DOCKET_TRY(const auto rows, two_columns(file, "abn", "name"));
  std::vector<record::ApprovedSupplier> suppliers;
  suppliers.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const rules::Abn abn = rules::parse_abn(rows[i][0]);
    if (!abn.passed()) {
      return make_error(ErrorCode::kMalformed,
                        "row " + std::to_string(i + 2) + ": \"" + rows[i][0] + "\" is no ABN whose checksum passes",
                        file);
    }
    suppliers.push_back({rows[i][1], abn.digits});
  }
  return suppliers;
}

Result<std::vector<record::ExpenseRule>> read_expense_rules(const std::string& file) {
  DOCKET_TRY(const auto rows, two_columns(file, "phrase", "category"));
  std::vector<record::ExpenseRule> rules;
  rules.reserve(rows.size());
  for (const auto& row : rows) rules.push_back({row[0], row[1]});
  return rules;
}

}  // namespace docket::extract
