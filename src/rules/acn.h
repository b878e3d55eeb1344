// Australian Company Numbers and Registered Body Numbers (one shape, one check digit), their tie to the ABN, and the
// Tax File Number's check, which exists here only so that TFNs can be found and redacted.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace docket::rules {

enum class AcnStatus { kValid, kRepairedLetters, kBadChecksum, kBadLength, kNotAcn };
std::string_view to_string(AcnStatus status);

struct Acn {
  AcnStatus status = AcnStatus::kNotAcn;
  std::string digits;  // 9 digits when passed(), else as read
  bool arbn = false;   // the label said ARBN

  bool passed() const { return status <= AcnStatus::kRepairedLetters; }
};

// One ACN or ARBN with or without its label. Letters are repaired as in an ABN.
Acn parse_acn(std::string_view text);

// Weights 8 7 6 5 4 3 2 1 over the first eight digits; the ninth is (10 - sum mod 10) mod 10.
bool acn_passes(std::string_view digits);

std::string format_acn(std::string_view digits);  // "000 014 675"; other lengths unchanged

// A company's ABN is two check digits and its ACN. nullopt unless `acn` is 9 digits.
std::optional<std::string> abn_from_acn(std::string_view acn);

// Whether both, when printed, name one company: the ABN's last nine digits are the ACN.
bool acn_matches_abn(std::string_view acn, std::string_view abn);

// Weights 1 4 3 7 5 8 6 9 10, sum divisible by 11. One random number in 11 passes, so use it only beside the words.
bool tfn_passes(std::string_view digits);

}  // namespace docket::rules
