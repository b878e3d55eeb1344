// What the caller knows about the documents it reads, beside their words.
#pragma once

#include <string>
#include <vector>

#include "rules/civil.h"

namespace docket::fields {

struct Context {
  rules::Date today;                     // two-digit years and "in the future" are judged by it; never the clock's own
  std::string default_currency = "AUD";  // ISO 4217, for a document that shows none
  std::vector<std::string> own_abns;     // 11 digits each: the reader's own business, never taken for the supplier
};

}  // namespace docket::fields
