// A Record as bookkeeping programs take it: a purchase of lines whose amounts include GST and add up to the total.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "record/record.h"
#include "rules/civil.h"
#include "rules/money.h"

namespace docket::store {

struct PurchaseLine {
  std::string description;
  std::int64_t quantity_e4 = 10'000;  // ten-thousandths
  std::int64_t unit_price_e4 = 0;     // with GST; quantity x unit price is amount_cents to the cent
  rules::Cents amount_cents = 0;      // with GST
  rules::Cents gst_cents = 0;         // inside amount_cents
  std::string gst_code;               // GST FRE INP EXP NTR, or UNK where nothing says how it is taxed
  bool cash_rounding = false;         // not a supply: what paying in coins added or took off
};

struct Purchase {
  std::string file;                    // of the record
  std::string supplier, supplier_abn;  // the ABN is empty when there is none
  std::string number;                  // the supplier's; empty when none was read
  std::string reference;               // ours: the first 16 digits of the file's hash, and the receipt on it
  rules::Date date, due_date;          // the date of issue where no other due date is printed
  std::string currency;
  bool credit = false;  // a refund or credit note: its amounts are negative
  std::vector<PurchaseLine> lines;
  rules::Cents total_cents = 0, gst_cents = 0;
};

// The lines are the document's own where they and the surcharges, discounts and rounding printed beside them give the
// total; else one line for what is taxable and one for what is free of GST; else, where that is not known either, one
// line of UNK. Errors: kInvalidArgument naming what a purchase cannot be without (supplier, date, total).
Result<Purchase> purchase_of(const record::Record& record);

}  // namespace docket::store
