// What `docket check` says about one value: a verdict and its reason, in words.
#pragma once

#include <string>

#include "rules/civil.h"

namespace docket::cli {

struct CheckedValue {
  bool valid = false;
  std::string verdict;  // "valid", "repaired_letters", "bad_checksum", "mixed_supply_suspected", ...
  std::string reason;   // one sentence for a person
};

CheckedValue check_abn_value(const std::string& text);
// "TOTAL" says which GST an inclusive total holds; "TOTAL:GST" whether a printed GST can be right.
CheckedValue check_gst_value(const std::string& text);
CheckedValue check_date_value(const std::string& text, const rules::Date& today);
CheckedValue check_money_value(const std::string& text);

}  // namespace docket::cli
