// Tender words, account types and the marks of an EFTPOS block.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace docket::rules {

// "cash", "card", "eftpos", "gift_card", "bnpl", "bank_transfer", "bpay", "direct_debit" or "other" for the tender that
// a line names; nullopt when it names none. A whole line is fine: "VISA CREDIT  $12.00", "EFT", "Gift card ****123".
std::optional<std::string_view> payment_method(std::string_view text);

// "SAV", "CHQ" or "CR" when the line names an account type.
std::optional<std::string_view> account_type(std::string_view text);

// Whether a line belongs to a card terminal's slip: TERMINAL ID, RRN, STAN, AID, AUTH, APPROVED, CUSTOMER COPY, ...
bool is_eftpos_line(std::string_view text);

// DECLINED, CANCELLED or VOID: not paid.
bool says_not_paid(std::string_view text);

}  // namespace docket::rules
