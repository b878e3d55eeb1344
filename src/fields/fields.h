// fields: what the readers saw in, named raw strings out, each with its evidence and a calibrated confidence.
//
// Nothing before this stage knows what a receipt is. A value here is still text as printed (`raw`) beside its
// normalized form as text (`value`: money "12.34", dates ISO, ABN 11 digits); record turns it into typed values and
// judges it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "page/page.h"

namespace docket::fields {

// The scalar fields of the record, in the order of the schema (docs/formats/record.md). to_string gives the schema's
// name.
enum class FieldId {
  kDocumentType,
  kTaxInvoiceWording,
  kSupplierName,
  kSupplierTradingName,
  kSupplierAbn,
  kSupplierGstBranch,
  kSupplierAcn,
  kSupplierAddress,
  kSupplierPhone,
  kSupplierEmail,
  kSupplierWebsite,
  kStoreId,
  kRegisterId,
  kOperator,
  kInvoiceNumber,
  kPurchaseOrder,
  kInvoiceDate,
  kInvoiceTime,
  kSupplyDate,
  kDueDate,
  kBuyerName,
  kBuyerAbn,
  kBuyerAddress,
  kCurrency,
  kSubtotal,
  kDiscountTotal,
  kSurchargeTotal,
  kTip,
  kGstAmount,
  kGstStatement,
  kTotalAmount,
  kCashRounding,
  kAmountPaid,
  kAmountDue,
  kChange,
  kBankBsb,
  kBankAccount,
  kBankAccountName,
  kBpayBiller,
  kBpayRef,
  kOriginalInvoiceNumber,
  kFuelGrade,
  kLitres,
  kPricePerLitre,
  kCount,
};

std::string_view to_string(FieldId id);                  // "supplier_abn"
std::optional<FieldId> field_id(std::string_view name);  // the reverse; nullopt for an unknown name

enum class Reader { kNone, kOcr, kTextLayer, kVlm };
std::string_view to_string(Reader reader);  // "ocr", "text_layer", "vlm"

// Where a value was seen.
struct Evidence {
  Reader reader = Reader::kNone;
  int page = 0;                // 1-based; 0 when not placed
  page::Box box;               // in the Page's pixels; empty when not placed
  std::string raw;             // the text as read
  double word_confidence = 1;  // the reader's own for the worst word of `raw`, 0..1
  std::string label;           // the printed words that named it, e.g. "TOTAL AUD"; empty when found by shape alone
  std::string source = {};     // of a model: which question and which model, "fields.general@1 nano"; else empty
};

// One term of a score: what was noticed, and what it added.
struct Reason {
  std::string_view feature;  // a name of weights.inc, e.g. "total.kind_grand_total"
  double amount = 0;         // log-odds added
};

struct Candidate {
  std::string value;  // normalized text
  Evidence evidence;
  double score = 0;                // log-odds that this is the field's value, before the joint choice
  std::vector<std::string> flags;  // from the rules, e.g. "letters_repaired", "ambiguous"
  std::vector<Reason> reasons;     // what `score` is the sum of
  bool printed = false;            // of a model: another reader's words show exactly this amount
  std::vector<Reader> read_by;     // after merging: who gave this value, each once
  double probability = 0;          // after the choice: that this is the value, 0..1, not calibrated
};

// What one reader says, as if it were the only one.
struct Reading {
  std::string value;
  Evidence evidence;
  double confidence = 0;  // calibrated, without what sums and other readers add
};

// What decided between the best value and the next.
enum class SettledBy {
  kNobody,      // no value was given
  kOneReader,   // only one reader gave values
  kAgreement,   // the readers have the value in common
  kChecksum,    // it passes, and no other that was read does
  kArithmetic,  // the sums of the paper
  kScore,       // the readers differ, and one's evidence is better
};
std::string_view to_string(SettledBy by);  // "nobody", "one_reader", "agreement", "checksum", "arithmetic", "score"
std::optional<SettledBy> settled_by(std::string_view name);

// Why a field has the value that it has, or none.
struct Why {
  static constexpr std::size_t kMostReadings = 5, kMostReasons = 6, kMostChanges = 3;

  // One term of the score; "sums" is what the sums of the paper add against the rival.
  struct Weight {
    std::string feature;
    double amount = 0;  // log-odds
  };
  // What would stand there if one thing had not been noticed.
  struct Change {
    std::string without;              // a feature of `reasons`
    std::optional<std::string> then;  // nullopt: NOT_FOUND
  };

  SettledBy by = SettledBy::kNobody;
  std::vector<Reading> readings;     // of each reader its best values, the reader of the chosen one first
  std::vector<Weight> reasons;       // of the best value, those that count most first
  std::optional<std::string> rival;  // the best other value
  double margin = 0;                 // log-odds of the best value against the rival, without one against "not there"
  double needed = 0;                 // calibrated confidence from which a value is given
  std::vector<Change> changes;
  // Readers that would each give another value of a field that decides about the document, and neither sums nor a
  // checksum settle it: these two.
  std::optional<std::pair<Reading, Reading>> contested;
};

// One field after the choice among its candidates.
struct Field {
  std::optional<Candidate> chosen;  // nullopt: NOT_FOUND
  double confidence = 0;  // calibrated probability that `chosen` is right; of the best candidate when nothing is chosen
  std::string absent_reason;          // "not_seen", "below_threshold", "is_the_total", "foreign_tax"; empty when chosen
  std::vector<Candidate> candidates;  // best first, the chosen one included
  Why why;                            // without readings when nobody read a value
};

struct LineItem {
  std::string description;
  std::string code;
  std::optional<std::string> quantity, unit, unit_price, discount, amount, gst_code, gst_amount;  // decimal text
  std::string gst_marker;  // the printed mark, e.g. "%" or "#"
  Evidence evidence;
};

struct Payment {
  std::string method;  // rules: cash, card, eftpos, gift_card, bnpl, bank_transfer, bpay, direct_debit, other
  std::optional<std::string> amount, card_last4, account_type;
  Evidence evidence;
};

struct Fields {
  std::map<FieldId, Field> scalars;  // every FieldId is present
  std::vector<LineItem> line_items;
  std::vector<Payment> payments;
  std::optional<std::string> gst_legend;  // the printed legend that explains markers
  std::vector<std::string> notes;         // ids of what was noticed, e.g. "us_evidence", "several_abns"
};

}  // namespace docket::fields
