// The words that receipts use around amounts, found in a line despite OCR. A row's kind follows from which of them
// stand together ("TOTAL" + "ROUNDED", "GST" + "INCLUDED" + "TOTAL"), not from a list of whole phrases: shops invent
// phrases freely, the words they are made of hardly change.
#pragma once

#include <cstddef>
#include <vector>

#include "fields/layout.h"

namespace docket::fields {

enum class Keyword {
  kTotal,      // TOTAL, TTL, JUMLAH
  kSub,        // SUB
  kGrand,      // GRAND, NETT, FINAL
  kRound,      // ROUNDING, ROUNDED, ADJ
  kInclude,    // INCL, INCLUSIVE, INCLUDING: "total including GST" is a total
  kIncludes,   // INCLUDES, INCLUDED: "total includes GST" and "GST included in total" are a tax
  kExclude,    // EXCL, EXCLUDING, BEFORE, EX
  kTax,        // GST, TAX, VAT, SST
  kCash,       // CASH
  kCard,       // VISA, MASTERCARD, EFTPOS, DEBIT, ...
  kTender,     // TENDER, TENDERED, RECEIVED
  kPaid,       // PAID, PAYMENT
  kChange,     // CHANGE
  kOut,        // OUT (in CASH OUT)
  kDue,        // DUE, PAYABLE, OWING
  kBalance,    // BALANCE
  kAmount,     // AMOUNT, AMT
  kSales,      // SALES
  kDiscount,   // DISCOUNT, DISC
  kSaving,     // SAVINGS, SAVED
  kService,    // SERVICE
  kCharge,     // CHARGE, FEE
  kSurcharge,  // SURCHARGE
  kTip,        // TIP, GRATUITY
  kQuantity,   // QTY, QUANTITY
  kItem,       // ITEM, ITEMS
  kCount,      // COUNT
  kPrice,      // PRICE, U/P
  kDescription,
  kSummary,  // SUMMARY, ANALYSIS
  kCode,     // CODE
  kRate,     // RATE
  kPoints,   // POINTS
  kVoucher,  // VOUCHER, GIFT
  kDeposit,  // DEPOSIT
  kPurchase,
  kRefund,
  kFor,
  kAfter,
  kTaxable,  // TAXABLE: what the tax is on, not the tax
  kFree,     // FREE, in GST FREE
};

struct KeywordHit {
  Keyword keyword;
  std::size_t first, last;  // Tokens [first, last)
  double cost;              // edit distance paid, 0 for an exact match
};

// The keywords in the Tokens [first, last) of a line, left to right, none overlapping another.
std::vector<KeywordHit> find_keywords(const Line& line, std::size_t first, std::size_t last);

bool has(const std::vector<KeywordHit>& hits, Keyword keyword);

}  // namespace docket::fields
