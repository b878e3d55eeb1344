// eval: what the reports have in common.
#pragma once

#include <string>
#include <vector>

#include "eval/html.h"

namespace docket::eval {

std::string fixed(double value, int decimals);

// Doctype, head with the style sheet, title and subtitle; leaves <html> and <body> open.
void open_page(HtmlWriter& html, const std::string& title, const std::string& subtitle);
void close_page(HtmlWriter& html);

// A row of `cell`s ("th" or "td"): a name, then figures.
void write_row(HtmlWriter& html, const std::string& cell, const std::vector<std::string>& cells);

}  // namespace docket::eval
