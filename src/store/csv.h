// CSV after RFC 4180: comma, CRLF, quotes where needed. Cells of text that a spreadsheet would run as a formula begin
// with an apostrophe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "record/record.h"

namespace docket::store {

using CsvRow = std::vector<std::string>;

// One row a document: file, receipt, the fields of the schema in order, counts, verdict, findings.
std::string csv_document_header();
std::string csv_document_row(const record::Record& record);

// One row a line item, each with its document's file, receipt, supplier and date; nothing for a document without lines.
std::string csv_line_header();
std::string csv_line_rows(const record::Record& record);

// One row of cells as they are, with quotes where needed and CRLF behind.
std::string csv_row(const CsvRow& cells);

// Text that begins with = + - @ tab or carriage return gets an apostrophe in front. Numbers are not text: "-12.00" in a
// money column stays as it is.
std::string csv_safe_text(const std::string& text);

// The rows of a CSV text; LF alone also ends a row. Errors: kMalformed for a quote that is not closed or that stands in
// the middle of a cell.
Result<std::vector<CsvRow>> read_csv(std::string_view text, const std::string& where);

}  // namespace docket::store
