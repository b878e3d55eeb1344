#include "rules/abn.h"

#include <algorithm>
#include <array>

namespace docket::rules {
namespace {

constexpr std::array<int, 11> kWeights = {10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19};
constexpr std::size_t kAbnLength = 11;
constexpr std::size_t kBranchLength = 14;
// Fewer printed digits than this and "repair" would be inventing a number out of a word.
constexpr std::size_t kLeastPrintedDigits = 6;

// Digit pairs that print and scan alike, both ways.
constexpr std::array<std::string_view, 9> kConfusable = {"06", "08", "17", "27", "38", "49", "56", "68", "89"};

bool is_separator(char c) { return c == ' ' || c == '.' || c == '-'; }

// The end of "abn" with optional dots and spaces between its letters, starting at `at`; npos when it is not there.
std::size_t label_end(std::string_view text, std::size_t at) {
  for (const char wanted : {'a', 'b', 'n'}) {
    while (at < text.size() && wanted != 'a' && (text[at] == '.' || text[at] == ' ')) ++at;
    if (at >= text.size() || to_lower(text[at]) != wanted) return std::string_view::npos;
    ++at;
  }
  return at;
}

// Words that may stand between the label and the number.
std::string_view skip_after_label(std::string_view text) {
  for (;;) {
    while (!text.empty() && (is_separator(text.front()) || text.front() == ':' || text.front() == '#' ||
                             text.front() == '/' || text.front() == '(' || text.front() == ')')) {
      text.remove_prefix(1);
    }
    bool found = false;
    for (const std::string_view word : {"number", "num", "no", "acn"}) {
      if (!starts_with_word(text, word)) continue;
      text.remove_prefix(word.size());
      found = true;
      break;
    }
    if (!found) return text;
  }
}

std::string_view strip_label(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (at > 0 && is_alpha(text[at - 1])) continue;
    const std::size_t end = label_end(text, at);
    if (end == std::string_view::npos || (end < text.size() && is_alpha(text[end]) && !digit_for(text[end]))) continue;
    // Digits before the label mean that the label names something else.
    if (std::any_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), is_digit)) return text;
    return skip_after_label(text.substr(end));
  }
  return text;
}

std::vector<std::string> suggest(const std::string& digits) {
  std::vector<std::string> found;
  for (std::size_t at = 0; at < kAbnLength; ++at) {
    for (const std::string_view pair : kConfusable) {
      const std::size_t side = pair.find(digits[at]);
      if (side == std::string_view::npos) continue;
      std::string changed = digits;
      changed[at] = pair[1 - side];
      if (abn_passes(changed)) found.push_back(std::move(changed));
    }
  }
  return found;
}

struct Reading {
  std::string digits;
  bool letters = false;
};

std::optional<Reading> read_digits(std::string_view text) {
  Reading reading;
  std::size_t printed = 0;
  for (const char c : text) {
    if (is_separator(c)) continue;
    const auto digit = digit_for(c);
    if (!digit) return std::nullopt;
    printed += is_digit(c) ? 1 : 0;
    reading.letters = reading.letters || !is_digit(c);
    reading.digits.push_back(*digit);
  }
  if (reading.digits.empty() || (reading.letters && printed < kLeastPrintedDigits)) return std::nullopt;
  return reading;
}

}  // namespace

std::string_view to_string(AbnStatus status) {
  switch (status) {
    case AbnStatus::kValid:
      return "valid";
    case AbnStatus::kValidBranch:
      return "valid_branch";
    case AbnStatus::kRepairedLetters:
      return "repaired_letters";
    case AbnStatus::kRepairedConfirmed:
      return "repaired_confirmed";
    case AbnStatus::kBadChecksum:
      return "bad_checksum";
    case AbnStatus::kBadLength:
      return "bad_length";
    case AbnStatus::kBadLeadingZero:
      return "bad_leading_zero";
    case AbnStatus::kNotAbn:
      return "not_abn";
  }
  return "not_abn";
}

bool abn_passes(std::string_view digits) {
  if (digits.size() != kAbnLength || digits.front() == '0' || !std::all_of(digits.begin(), digits.end(), is_digit)) {
    return false;
  }
  int sum = -kWeights[0];
  for (std::size_t i = 0; i < kAbnLength; ++i) sum += (digits[i] - '0') * kWeights[i];
  return sum % 89 == 0;
}

Abn parse_abn(std::string_view text) {
  const std::string ascii = plain(text);
  Abn abn;
  auto reading = read_digits(trim(strip_label(trim(ascii))));
  if (!reading) return abn;
  abn.letters_repaired = reading->letters;
  abn.digits = std::move(reading->digits);
  if (abn.digits.size() != kAbnLength && abn.digits.size() != kBranchLength) {
    abn.status = AbnStatus::kBadLength;
    return abn;
  }
  if (abn.digits.front() == '0') {
    abn.status = AbnStatus::kBadLeadingZero;
    return abn;
  }
  if (abn.digits.size() == kBranchLength) {
    abn.branch = abn.digits.substr(kAbnLength);
    abn.digits.resize(kAbnLength);
  }
  if (!abn_passes(abn.digits)) {
    abn.status = AbnStatus::kBadChecksum;
    abn.suggestions = suggest(abn.digits);
  } else if (abn.letters_repaired) {
    abn.status = AbnStatus::kRepairedLetters;
  } else {
    abn.status = abn.branch.empty() ? AbnStatus::kValid : AbnStatus::kValidBranch;
  }
  return abn;
}

std::string format_abn(std::string_view digits) {
  if (digits.size() != kAbnLength) return std::string(digits);
  std::string out(digits.substr(0, 2));
  for (std::size_t at = 2; at < kAbnLength; at += 3) out.append(" ").append(digits.substr(at, 3));
  return out;
}

Abn promote_abn(const Abn& abn, const AbnEvidence& evidence) {
  if (abn.status != AbnStatus::kBadChecksum || abn.suggestions.size() != 1) return abn;
  const std::string& suggestion = abn.suggestions.front();
  const auto& approved = evidence.approved_suppliers;
  const bool agrees = (evidence.printed_acn.size() == 9 && suggestion.ends_with(evidence.printed_acn)) ||
                      evidence.second_reading == suggestion ||
                      std::find(approved.begin(), approved.end(), suggestion) != approved.end();
  if (!agrees) return abn;
  Abn promoted = abn;
  promoted.status = AbnStatus::kRepairedConfirmed;
  promoted.digits = suggestion;
  return promoted;
}

}  // namespace docket::rules
