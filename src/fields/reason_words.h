// What a feature of a score means, for people.
#pragma once

#include <string_view>

namespace docket::fields {

// "it stands beside the words for a grand total" for "total.kind_grand_total"; empty for what no table of weights
// names. Every feature of weights.inc but the biases has words.
std::string_view reason_words(std::string_view feature);

}  // namespace docket::fields
