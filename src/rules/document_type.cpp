#include "rules/document_type.h"

#include <algorithm>
#include <array>

#include "rules/text.h"

namespace docket::rules {
namespace {

constexpr std::array<std::string_view, 15> kNames = {
    "tax_invoice",     "receipt",     "invoice", "credit_note",    "adjustment_note",
    "refund",          "rcti",        "quote",   "statement",      "purchase_order",
    "delivery_docket", "eftpos_slip", "payslip", "bank_statement", "other"};

struct Phrase {
  std::string_view words;
  DocumentType type;
};
constexpr std::array<Phrase, 26> kStrong = {{{"adjustment note", DocumentType::kAdjustmentNote},
                                             {"credit note", DocumentType::kCreditNote},
                                             {"tax credit note", DocumentType::kCreditNote},
                                             {"credit memo", DocumentType::kCreditNote},
                                             {"refund receipt", DocumentType::kRefund},
                                             {"tax invoice refund", DocumentType::kRefund},
                                             {"quotation", DocumentType::kQuote},
                                             {"quote", DocumentType::kQuote},
                                             {"estimate", DocumentType::kQuote},
                                             {"pro forma", DocumentType::kQuote},
                                             {"proforma", DocumentType::kQuote},
                                             {"bank statement", DocumentType::kBankStatement},
                                             {"account statement", DocumentType::kStatement},
                                             {"statement of account", DocumentType::kStatement},
                                             {"transaction listing", DocumentType::kBankStatement},
                                             {"opening balance", DocumentType::kBankStatement},
                                             {"purchase order", DocumentType::kPurchaseOrder},
                                             {"order confirmation", DocumentType::kPurchaseOrder},
                                             {"delivery docket", DocumentType::kDeliveryDocket},
                                             {"delivery note", DocumentType::kDeliveryDocket},
                                             {"packing slip", DocumentType::kDeliveryDocket},
                                             {"payslip", DocumentType::kPayslip},
                                             {"pay slip", DocumentType::kPayslip},
                                             {"pay advice", DocumentType::kPayslip},
                                             {"statement", DocumentType::kStatement},
                                             {"refund", DocumentType::kRefund}}};

// Words that only decide when "tax invoice" is not there: a tax invoice may quote an order or a purchase order number.
bool yields_to_tax_invoice(std::string_view words) {
  constexpr std::array<std::string_view, 13> kWeak = {"quote",
                                                      "estimate",
                                                      "purchase order",
                                                      "statement",
                                                      "refund",
                                                      "quotation",
                                                      "opening balance",
                                                      "delivery docket",
                                                      "delivery note",
                                                      "packing slip",
                                                      "account statement",
                                                      "transaction listing",
                                                      "order confirmation"};
  return std::find(kWeak.begin(), kWeak.end(), words) != kWeak.end();
}

bool denied(const std::vector<std::string>& words, std::size_t at) {
  for (std::size_t back = 1; back <= 3 && back <= at; ++back) {
    if (words[at - back] == "not") return true;
  }
  return false;
}

}  // namespace

std::string_view to_string(DocumentType type) { return kNames[static_cast<std::size_t>(type)]; }

std::optional<DocumentType> document_type(std::string_view name) {
  const auto* const hit = std::find(kNames.begin(), kNames.end(), name);
  if (hit == kNames.end()) return std::nullopt;
  return static_cast<DocumentType>(hit - kNames.begin());
}

bool says_tax_invoice(std::string_view text) {
  constexpr std::string_view kWanted = "taxinvoice";
  if (says_rcti(text)) return true;
  const auto words = words_of(text);
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string joined = words[i];
    for (std::size_t count = 1; count <= 3; ++count) {
      // "invoice" alone is three edits away, and "tax" must be recognisable: its x or its t has to be there.
      if (joined.size() >= 8 && edit_distance(joined, kWanted, 2) <= 2 && !denied(words, i)) return true;
      if (i + count >= words.size() || joined.size() > 12) break;
      joined += words[i + count];
    }
  }
  return false;
}

bool says_rcti(std::string_view text) {
  return contains_word(text, "recipient created tax invoice") || contains_word(text, "rcti") ||
         contains_word(text, "recipient created adjustment note");
}

bool says_total_includes_gst(std::string_view text) {
  constexpr std::array<std::string_view, 24> kPhrases = {"total includes gst",
                                                         "includes gst",
                                                         "include gst",
                                                         "gst included",
                                                         "gst inclusive",
                                                         "gst incl",
                                                         "incl gst",
                                                         "inc gst",
                                                         "including gst",
                                                         "inclusive of gst",
                                                         "inclusive gst",
                                                         "incl of gst",
                                                         "inc of gst",
                                                         "gst inc",
                                                         "gst is included",
                                                         "includes 10 gst",
                                                         "inclusive of 10 gst",
                                                         "includes g s t",
                                                         "price includes gst",
                                                         "prices include gst",
                                                         "total price includes gst",
                                                         "amounts include gst",
                                                         "contains gst",
                                                         "including 10 gst"};
  return std::any_of(kPhrases.begin(), kPhrases.end(),
                     [&](std::string_view phrase) { return contains_word(text, phrase); });
}

bool says_payslip(std::string_view text) {
  const auto any = [&](std::initializer_list<std::string_view> phrases) {
    return std::any_of(phrases.begin(), phrases.end(), [&](std::string_view p) { return contains_word(text, p); });
  };
  const int seen = static_cast<int>(any({"payg withholding", "payg tax", "payg"})) +
                   static_cast<int>(any({"gross", "gross pay", "gross earnings"})) +
                   static_cast<int>(any({"net pay", "nett pay", "take home pay"})) +
                   static_cast<int>(any({"superannuation", "super"})) + static_cast<int>(any({"ytd", "year to date"}));
  return seen >= 3;
}

std::optional<DocumentType> document_type_by_words(std::string_view text) {
  if (says_payslip(text)) return DocumentType::kPayslip;
  if (says_rcti(text)) return DocumentType::kRcti;
  const bool tax_invoice = says_tax_invoice(text);
  for (const auto& [words, type] : kStrong) {
    if (contains_word(text, words) && !(tax_invoice && yields_to_tax_invoice(words))) return type;
  }
  if (tax_invoice) return DocumentType::kTaxInvoice;
  if (contains_word(text, "invoice")) return DocumentType::kInvoice;
  if (contains_word(text, "receipt")) return DocumentType::kReceipt;
  return std::nullopt;
}

bool never_tax_invoice(DocumentType type) {
  switch (type) {
    case DocumentType::kQuote:
    case DocumentType::kStatement:
    case DocumentType::kPurchaseOrder:
    case DocumentType::kDeliveryDocket:
    case DocumentType::kEftposSlip:
    case DocumentType::kPayslip:
    case DocumentType::kBankStatement:
      return true;
    default:
      return false;
  }
}

bool is_credit(DocumentType type) {
  return type == DocumentType::kCreditNote || type == DocumentType::kAdjustmentNote || type == DocumentType::kRefund;
}

}  // namespace docket::rules
