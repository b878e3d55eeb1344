#include "rules/acn.h"

#include <algorithm>
#include <array>

#include "rules/text.h"

namespace docket::rules {
namespace {

constexpr std::size_t kAcnLength = 9;
constexpr std::size_t kLeastPrintedDigits = 5;

bool all_digits(std::string_view text, std::size_t length) {
  return text.size() == length && std::all_of(text.begin(), text.end(), is_digit);
}

// Drops a leading label; says whether it was ARBN's.
std::string_view strip_label(std::string_view text, bool& arbn) {
  const auto skip = [&](std::string_view characters) {
    while (!text.empty() && characters.find(text.front()) != std::string_view::npos) text.remove_prefix(1);
  };
  for (const std::string_view label : {"a.r.b.n", "arbn", "a.c.n", "acn"}) {
    if (text.size() <= label.size() || lower(text.substr(0, label.size())) != label) continue;
    arbn = label.find('r') != std::string_view::npos;
    text.remove_prefix(label.size());
    break;
  }
  skip(" .:#-");
  for (const std::string_view word : {"number", "no"}) {
    if (!starts_with_word(text, word)) continue;
    text.remove_prefix(word.size());
    break;
  }
  skip(" .:#-");
  return text;
}

}  // namespace

std::string_view to_string(AcnStatus status) {
  switch (status) {
    case AcnStatus::kValid:
      return "valid";
    case AcnStatus::kRepairedLetters:
      return "repaired_letters";
    case AcnStatus::kBadChecksum:
      return "bad_checksum";
    case AcnStatus::kBadLength:
      return "bad_length";
    case AcnStatus::kNotAcn:
      return "not_acn";
  }
  return "not_acn";
}

bool acn_passes(std::string_view digits) {
  if (!all_digits(digits, kAcnLength)) return false;
  int sum = 0;
  for (std::size_t i = 0; i < 8; ++i) sum += (digits[i] - '0') * static_cast<int>(8 - i);
  return digits[8] - '0' == (10 - sum % 10) % 10;
}

Acn parse_acn(std::string_view text) {
  const std::string ascii = plain(text);
  Acn acn;
  std::size_t printed = 0;
  for (const char c : trim(strip_label(trim(ascii), acn.arbn))) {
    if (c == ' ' || c == '.' || c == '-') continue;
    const auto digit = digit_for(c);
    if (!digit) return acn;
    printed += is_digit(c) ? 1 : 0;
    acn.digits.push_back(*digit);
  }
  if (printed < std::min(acn.digits.size(), kLeastPrintedDigits) || acn.digits.empty()) return acn;
  if (acn.digits.size() != kAcnLength) {
    acn.status = AcnStatus::kBadLength;
  } else if (!acn_passes(acn.digits)) {
    acn.status = AcnStatus::kBadChecksum;
  } else {
    acn.status = printed == kAcnLength ? AcnStatus::kValid : AcnStatus::kRepairedLetters;
  }
  return acn;
}

std::string format_acn(std::string_view digits) {
  if (digits.size() != kAcnLength) return std::string(digits);
  return std::string(digits.substr(0, 3)).append(" ").append(digits.substr(3, 3)).append(" ").append(digits.substr(6));
}

std::optional<std::string> abn_from_acn(std::string_view acn) {
  if (!all_digits(acn, kAcnLength)) return std::nullopt;
  // The ABN weights of the tail; the two check digits take the value that makes the whole divisible by 89.
  int sum = 0;
  for (std::size_t i = 0; i < kAcnLength; ++i) sum += (acn[i] - '0') * static_cast<int>(3 + 2 * i);
  const int prefix = 10 + (89 - sum % 89) % 89;
  return std::to_string(prefix).append(acn);
}

bool acn_matches_abn(std::string_view acn, std::string_view abn) {
  return acn.size() == kAcnLength && abn.size() == 11 && abn.substr(2) == acn;
}

bool tfn_passes(std::string_view digits) {
  constexpr std::array<int, 9> kWeights = {1, 4, 3, 7, 5, 8, 6, 9, 10};
  if (!all_digits(digits, kWeights.size())) return false;
  int sum = 0;
  for (std::size_t i = 0; i < kWeights.size(); ++i) sum += (digits[i] - '0') * kWeights[i];
  return sum % 11 == 0;
}

}  // namespace docket::rules
