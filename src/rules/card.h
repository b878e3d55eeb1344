// Card numbers: at most the last four digits are ever kept.
#pragma once

#include <string>
#include <string_view>

#include "rules/text.h"

namespace docket::rules {

bool luhn_passes(std::string_view digits);  // digits only, at least two

struct Card {
  std::string last4;  // up to four digits of the trailing group; empty when there is none
  Flags flags;        // full_pan_redacted when a whole card number was printed
};

// A printed card number, masked or whole: "XXXX XXXX XXXX 2027", "##########2134 (C)", "462263-134".
Card parse_card(std::string_view text);
std::string mask_card(const Card& card);  // "**** 2027"

// Every run of 13 to 19 digits (single spaces or hyphens between) that passes Luhn, replaced by "**** " and its last
// four. `count`, when given, is raised by the number replaced.
std::string redact_cards(std::string_view text, int* count = nullptr);

}  // namespace docket::rules
