#include "rules/bank.h"

#include <algorithm>

#include "rules/text.h"

namespace docket::rules {
namespace {

std::string_view after_label(std::string_view text, std::string_view label) {
  text = trim(text);
  if (!starts_with_word(text, label)) return text;
  text.remove_prefix(label.size());
  while (!text.empty() &&
         (is_space(text.front()) || text.front() == ':' || text.front() == '.' || text.front() == '#')) {
    text.remove_prefix(1);
  }
  return text;
}

}  // namespace

std::optional<std::string> parse_bsb(std::string_view text) {
  const std::string ascii = plain(text);
  const std::string_view rest = after_label(ascii, "bsb");
  const bool separated = rest.size() == 7 && (rest[3] == '-' || rest[3] == ' ');
  if (!separated && rest.size() != 6) return std::nullopt;
  const std::string digits = digits_only(rest);
  if (digits.size() != 6) return std::nullopt;
  return digits.substr(0, 3) + "-" + digits.substr(3);
}

std::string mask_bsb(std::string_view bsb) {
  if (bsb.size() < 2) return "***-***";
  return "***-*" + std::string(bsb.substr(bsb.size() - 2));
}

std::optional<std::string> parse_account(std::string_view text) {
  std::string digits;
  const std::string printed = plain(text);  // trim() looks into it
  for (const char c : trim(printed)) {
    if (c == ' ' || c == '-') continue;
    if (!is_digit(c)) return std::nullopt;
    digits.push_back(c);
  }
  if (digits.size() < 5 || digits.size() > 9) return std::nullopt;
  return digits;
}

std::string mask_account(std::string_view account) {
  if (account.size() <= 3) return std::string(account.size(), '*');
  return std::string(account.size() - 3, '*').append(account.substr(account.size() - 3));
}

}  // namespace docket::rules
