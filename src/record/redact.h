// Taking sensitive data out of a record before it is stored, exported or logged.
#pragma once

#include "record/record.h"

namespace docket::record {

// Redacts (rules/sensitive.h) every raw text, free-text value, line description and piece of evidence, and adds one
// Finding for each kind that was found ("card_redacted", "tfn_redacted", ...). Values with a check of their own (ABN,
// dates, money) are left: they cannot hold what is redacted. Idempotent.
void redact(Record& record);

// The buyer's name and address masked ("J. B."), for logs and for users who want it in what is stored, too.
void mask_customer(Record& record);

}  // namespace docket::record
