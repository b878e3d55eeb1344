// Fields as a reader would give them, for tests: a plain tax invoice that passes everything, to be spoiled one thing at
// a time.
#pragma once

#include <string>

#include "fields/fields.h"
#include "record/build.h"

namespace docket::record {

// A field that was read for sure.
fields::Field read_as(const std::string& value, double confidence = 0.95);
// A field that was not seen.
fields::Field unseen();

void set(fields::Fields& fields, fields::FieldId id, const std::string& value, double confidence = 0.95);
void remove(fields::Fields& fields, fields::FieldId id);
void add_line(fields::Fields& fields, const std::string& description, const std::string& amount,
              const std::string& gst_code = "");
void add_payment(fields::Fields& fields, const std::string& method, const std::string& amount);

// Every FieldId present and unseen.
fields::Fields nothing_read();
// Bunnings, 14 March 2026, two taxable lines, 46.75 with GST 4.25, paid by card: band A, complete.
fields::Fields plain_invoice();
// The same with a total of `total` on one line and the GST that belongs to it.
fields::Fields invoice_over(const std::string& total, const std::string& gst);
Context plain_context();

// The finding or check with this id; nullptr when there is none.
const Finding* find_finding(const Record& record, const std::string& id);
const Check* find_check(const Record& record, const std::string& id);

}  // namespace docket::record
