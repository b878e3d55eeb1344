// What kind of paper it is, by the words it prints.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace docket::rules {

enum class DocumentType {
  kTaxInvoice,
  kReceipt,
  kInvoice,
  kCreditNote,
  kAdjustmentNote,
  kRefund,
  kRcti,  // recipient created tax invoice
  kQuote,
  kStatement,
  kPurchaseOrder,
  kDeliveryDocket,
  kEftposSlip,
  kPayslip,
  kBankStatement,
  kOther,
};
std::string_view to_string(DocumentType type);                     // "tax_invoice", "receipt", ...
std::optional<DocumentType> document_type(std::string_view name);  // the reverse

// The type that one line or a whole page's text names, strongest first (payslip words, RCTI, adjustment and credit
// note, "not a tax invoice", quote, statement, order, delivery docket, tax invoice, invoice, receipt); nullopt for
// none. A quote that says "this is not a tax invoice" is a quote.
std::optional<DocumentType> document_type_by_words(std::string_view text);

// Whether the words "tax invoice" (or "recipient created tax invoice", RCTI) are there, allowing for misreading: within
// two edits over the joined words, but not "not a tax invoice".
bool says_tax_invoice(std::string_view text);
bool says_rcti(std::string_view text);

// "total includes GST", "GST included", "incl. GST", ...: the statement of s 29-70 that stands in for an amount.
bool says_total_includes_gst(std::string_view text);

// At least three of: PAYG withholding, gross, net pay, superannuation, YTD.
bool says_payslip(std::string_view text);

// Quote, estimate, statement, pro-forma or order: issued for another purpose, so never a tax invoice (TI-1 FAIL).
bool never_tax_invoice(DocumentType type);
// Amounts run the other way: refunds, credit and adjustment notes.
bool is_credit(DocumentType type);

}  // namespace docket::rules
