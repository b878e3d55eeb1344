#include "rules/card.h"

#include <algorithm>

namespace docket::rules {
namespace {

constexpr std::size_t kLeastPan = 13;
constexpr std::size_t kMostPan = 19;

struct DigitRun {
  std::string digits;
  std::size_t end = 0;  // after the last digit
};

// Digits from `at` on, joined over single spaces and hyphens, at most `most` of them, whole groups only.
DigitRun digit_run(std::string_view text, std::size_t at) {
  DigitRun run;
  std::size_t i = at;
  while (i < text.size()) {
    if (is_digit(text[i])) {
      run.digits.push_back(text[i]);
      run.end = ++i;
    } else if ((text[i] == ' ' || text[i] == '-') && i + 1 < text.size() && is_digit(text[i + 1])) {
      ++i;
    } else {
      break;
    }
  }
  return run;
}

}  // namespace

bool luhn_passes(std::string_view digits) {
  if (digits.size() < 2 || !std::all_of(digits.begin(), digits.end(), is_digit)) return false;
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    int digit = digits[digits.size() - 1 - i] - '0';
    if (i % 2 == 1) digit = digit > 4 ? 2 * digit - 9 : 2 * digit;
    sum += digit;
  }
  return sum % 10 == 0;
}

Card parse_card(std::string_view text) {
  const std::string ascii = plain(text);
  Card card;
  std::string group;
  for (const char c : ascii) {
    if (is_digit(c)) {
      group.push_back(c);
    } else if (!group.empty()) {
      card.last4 = std::move(group);
      group.clear();
    }
  }
  if (!group.empty()) card.last4 = group;
  if (card.last4.size() > 4) card.last4.erase(0, card.last4.size() - 4);
  int whole = 0;
  redact_cards(ascii, &whole);
  if (whole > 0) card.flags.emplace_back("full_pan_redacted");
  return card;
}

std::string mask_card(const Card& card) { return card.last4.empty() ? "****" : "**** " + card.last4; }

std::string redact_cards(std::string_view text, int* count) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    const bool starts = is_digit(text[at]) && (at == 0 || !is_digit(text[at - 1]));
    if (!starts) {
      out.push_back(text[at++]);
      continue;
    }
    // The longest prefix of the run that is a card number: other numbers may follow on the same line.
    const DigitRun run = digit_run(text, at);
    std::size_t length = std::min(run.digits.size(), kMostPan);
    while (length >= kLeastPan && !luhn_passes(std::string_view(run.digits).substr(0, length))) --length;
    if (length < kLeastPan) {
      while (at < text.size() && is_digit(text[at])) out.push_back(text[at++]);
      continue;
    }
    out.append("**** ").append(run.digits, length - 4, 4);
    for (std::size_t taken = 0; taken < length; ++at) taken += is_digit(text[at]) ? 1 : 0;
    if (count != nullptr) ++*count;
  }
  return out;
}

}  // namespace docket::rules
