// record: Fields in, a typed and validated Record with Findings and a verdict out. docs/formats/record.md says what
// each field means; build.h makes one.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fields/fields.h"
#include "page/page.h"

namespace docket::record {

enum class Severity { kInfo, kWarning, kError };
std::string_view to_string(Severity severity);  // "info", "warning", "error"
std::optional<Severity> severity(std::string_view name);

// Something a person or a program should know about the document; never an exception.
struct Finding {
  std::string id;  // "gst_exceeds_one_eleventh", "possible_duplicate", "no_text"
  Severity severity = Severity::kInfo;
  std::string message;        // one sentence for a person
  fields::Evidence evidence;  // reader kNone when it concerns the whole document; `raw` is redacted
};

// A field's final value. `value` is the normalized text that is exported (the kinds are in schema.h); typed forms are
// derived from it by the rules (typed.h), so that money is always whole cents and a date always a civil date.
struct Value {
  std::optional<std::string> value;  // nullopt: absent
  std::string raw;                   // as read, redacted
  double confidence = 0;             // 0..1, calibrated
  int page = 0;                      // 1-based; 0 when not placed
  page::Box box;                     // in the pixels of the picture as a viewer shows it; empty when not placed
  fields::Reader reader = fields::Reader::kNone;
  std::vector<std::string> flags;
  std::string
      absent_reason;  // why `value` is absent: not_seen, below_threshold, contradicted, bad_checksum, invalid, ...
  fields::Why why;    // redacted; boxes as `box`; without readings when nobody read a value, and for derived fields
  std::vector<std::pair<std::string, std::string>> parts;  // addresses: street, suburb, state, postcode, where known
};

struct LineItem {
  std::string description, code, unit, gst_code = "UNK";   // gst_code: GST FRE INP EXP NTR UNK
  std::string gst_marker;                                  // the printed mark that gave gst_code, e.g. "%"
  std::optional<std::int64_t> quantity_e4, unit_price_e4;  // ten-thousandths
  std::optional<std::int64_t> discount_cents, amount_cents, gst_amount_cents;
  std::string raw;  // as read, redacted
  int page = 0;
  page::Box box;
};

struct Payment {
  std::string method;  // cash card eftpos gift_card bnpl bank_transfer bpay direct_debit other
  std::optional<std::int64_t> amount_cents;
  std::string card_last4, account_type;  // at most 4 digits; SAV CHQ CR
  int page = 0;
  page::Box box;
};

enum class CheckResult { kPass, kFail, kReview, kNotApplicable };
std::string_view to_string(CheckResult result);  // "PASS", "FAIL", "REVIEW", "NOT_APPLICABLE"
std::optional<CheckResult> check_result(std::string_view name);

// One requirement of the tax-invoice rules (TI-1..TI-10, EV-1, WH-1, AN-1).
struct Check {
  std::string id;
  CheckResult result = CheckResult::kNotApplicable;
  std::string message;        // the wording for the report
  fields::Evidence evidence;  // what decided it; reader kNone when nothing was seen
  double confidence = 0;      // of that evidence
};

enum class VerdictResult { kNotRequired, kMeets, kReview, kFails };
std::string_view to_string(VerdictResult result);  // "NOT_REQUIRED", "MEETS", "REVIEW", "FAILS"
std::optional<VerdictResult> verdict_result(std::string_view name);

// Whether this document alone is enough; another from the same supplier may supply what is missing (s 29-70(1A)).
struct Verdict {
  VerdictResult result = VerdictResult::kReview;
  std::string band;                                  // "A", "B", "C"; empty when the total is unknown
  std::vector<std::string> failed;                   // ids of checks that failed
  std::vector<std::string> review;                   // ids of checks that a person should look at
  std::vector<std::string> to_confirm;               // RCTI: conditions that no document can show
  std::optional<std::int64_t> creditable_gst_cents;  // GST that may be claimed; only when the verdict allows it
  std::vector<Check> checks;
};

struct Record {
  std::string file;    // as the user named it
  std::string sha256;  // of the file's bytes
  int pages = 0;       // read
  std::vector<int> page_numbers;
  int receipt = 0;              // 0-based, when one picture showed several
  int receipts = 1;             // records that this file gave
  std::string perceptual_hash;  // 64 hex digits (perceptual_hash.h); empty when there was no picture
  std::string document_type = "other";
  std::map<std::string, Value, std::less<>> fields;  // by schema name; every field of schema() is present
  std::vector<LineItem> line_items;
  std::vector<Payment> payments;
  std::vector<Finding> findings;
  Verdict verdict;
  std::map<std::string, double> timing_ms;  // by stage name; not part of what is compared or resumed
};

}  // namespace docket::record
