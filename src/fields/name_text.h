// What tells a business's name from the other lines of a header, by its words alone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fields/labels.h"
#include "fields/layout.h"

namespace docket::fields {

// Of the Tokens of one cell, those that hold a name: without a registration number behind it ("(728515-M)"), a label
// and what follows it, marks and scraps around it. Empty when nothing name-like is left.
Cell name_part(const Line& line, const Cell& cell, const std::vector<LabelHit>& labels);

// Where "trading as" or "T/A" stands in the Tokens of a cell: the Tokens of those words.
std::optional<Cell> trading_as(const Line& line, const Cell& cell);

// As printed, with what OCR makes of letters put right where it can be nothing else ("JIAWE|" -> "JIAWEI",
// "SON BHD" -> "SDN BHD"). Sets `repaired` when it changed anything.
std::string name_value(const std::string& raw, bool& repaired);

bool ends_with_company_suffix(const std::string& text);    // SDN BHD, PTY LTD, INC, ...
bool starts_with_company_suffix(const std::string& text);  // the name began on the line above
bool has_business_word(const std::string& text);           // RESTAURANT, HARDWARE, CAFE, ...
bool looks_like_address(const std::string& text);
bool looks_like_registration(const std::string& text);  // "(933109-X)", "CO.REG:860671-D", "ABN 51 ..."
// Words that stand in headers and are nobody's name: TAX INVOICE, RECEIPT, WELCOME, TEL, ...
bool looks_like_header_word(const Line& line, const Cell& part);

}  // namespace docket::fields
