#include "fields/read_fields.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>

#include "fields/arithmetic.h"
#include "fields/candidates.h"
#include "fields/choose.h"
#include "fields/dates.h"
#include "fields/document.h"
#include "fields/finders.h"
#include "fields/money_fields.h"
#include "fields/placing.h"
#include "fields/supplier.h"
#include "fields/why.h"
#include "rules/gst.h"

namespace docket::fields {
namespace {

// Whether the joint choice, rather than the field's own candidates alone, decides it.
bool decided_by_arithmetic(FieldId id) {
  switch (id) {
    case FieldId::kTotalAmount:
    case FieldId::kSubtotal:
    case FieldId::kGstAmount:
    case FieldId::kCashRounding:
    case FieldId::kSurchargeTotal:
    case FieldId::kDiscountTotal:
    case FieldId::kTip:
    case FieldId::kAmountPaid:
    case FieldId::kChange:
      return true;
    default:
      return false;
  }
}

std::vector<rules::Cents> item_amounts(const Rows& rows) {
  std::vector<rules::Cents> items;
  for (const RowAmount& row : rows.amounts) {
    if (row.kind == RowKind::kNone && row.last_on_line && rows.blocks[row.line] == Block::kItems) {
      items.push_back(row.amount.cents);
    }
  }
  return items;
}

// "Balance due" beside no other total is the total; an amount due of its own is what is left to pay.
void settle_amount_due(Fields& fields) {
  Field& due = fields.scalars[FieldId::kAmountDue];
  const Field& total = fields.scalars[FieldId::kTotalAmount];
  if (!due.chosen || !total.chosen || due.chosen->value != total.chosen->value) return;
  due.chosen.reset();
  due.absent_reason = "is_the_total";
}

// The tax of another country is no GST, whoever reads it as one. It still counts in the sums.
void withhold_foreign_tax(const Facts& facts, Field& gst) {
  if (!facts.foreign_tax || !gst.chosen) return;
  gst.chosen.reset();
  gst.absent_reason = "foreign_tax";
}

// Without a legend, a printed GST of one eleventh of the total says that every line is taxable.
void mark_fully_taxable(const Document& document, Fields& fields) {
  if (fields.gst_legend || !document.facts.australian) return;
  const Field& gst = fields.scalars[FieldId::kGstAmount];
  const Field& total = fields.scalars[FieldId::kTotalAmount];
  if (!gst.chosen || !total.chosen) return;
  const auto gst_cents = rules::read_cents(gst.chosen->value), total_cents = rules::read_cents(total.chosen->value);
  if (!gst_cents || !total_cents || *gst_cents == 0) return;
  if (std::abs(*gst_cents - rules::gst_inclusive(*total_cents)) > 2) return;
  for (LineItem& item : fields.line_items) item.gst_code = "GST";
}

// A card slip repeats a tender row: without the repeated one the tenders come to the total.
void drop_repeated_payment(Fields& fields) {
  const Field& total = fields.scalars[FieldId::kTotalAmount];
  const auto total_cents = total.chosen ? rules::read_cents(total.chosen->value) : std::nullopt;
  if (!total_cents || fields.payments.size() < 2) return;
  rules::Cents sum = 0;
  for (const Payment& payment : fields.payments) sum += rules::read_cents(payment.amount.value_or("")).value_or(0);
  if (sum == *total_cents) return;
  for (auto payment = fields.payments.rbegin(); payment != fields.payments.rend(); ++payment) {
    if (sum - rules::read_cents(payment->amount.value_or("")).value_or(0) != *total_cents) continue;
    fields.payments.erase(std::next(payment).base());
    return;
  }
}

void note_facts(const Document& document, Fields& fields) {
  if (document.facts.us) fields.notes.emplace_back("us_evidence");
  if (document.facts.australian) fields.notes.emplace_back("australian_evidence");
  int abns = 0;
  for (const Candidate& candidate : fields.scalars[FieldId::kSupplierAbn].candidates) {
    const bool failed =
        std::find(candidate.flags.begin(), candidate.flags.end(), "bad_checksum") != candidate.flags.end();
    abns += failed ? 0 : 1;
  }
  if (abns > 1) fields.notes.emplace_back("several_abns");
}

// The document as one reading of its pages shows it.
struct Look {
  Document document;
  Candidates candidates;
  Posterior posterior;
};

Look look_at(const std::vector<ocr::Words>& pages, const Context& context, const std::vector<ModelReply>& replies) {
  Look look;
  look.document = open_document(pages, context);
  const Document& document = look.document;
  const Layout& layout = document.layout;
  const Rows& rows = document.rows;
  Candidates& candidates = look.candidates;
  find_supplier(document, candidates);
  find_tax_ids(document, candidates);
  find_contacts(document, candidates);
  find_buyer(document, candidates);
  find_numbers(document, candidates);
  find_dates(layout, rows, document.facts, context, candidates);
  find_kind(document, candidates);
  find_fuel(document, candidates);
  find_banking(document, candidates);
  find_total_amount(layout, rows, candidates);
  find_money_fields(layout, rows, candidates);
  find_in_replies(replies, pages, context, candidates);
  look.posterior =
      weigh_arithmetic(candidates, {item_amounts(rows), document.facts.tax_percents, document.facts.australian});
  return look;
}

std::vector<Belief> beliefs_of(const Look& look, FieldId id) {
  const auto joint = look.posterior.probability.find(id);
  const bool use_joint = decided_by_arithmetic(id) && joint != look.posterior.probability.end();
  return use_joint ? believe(look.candidates, id, joint->second) : believe(look.candidates, id);
}

// One document a reading; a page that was read less often than others repeats its words.
std::vector<std::vector<ocr::Words>> readings_apart(const std::vector<ocr::Words>& pages) {
  std::size_t most = 0;
  for (const ocr::Words& page : pages) most = std::max(most, page.readings.size());
  std::vector<std::vector<ocr::Words>> apart(most);
  for (std::size_t r = 0; r < most; ++r) {
    for (const ocr::Words& page : pages) {
      ocr::Words& one = apart[r].emplace_back();
      one.page_number = page.page_number;
      one.receipt = page.receipt;
      one.words = r < page.readings.size() ? page.readings[r] : page.words;
    }
  }
  return apart;
}

// What matters most is decided by the readings apart: a misread letter then meets the others' votes, where the words
// put together hide that the readings disagree.
bool decided_by_vote(FieldId id) {
  return id == FieldId::kTotalAmount || id == FieldId::kInvoiceDate || id == FieldId::kSupplierName;
}

}  // namespace

Fields read_fields(const std::vector<ocr::Words>& pages, const Context& context,
                   const std::vector<ModelReply>& replies) {
  const Look whole = look_at(pages, context, replies);
  std::vector<Look> looks;
  for (const auto& reading : readings_apart(pages)) looks.push_back(look_at(reading, context, replies));

  Fields fields;
  for (int i = 0; i < static_cast<int>(FieldId::kCount); ++i) {
    const auto id = static_cast<FieldId>(i);
    std::vector<std::vector<Belief>> beliefs;
    if (decided_by_vote(id)) {
      for (const Look& look : looks) beliefs.push_back(beliefs_of(look, id));
    }
    if (beliefs.empty()) beliefs.push_back(beliefs_of(whole, id));
    Field& field = fields.scalars[id] = vote(id, beliefs);
    if (id == FieldId::kGstAmount) withhold_foreign_tax(whole.document.facts, field);
    field.why = why(id, field, whole.candidates, whole.posterior);
  }
  const Document& document = whole.document;
  settle_amount_due(fields);
  fields.line_items = find_line_items(document);
  fields.payments = find_payments(document);
  drop_repeated_payment(fields);
  if (fields.line_items.empty()) fields.line_items = items_in_replies(replies);
  if (fields.payments.empty()) fields.payments = payments_in_replies(replies);
  fields.gst_legend = find_gst_legend(document);
  mark_fully_taxable(document, fields);
  note_facts(document, fields);
  place_values(document.layout, fields);
  return fields;
}

}  // namespace docket::fields
