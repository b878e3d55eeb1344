// The finders: each looks at the document and adds candidates for one family of fields. One file each.
#pragma once

#include "fields/candidates.h"
#include "fields/document.h"

namespace docket::fields {

void find_tax_ids(const Document& document, Candidates& candidates);   // tax_ids.cpp
void find_contacts(const Document& document, Candidates& candidates);  // contacts.cpp
void find_numbers(const Document& document, Candidates& candidates);   // numbers.cpp
void find_banking(const Document& document, Candidates& candidates);   // banking.cpp
void find_fuel(const Document& document, Candidates& candidates);      // fuel.cpp
void find_buyer(const Document& document, Candidates& candidates);     // buyer.cpp
void find_kind(const Document& document, Candidates& candidates);      // kind.cpp: type, wording, statement, currency

std::vector<LineItem> find_line_items(const Document& document);  // line_items.cpp
std::optional<std::string> find_gst_legend(const Document& document);
std::vector<Payment> find_payments(const Document& document);  // payments.cpp

}  // namespace docket::fields
