// record: Fields in, a typed and validated Record with Findings and a verdict out.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fields/fields.h"
#include "page/page.h"

namespace docket::record {

enum class Severity { kInfo, kWarning, kError };

// Something a person or a program should know about the document; never an exception.
struct Finding {
  std::string id;  // "gst_exceeds_one_eleventh", "TI-3", "no_text"
  Severity severity = Severity::kInfo;
  std::string message;        // one sentence for a person
  fields::Evidence evidence;  // reader kNone when it concerns the whole document
};

// A field's final value. `value` is the normalized text that is exported; typed forms are derived from it by the rules,
// so that money is always whole cents and a date always a civil date.
struct Value {
  std::optional<std::string> value;  // nullopt: absent
  std::string raw;
  double confidence = 0;  // 0..1, calibrated
  int page = 0;           // 1-based; 0 when not placed
  page::Box box;          // in the pixels of the picture as a viewer shows it; empty when not placed
  fields::Reader reader = fields::Reader::kNone;
  std::vector<std::string> flags;
  std::string absent_reason;  // why `value` is absent
};

struct LineItem {
  std::string description, code, unit, gst_code = "UNK";
  std::optional<std::int64_t> quantity_e4, unit_price_e4;  // ten-thousandths
  std::optional<std::int64_t> discount_cents, amount_cents, gst_amount_cents;
  int page = 0;
  page::Box box;
};

struct Payment {
  std::string method;
  std::optional<std::int64_t> amount_cents;
  std::string card_last4, account_type;
};

enum class VerdictResult { kNotRequired, kMeets, kReview, kFails };

// One requirement of the tax-invoice rules (TI-1..TI-10, EV-1, WH-1).
struct Check {
  std::string id;
  std::string result;   // "PASS", "FAIL", "REVIEW", "NOT_APPLICABLE"
  std::string message;  // the wording for the report, with the evidence
};

struct Verdict {
  VerdictResult result = VerdictResult::kReview;
  std::string band;                 // "A", "B", "C"; empty when the total is unknown
  std::vector<std::string> failed;  // ids of checks that failed
  std::vector<std::string> review;  // ids of checks that a person should look at
  std::vector<Check> checks;
};

struct Record {
  std::string file;    // as the user named it
  std::string sha256;  // of the file's bytes
  int pages = 0;       // read
  std::vector<int> page_numbers;
  int receipt = 0;  // 0-based, when one picture showed several
  std::string document_type;
  std::map<std::string, Value> fields;  // by schema name; every field of the schema is present, derived ones too
  std::vector<LineItem> line_items;
  std::vector<Payment> payments;
  std::vector<Finding> findings;
  Verdict verdict;
  std::map<std::string, double> timing_ms;  // by stage name
};

}  // namespace docket::record
