#include "rules/payment.h"

#include <algorithm>
#include <array>

#include "rules/text.h"

namespace docket::rules {
namespace {

struct Tender {
  std::string_view words;
  std::string_view method;
};
// Specific before general: "gift card" before "card", "direct debit" before "debit".
constexpr std::array<Tender, 50> kTenders = {{{"gift card", "gift_card"},
                                              {"giftcard", "gift_card"},
                                              {"gift voucher", "gift_card"},
                                              {"store credit", "other"},
                                              {"voucher", "gift_card"},
                                              {"direct debit", "direct_debit"},
                                              {"direct deposit", "bank_transfer"},
                                              {"bank transfer", "bank_transfer"},
                                              {"bank deposit", "bank_transfer"},
                                              {"payid", "bank_transfer"},
                                              {"osko", "bank_transfer"},
                                              {"eft transfer", "bank_transfer"},
                                              {"bpay", "bpay"},
                                              {"afterpay", "bnpl"},
                                              {"zip", "bnpl"},
                                              {"zip pay", "bnpl"},
                                              {"zippay", "bnpl"},
                                              {"zip money", "bnpl"},
                                              {"klarna", "bnpl"},
                                              {"humm", "bnpl"},
                                              {"latitude", "bnpl"},
                                              {"paypal", "other"},
                                              {"account", "other"},
                                              {"cheque", "other"},
                                              {"visa", "card"},
                                              {"mastercard", "card"},
                                              {"master card", "card"},
                                              {"mcard", "card"},
                                              {"mc", "card"},
                                              {"amex", "card"},
                                              {"american express", "card"},
                                              {"diners", "card"},
                                              {"jcb", "card"},
                                              {"unionpay", "card"},
                                              {"alipay", "other"},
                                              {"wechat pay", "other"},
                                              {"wechat", "other"},
                                              {"apple pay", "card"},
                                              {"google pay", "card"},
                                              {"credit card", "card"},
                                              {"debit card", "card"},
                                              {"eftpos", "eftpos"},
                                              {"efpos", "eftpos"},
                                              {"eft", "eftpos"},
                                              {"debit", "card"},
                                              {"credit", "card"},
                                              {"sav", "eftpos"},
                                              {"chq", "eftpos"},
                                              {"card", "card"},
                                              {"cash", "cash"}}};

constexpr std::array<std::string_view, 24> kEftposMarks = {"terminal id",
                                                           "terminal",
                                                           "term id",
                                                           "merch id",
                                                           "merchant id",
                                                           "merchant no",
                                                           "rrn",
                                                           "stan",
                                                           "aid",
                                                           "atc",
                                                           "psn",
                                                           "auth",
                                                           "auth no",
                                                           "approved",
                                                           "tvr",
                                                           "arqc",
                                                           "customer copy",
                                                           "merchant copy",
                                                           "cardholder copy",
                                                           "cust copy",
                                                           "total aud",
                                                           "inv roc",
                                                           "eftpos from",
                                                           "pan seq"};

bool any_of_words(std::string_view text, auto begin, auto end) {
  return std::any_of(begin, end, [&](std::string_view words) { return contains_word(text, words); });
}

}  // namespace

std::optional<std::string_view> payment_method(std::string_view text) {
  for (const auto& [words, method] : kTenders) {
    if (!contains_word(text, words)) continue;
    // Cash-out and cash rounding are no cash tender.
    if (words == "cash" &&
        (contains_word(text, "cash out") || contains_word(text, "cash back") || contains_word(text, "cash rounding"))) {
      continue;
    }
    return method;
  }
  return std::nullopt;
}

std::optional<std::string_view> account_type(std::string_view text) {
  for (const std::string_view words : {"sav", "savings"}) {
    if (contains_word(text, words)) return "SAV";
  }
  for (const std::string_view words : {"chq", "cheque"}) {
    if (contains_word(text, words)) return "CHQ";
  }
  for (const std::string_view words : {"cr", "credit"}) {
    if (contains_word(text, words)) return "CR";
  }
  return std::nullopt;
}

bool is_eftpos_line(std::string_view text) { return any_of_words(text, kEftposMarks.begin(), kEftposMarks.end()); }

bool says_not_paid(std::string_view text) {
  constexpr std::array<std::string_view, 7> kWords = {"declined", "cancelled",    "canceled",          "void",
                                                      "voided",   "not approved", "transaction failed"};
  return any_of_words(text, kWords.begin(), kWords.end());
}

}  // namespace docket::rules
