// Words -> Fields: everything that docket reads out of a document's words.
#pragma once

#include <vector>

#include "fields/context.h"
#include "fields/fields.h"
#include "ocr/words.h"

namespace docket::fields {

// `pages` are the pages of one document, in order; their words in any order. Never fails: a document without words
// gives NOT_FOUND everywhere. The result does not change when all boxes are moved or scaled alike.
Fields read_fields(const std::vector<ocr::Words>& pages, const Context& context);

}  // namespace docket::fields
