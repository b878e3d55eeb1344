#include "fields/read_fields.h"

#include "fields/arithmetic.h"
#include "fields/candidates.h"
#include "fields/choose.h"
#include "fields/dates.h"
#include "fields/facts.h"
#include "fields/layout.h"
#include "fields/money_fields.h"
#include "fields/rows.h"
#include "fields/supplier.h"

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

}  // namespace

Fields read_fields(const std::vector<ocr::Words>& pages, const Context& context) {
  const Layout layout = lay_out(pages);
  const Rows rows = find_rows(layout);
  const Facts facts = find_facts(layout, context);
  Candidates candidates;
  find_supplier(layout, rows, candidates);
  find_dates(layout, rows, facts, context, candidates);
  find_total_amount(layout, rows, candidates);
  find_money_fields(layout, rows, candidates);

  const ArithmeticInput sums{item_amounts(rows), facts.tax_percents, facts.australian};
  const Posterior posterior = weigh_arithmetic(candidates, sums);
  Fields fields;
  for (int i = 0; i < static_cast<int>(FieldId::kCount); ++i) {
    const auto id = static_cast<FieldId>(i);
    const auto joint = posterior.probability.find(id);
    const bool use_joint = decided_by_arithmetic(id) && joint != posterior.probability.end();
    fields.scalars[id] = use_joint ? choose(candidates, id, joint->second) : choose(candidates, id);
  }
  return fields;
}

}  // namespace docket::fields
