// Money rows: every amount of the document with what its row says it is, and the blocks that the lines fall into.
#pragma once

#include <string>
#include <vector>

#include "fields/amounts.h"
#include "fields/keywords.h"
#include "fields/layout.h"

namespace docket::fields {

// What the words beside an amount call it.
enum class RowKind {
  kNone,          // no label: an item's price, or a value whose label was lost
  kTotal,         // TOTAL, TOTAL SALES INCL GST
  kGrandTotal,    // GRAND TOTAL, NETT TOTAL, TOTAL PAYABLE
  kRoundedTotal,  // TOTAL ROUNDED, TOTAL AFTER ROUNDING
  kDue,           // AMOUNT DUE, BALANCE DUE, BALANCE
  kAmount,        // AMOUNT alone
  kSubtotal,      // SUB TOTAL, TOTAL EXCL GST
  kTaxable,       // TAXABLE TOTAL, GST FREE TOTAL
  kTax,           // GST, TAX, GST INCLUDED IN TOTAL, TOTAL GST
  kRounding,
  kCash,  // CASH, CASH TENDERED
  kCard,  // VISA, EFT, ...
  kTendered,
  kPaid,
  kChange,
  kCashOut,
  kDiscount,
  kSaving,
  kSurcharge,  // SURCHARGE, SERVICE CHARGE, ... FEE
  kTip,
  kCount,    // TOTAL QTY, ITEM COUNT
  kHeading,  // column headings
  kPoints,
};

struct RowAmount {
  std::size_t line = 0;  // index in Layout::lines
  Amount amount;
  RowKind kind = RowKind::kNone;
  double label_cost = 0;  // edit distance paid for the label's keywords
  bool label_on_other_line = false;
  std::size_t column = 0;  // how many amounts stand to its left on the line
  bool last_on_line = false;
  bool in_tax_summary = false;
  bool in_eftpos = false;
  std::string label;            // the printed words
  bool between_totals = false;  // after a subtotal, before the total: a charge or a discount, whatever its name
};

enum class Block { kHeader, kItems, kTotals, kTaxSummary, kEftpos, kFooter };

struct Rows {
  std::vector<RowAmount> amounts;                 // in the order of the lines
  std::vector<Block> blocks;                      // [lines]
  std::vector<std::vector<KeywordHit>> keywords;  // [lines]
  std::size_t first_item = 0;                     // first line with an item's price, or the number of lines
  std::size_t first_total = 0;                    // first line of the totals block, or the number of lines
};

Rows find_rows(const Layout& layout);

// What the keywords, in their printed order, name. kNone when they name nothing.
RowKind kind_of(const std::vector<KeywordHit>& hits);

bool is_total(RowKind kind);   // kTotal, kGrandTotal, kRoundedTotal, kDue
bool is_tender(RowKind kind);  // kCash, kCard, kTendered, kPaid

}  // namespace docket::fields
