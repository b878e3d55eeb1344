// A Record as KEY: VALUE lines, the form that people read and that simple scripts cut up.
#pragma once

#include <string>

#include "record/record.h"

namespace docket::store {

enum class KeyNames {
  kShort,   // the names in daily use where there is one: STORE, ABN, DATE, TIME, TOTAL, GST, ITEMS, ...; else the
            // schema's
  kSchema,  // the schema's names only: SUPPLIER_NAME, SUPPLIER_ABN, INVOICE_DATE, ...
};

// One line a field in the order of the schema, keys in upper case; lists joined with " | " (all lists of the line items
// have the same length); NOT_FOUND for what is absent, never an empty value. Line breaks in a value become spaces and a
// bar within a list's entry becomes "/". Ends with a line break.
std::string to_key_value(const record::Record& record, KeyNames names = KeyNames::kShort);

}  // namespace docket::store
