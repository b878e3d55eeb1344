// The printed names of things that are not amounts ("INVOICE NO", "DATE", "A.B.N."), and where the thing itself stands:
// right of its label, or below it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "fields/layout.h"

namespace docket::fields {

enum class Label {
  kInvoiceDate,
  kDate,
  kDueDate,
  kSupplyDate,
  kOtherDate,  // expiry, member since, return by, ...: a date that is never the invoice's
  kTime,
  kInvoiceNumber,
  kReceiptNumber,  // RECEIPT NO, BILL NO, DOCUMENT NO, ORDER NO: a number that serves when no invoice number is shown
  kPurchaseOrder,
  kOriginalInvoice,
  kAbn,
  kAcn,
  kCompanyNumber,  // foreign registrations: CO. REG, GST ID, ...
  kPhone,
  kFax,
  kEmail,
  kWebsite,
  kStore,
  kRegister,
  kTerminal,
  kOperator,
  kTable,
  kBillTo,
  kShipTo,
  kBsb,
  kAccountNumber,
  kAccountName,
  kBpayBiller,
  kBpayReference,
  kTaxInvoice,
  kTerms,
  kMember,
  kPump,
};

struct LabelHit {
  Label label;
  std::size_t first, last;  // Tokens [first, last)
  double cost;              // edit distance, 0 for an exact match
};

// Left to right; where two overlap the longer wins.
std::vector<LabelHit> find_labels(const Line& line);

// A place for a label's value: Tokens [first, last) of a line.
struct ValuePlace {
  std::size_t line = 0;
  std::size_t first = 0, last = 0;
  bool below = false;
};

// Right of the label on its line, up to the next label; nothing when the label ends the line.
std::optional<ValuePlace> right_of(const Layout& layout, std::size_t line, const std::vector<LabelHit>& hits,
                                   std::size_t hit);

// The cells on the next one or two lines that stand under the label.
std::optional<ValuePlace> below(const Layout& layout, std::size_t line, const LabelHit& hit);

// Whether the line holds `phrase` (words of letters, one space between), OCR-tolerant. The Tokens it takes.
struct PhraseHit {
  std::size_t first, last;
  double cost;
};
std::optional<PhraseHit> find_phrase(const Line& line, std::string_view phrase);

}  // namespace docket::fields
