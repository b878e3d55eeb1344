#include "rules/phone.h"

#include "rules/text.h"

namespace docket::rules {
namespace {

std::string_view strip_label(std::string_view text) {
  for (const std::string_view label :
       {"telephone", "phone", "ph", "tel", "fax", "mobile", "mob", "call", "t", "p", "m", "f"}) {
    if (!starts_with_word(text, label)) continue;
    text.remove_prefix(label.size());
    while (!text.empty() &&
           (text.front() == ':' || text.front() == '.' || text.front() == ' ' || text.front() == '#')) {
      text.remove_prefix(1);
    }
    for (const std::string_view word : {"number", "no"}) {
      if (starts_with_word(text, word)) text.remove_prefix(word.size());
    }
    while (!text.empty() && (text.front() == ':' || text.front() == '.' || text.front() == ' ')) text.remove_prefix(1);
    break;
  }
  return text;
}

char area_code(std::string_view state) {
  const std::string name = lower(state);
  if (name == "nsw" || name == "act") return '2';
  if (name == "vic" || name == "tas") return '3';
  if (name == "qld") return '7';
  if (name == "sa" || name == "wa" || name == "nt") return '8';
  return '\0';
}

Phone from_national_digits(const std::string& digits) {  // ten digits, leading 0
  const char second = digits[1];
  if (second == '4' || second == '5') return {PhoneKind::kMobile, "+61" + digits.substr(1)};
  if (second == '2' || second == '3' || second == '7' || second == '8') {
    return {PhoneKind::kLandline, "+61" + digits.substr(1)};
  }
  return {};
}

}  // namespace

std::string_view to_string(PhoneKind kind) {
  switch (kind) {
    case PhoneKind::kLandline:
      return "landline";
    case PhoneKind::kMobile:
      return "mobile";
    case PhoneKind::kNational:
      return "national";
    case PhoneKind::kNotPhone:
      break;
  }
  return "not_phone";
}

Phone parse_phone(std::string_view text, std::string_view state) {
  const std::string ascii = plain(text);
  std::string_view rest = strip_label(trim(ascii));
  bool international = false;
  std::string digits;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const char c = rest[i];
    if (is_digit(c)) {
      digits.push_back(c);
    } else if (c == '+' && digits.empty() && !international) {
      international = true;
    } else if (c != ' ' && c != '-' && c != '.' && c != '(' && c != ')' && c != '/') {
      return {};
    }
  }
  if (!international && digits.starts_with("0061")) {
    international = true;
    digits.erase(0, 2);
  }
  if (international) {
    if (!digits.starts_with("61")) return {};
    digits.erase(0, 2);
    if (digits.size() == 9) digits.insert(0, 1, '0');
    return digits.size() == 10 && digits[0] == '0' ? from_national_digits(digits) : Phone{};
  }
  if (digits.size() == 10 && digits[0] == '0') return from_national_digits(digits);
  if (digits.size() == 10 && (digits.starts_with("1300") || digits.starts_with("1800"))) {
    return {PhoneKind::kNational, digits.substr(0, 4) + " " + digits.substr(4, 3) + " " + digits.substr(7)};
  }
  if (digits.size() == 6 && digits.starts_with("13")) {
    return {PhoneKind::kNational, digits.substr(0, 2) + " " + digits.substr(2, 2) + " " + digits.substr(4)};
  }
  if (digits.size() == 8 && area_code(state) != '\0' && digits[0] >= '2') {
    return {PhoneKind::kLandline, std::string("+61") + area_code(state) + digits};
  }
  return {};
}

}  // namespace docket::rules
