#include <algorithm>
#include <array>

#include "record/steps.h"
#include "rules/card.h"
#include "rules/payment.h"

namespace docket::record {
namespace {

constexpr std::array<std::string_view, 6> kGstCodes = {"GST", "FRE", "INP", "EXP", "NTR", "UNK"};
constexpr std::array<std::string_view, 9> kMethods = {"cash",          "card", "eftpos",       "gift_card", "bnpl",
                                                      "bank_transfer", "bpay", "direct_debit", "other"};

template <std::size_t N>
bool in(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::optional<std::int64_t> cents(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  if (const auto exact = rules::read_cents(*text)) return exact;
  return rules::parse_money(*text).cents;
}

std::optional<std::int64_t> e4(const std::optional<std::string>& text) {
  return text ? rules::parse_rate(*text).value : std::nullopt;
}

// Not a supply now, so never part of what GST is worked out on.
bool is_not_consideration(std::string_view description) {
  constexpr std::array<std::string_view, 7> kWords = {
      "gift card", "gift voucher", "container deposit", "cash out", "container refund", "tip", "gratuity"};
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view words) { return rules::contains_word(description, words); });
}

LineItem to_item(const fields::LineItem& read) {
  LineItem item;
  item.description = rules::trim(read.description);
  item.code = read.code;
  item.unit = read.unit.value_or("");
  item.gst_marker = read.gst_marker;
  item.quantity_e4 = e4(read.quantity);
  item.unit_price_e4 = e4(read.unit_price);
  item.discount_cents = cents(read.discount);
  if (item.discount_cents && *item.discount_cents > 0) item.discount_cents = -*item.discount_cents;
  item.amount_cents = cents(read.amount);
  item.gst_amount_cents = cents(read.gst_amount);
  if (read.gst_code && in(kGstCodes, *read.gst_code)) item.gst_code = *read.gst_code;
  if (item.gst_code == "UNK" && is_not_consideration(item.description)) item.gst_code = "NTR";
  item.raw = read.evidence.raw;
  item.page = read.evidence.page;
  item.box = read.evidence.box;
  return item;
}

Payment to_payment(const fields::Payment& read) {
  Payment payment;
  payment.method = read.method;
  if (!in(kMethods, payment.method)) payment.method = rules::payment_method(read.method).value_or("other");
  payment.amount_cents = cents(read.amount);
  if (read.card_last4) payment.card_last4 = rules::parse_card(*read.card_last4).last4;
  if (read.account_type) payment.account_type = rules::account_type(*read.account_type).value_or("");
  payment.page = read.evidence.page;
  payment.box = read.evidence.box;
  return payment;
}

}  // namespace

void set_items(Record& record, const fields::Fields& fields) {
  for (const auto& item : fields.line_items) record.line_items.push_back(to_item(item));
  for (const auto& payment : fields.payments) record.payments.push_back(to_payment(payment));
}

}  // namespace docket::record
