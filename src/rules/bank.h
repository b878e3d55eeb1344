// Bank details: BSB and account numbers, and how they are shown.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace docket::rules {

// Six digits as "062-000", also when printed with a space or nothing between; nullopt for any other shape.
std::optional<std::string> parse_bsb(std::string_view text);
std::string mask_bsb(std::string_view bsb);                       // customers': "062-001" -> "***-*01"
std::optional<std::string> parse_account(std::string_view text);  // 5 to 9 digits (spaces and hyphens dropped)
std::string mask_account(std::string_view account);               // "12345678" -> "*****678"

}  // namespace docket::rules
