// Finding and masking what must not be stored or logged: cards, tax file numbers, Medicare and licence numbers, card
// expiry, authorisation codes, cryptograms, loyalty numbers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace docket::rules {

struct Redaction {
  std::string text;                // with "[redacted]" or a mask in place of what was found
  std::vector<std::string> kinds;  // "card", "tfn", "medicare", "licence", "expiry", "auth_code", "cryptogram",
                                   // "loyalty"; each once, sorted
};

// A card number is found by its check digit wherever it stands; everything else only beside the words that name it.
// Idempotent: redacting the result changes nothing.
Redaction redact(std::string_view text);

std::string mask_email(std::string_view email);  // "jo.bloggs@example.com" -> "j***@example.com"
std::string mask_phone(std::string_view phone);  // all digits but the last three as '*'
std::string mask_name(std::string_view name);    // "Jo Bloggs" -> "J. B."

}  // namespace docket::rules
