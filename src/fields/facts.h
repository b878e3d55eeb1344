// What the whole document says about where it comes from, which decides how dates and amounts are read.
#pragma once

#include <string>
#include <vector>

#include "fields/context.h"
#include "fields/layout.h"

namespace docket::fields {

struct Facts {
  bool australian = false;        // a valid ABN, A$/AUD, an Australian state and postcode
  bool us = false;                // USD, "sales tax", a US state and ZIP, and nothing Australian
  bool foreign_tax = false;       // the tax of another country: see find_facts
  std::string currency;           // ISO 4217; the context's default when nothing is printed
  Evidence currency_evidence;     // reader kNone when the currency is the default
  std::vector<int> tax_percents;  // printed beside GST/VAT/tax ("GST 6%"), and 10 for Australian documents
};

// A tax is foreign where the paper is American, or in dollars of the United States, euros or pounds, shows nothing
// Australian, and nowhere says GST: Malaysia, Singapore, New Zealand and Canada call theirs GST, too, and print it so.
Facts find_facts(const Layout& layout, const Context& context);

}  // namespace docket::fields
