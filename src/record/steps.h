// The steps of build_record, in the order they run. Each reads and extends the Record that the ones before left.
#pragma once

#include <string>

#include "record/build.h"

namespace docket::record {

// Scalar fields: normalized by the rules, impossible values dropped with a reason. Every schema field is present after.
void set_values(Record& record, const fields::Fields& fields, const Context& context);
// Line items and payments in their types.
void set_items(Record& record, const fields::Fields& fields);
// financial_year, bas_quarter, prices_include_gst, taxable and GST-free totals, line GST, due date from terms,
// category, duplicate_key.
void derive(Record& record, const Context& context);
// Findings where numbers that must agree do not: totals, subtotal, tenders, lines, GST, cash rounding, fuel.
void check_identities(Record& record, const Context& context);
inline constexpr std::string_view kReadersDisagree = "readers_disagree";
// A finding for every field on which the readers disagree and that nothing settles.
void check_readers(Record& record);
// Findings about dates, names, numbers and places that do not fit together; payslips, declined payments, notes.
void check_plausibility(Record& record, const Context& context);
// Verdict::checks and the verdict.
void judge(Record& record, const Context& context);

// Puts every text of a document that `why` quotes through `change`.
template <typename Change>
void change_texts(fields::Why& why, Change change) {
  const auto reading = [&](fields::Reading& one) {
    one.value = change(one.value);
    one.evidence.raw = change(one.evidence.raw);
  };
  for (fields::Reading& one : why.readings) reading(one);
  if (why.rival) why.rival = change(*why.rival);
  for (auto& one : why.changes) {
    if (one.then) one.then = change(*one.then);
  }
  if (why.contested) {
    reading(why.contested->first);
    reading(why.contested->second);
  }
}

// Appends a Finding about the whole document, or about one value.
void add_finding(Record& record, std::string id, Severity severity, std::string message);
void add_finding(Record& record, std::string id, Severity severity, std::string message, const Value& about);

// The taxable part of the total, inclusive, when the lines are flagged well enough to know it.
struct TaxableLines {
  rules::Cents taxable = 0, free = 0;  // inclusive of GST, discounts and surcharges shared out
  int count = 0;                       // taxable lines
  bool all_free = false;               // every line is flagged and none is taxable
  rules::Cents surcharge_gst = 0;      // GST that an unlabelled surcharge was assumed to carry
};
std::optional<TaxableLines> taxable_lines(const Record& record);

// The tax that the sums of the paper hold: the GST, or a foreign tax that was read but is not given as GST.
std::optional<rules::Cents> tax_in_sums(const Record& record);

// The GST check over the record's amounts; nullopt when the GST or the total is absent.
std::optional<rules::GstResult> gst_check(const Record& record, const Context& context);

}  // namespace docket::record
