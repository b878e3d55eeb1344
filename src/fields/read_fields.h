// Words and reply lines -> Fields: everything that docket reads out of what the readers saw.
#pragma once

#include <vector>

#include "fields/context.h"
#include "fields/fields.h"
#include "fields/model_reply.h"
#include "ocr/words.h"

namespace docket::fields {

// `pages` are the pages of one document, in order; their words in any order. Never fails: a document without words
// and reply gives NOT_FOUND everywhere. The result does not change when all boxes are moved or scaled alike. `replies`
// are what a vision-language model said about the same pages.
Fields read_fields(const std::vector<ocr::Words>& pages, const Context& context,
                   const std::vector<ModelReply>& replies = {});

}  // namespace docket::fields
