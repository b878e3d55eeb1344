// Why a field has its value: what every reader says on its own, what counted, and what would change it.
#pragma once

#include "fields/arithmetic.h"
#include "fields/candidates.h"
#include "fields/fields.h"

namespace docket::fields {

// `field` is what vote() chose. `candidates` and `posterior` are of the look at all words of the document.
Why why(FieldId id, const Field& field, const Candidates& candidates, const Posterior& posterior);

}  // namespace docket::fields
