// build_record: the one way from Fields to a Record.
#pragma once

#include <string>
#include <vector>

#include "fields/fields.h"
#include "record/record.h"
#include "rules/civil.h"
#include "rules/gst.h"

namespace docket::record {

struct ApprovedSupplier {
  std::string name;
  std::string abn;  // 11 digits
};

// The first rule whose phrase stands in the supplier's name or a line's description names the expense_category.
struct ExpenseRule {
  std::string phrase;
  std::string category;
};

// What happened while reading, in a sentence: a Finding of that id.
struct Event {
  std::string id, message;
};

struct Context {
  std::string file, sha256;
  int pages = 0;
  std::vector<int> page_numbers;
  int receipt = 0, receipts = 1;
  std::string perceptual_hash;     // of the first page; empty when not computed
  rules::Date today;               // never the clock's own
  std::string text;                // what was read, one printed line a line; may be empty. Used for words, not stored
  std::vector<std::string> notes;  // ids from page and reader, e.g. "truncated_image", "no_text": each a Finding
  std::vector<Event> events;
  std::vector<std::string> own_abns;  // the user's own business: never the supplier, unless on an RCTI
  bool registered_for_gst = true;     // the user; false: no GST is creditable
  std::vector<ApprovedSupplier> approved_suppliers;
  std::vector<ExpenseRule> expense_rules;
  rules::Cents gst_allow_cap = rules::kDefaultAllowCap;
  double review_below = 0.6;   // a required value less sure than this makes its check REVIEW
  bool redact = true;          // false keeps sensitive data in raw texts, for a user who asked for it
  bool mask_customer = false;  // true masks the buyer's name and address, too
};

// Types and validates every field, derives the derived ones, checks the identities and the requirements, redacts.
// Never fails: what is wrong is a Finding, what is missing has a reason.
Record build_record(const fields::Fields& fields, const Context& context);

}  // namespace docket::record
