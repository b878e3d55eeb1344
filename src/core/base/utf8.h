// UTF-8 text: checking, repairing, and folding for comparison.
#pragma once

#include <string>
#include <string_view>

namespace docket {

bool is_valid_utf8(std::string_view text);

// The same text with every byte that is not part of valid UTF-8 replaced by U+FFFD.
std::string repair_utf8(std::string_view text);

// Letters and digits only, compatibility forms unified (NFKC) and case folded: "Café No. 7" -> "caféno7". Two printed
// names are taken for the same when this is the same. Invalid bytes are dropped.
std::string letters_and_digits(std::string_view text);

}  // namespace docket
