// Australian Business Numbers: read, check, repair letters, suggest (never silently change a digit).
// Source: the ABR's checksum; the repair policy is docs/formats/record.md.
//
// A pass proves form only: not that the number is issued, active, registered for GST or this supplier's. Say "checksum
// valid", never "verified".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/text.h"

namespace docket::rules {

enum class AbnStatus {
  kValid,              // 11 digits as printed, checksum passes
  kValidBranch,        // 14 digits: ABN and GST branch number (s 54-50)
  kRepairedLetters,    // passes after letters were read as the digits they look like
  kRepairedConfirmed,  // a suggestion that independent evidence agrees with (promote_abn)
  kBadChecksum,        // 11 or 14 digits that fail; see `suggestions`
  kBadLength,
  kBadLeadingZero,  // an ABN never starts with 0, though the arithmetic may pass
  kNotAbn,          // a letter that is no digit's look-alike, or hardly any digits
};
std::string_view to_string(AbnStatus status);  // "valid", "valid_branch", "repaired_letters", ...

struct Abn {
  AbnStatus status = AbnStatus::kNotAbn;
  std::string digits;                    // 11 digits when passed(), else the digits as read (any length)
  std::string branch;                    // 3 digits or empty
  std::vector<std::string> suggestions;  // only for kBadChecksum: 11-digit numbers one look-alike digit away that pass
  bool letters_repaired = false;         // whether letters were mapped on the way, also when the checksum then failed

  bool passed() const { return status <= AbnStatus::kRepairedConfirmed; }
  bool repaired() const { return status == AbnStatus::kRepairedLetters || status == AbnStatus::kRepairedConfirmed; }
};

// One ABN with or without its label ("ABN", "A.B.N.", "ABN No.", "ABN/ACN", "Tax Invoice ABN:", glued or not) and
// separators (spaces, dots, hyphens, dashes, line breaks). Text after the number makes it kNotAbn or kBadLength: cut
// the number out first.
Abn parse_abn(std::string_view text);

// Weights 10 1 3 5 7 9 11 13 15 17 19 over the digits after subtracting 1 from the first, sum divisible by 89, and no
// leading zero. False for anything but 11 digits.
bool abn_passes(std::string_view digits);

std::string format_abn(std::string_view digits);  // "51824753556" -> "51 824 753 556"; other lengths unchanged

// What else is known about the supplier, independent of the reading that failed.
struct AbnEvidence {
  std::string printed_acn;                      // 9 digits, valid, from the same document
  std::string second_reading;                   // 11 digits, from another reader
  std::vector<std::string> approved_suppliers;  // ABNs on the approved list under this supplier's name
};

// Turns kBadChecksum into kRepairedConfirmed when there is exactly one suggestion and some evidence agrees with it;
// otherwise returns `abn` unchanged.
Abn promote_abn(const Abn& abn, const AbnEvidence& evidence);

}  // namespace docket::rules
