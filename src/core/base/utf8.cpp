#include "core/base/utf8.h"

#include <utf8proc.h>

#include <cstdlib>
#include <memory>

namespace docket {
namespace {

const utf8proc_uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const utf8proc_uint8_t*>(text.data());
}

// The length of the valid character that `text` (not empty) begins with, or 0.
std::size_t valid_prefix(std::string_view text) {
  utf8proc_int32_t point = -1;
  const auto length = utf8proc_iterate(bytes_of(text), static_cast<utf8proc_ssize_t>(text.size()), &point);
  return length > 0 && point >= 0 ? static_cast<std::size_t>(length) : 0;
}

bool is_letter_or_digit(utf8proc_int32_t point) {
  switch (utf8proc_category(point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
      return true;
    default:
      return false;
  }
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = valid_prefix(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string repair_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = valid_prefix(text);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
      text.remove_prefix(1);
    } else {
      out.append(text.substr(0, length));
      text.remove_prefix(length);
    }
  }
  return out;
}

std::string letters_and_digits(std::string_view text) {
  const std::string repaired = repair_utf8(text);
  utf8proc_uint8_t* mapped = nullptr;
  const auto options =
      static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD);
  const auto length =
      utf8proc_map(bytes_of(repaired), static_cast<utf8proc_ssize_t>(repaired.size()), &mapped, options);
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  if (length < 0) return {};
  const std::string_view folded(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(length));
  std::string out;
  for (std::size_t at = 0; at < folded.size();) {
    utf8proc_int32_t point = -1;
    const auto step =
        utf8proc_iterate(bytes_of(folded.substr(at)), static_cast<utf8proc_ssize_t>(folded.size() - at), &point);
    if (step <= 0) break;
    if (is_letter_or_digit(point)) out.append(folded.substr(at, static_cast<std::size_t>(step)));
    at += static_cast<std::size_t>(step);
  }
  return out;
}

}  // namespace docket
