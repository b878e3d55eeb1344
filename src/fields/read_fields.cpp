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
#include "fields/supplier.h"
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

}  // namespace

Fields read_fields(const std::vector<ocr::Words>& pages, const Context& context, const std::vector<ReplyLine>& reply) {
  const Document document = open_document(pages, context);
  const Layout& layout = document.layout;
  const Rows& rows = document.rows;
  Candidates candidates;
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
  find_in_reply(reply, context, candidates);

  const ArithmeticInput sums{item_amounts(rows), document.facts.tax_percents, document.facts.australian};
  const Posterior posterior = weigh_arithmetic(candidates, sums);
  Fields fields;
  for (int i = 0; i < static_cast<int>(FieldId::kCount); ++i) {
    const auto id = static_cast<FieldId>(i);
    const auto joint = posterior.probability.find(id);
    const bool use_joint = decided_by_arithmetic(id) && joint != posterior.probability.end();
    fields.scalars[id] = use_joint ? choose(candidates, id, joint->second) : choose(candidates, id);
  }
  settle_amount_due(fields);
  fields.line_items = find_line_items(document);
  fields.payments = find_payments(document);
  drop_repeated_payment(fields);
  fields.gst_legend = find_gst_legend(document);
  mark_fully_taxable(document, fields);
  note_facts(document, fields);
  return fields;
}

}  // namespace docket::fields
