// Purchases in the forms that bookkeeping programs import; docs/formats/export.md describes each.
#pragma once

#include <map>
#include <string>

#include "core/base/result.h"
#include "store/purchase.h"

namespace docket::store {

// How a GST code of ours (GST FRE INP EXP NTR UNK) is called in the organisation's own books.
using TaxNames = std::map<std::string, std::string>;
TaxNames xero_tax_names();
TaxNames myob_tax_names();

struct BookOptions {
  std::string account;  // the expense account's code; may be empty, the bookkeeper then fills it in
  TaxNames taxes;       // one for every code
};

// Xero's bill import: CSV, a row a line with the bill's own cells repeated; amounts include GST.
std::string xero_header();
std::string xero_rows(const Purchase& purchase, const BookOptions& options);

// MYOB AccountRight's import of service purchases: tabs between fields, an empty line behind each purchase; amounts
// include GST.
std::string myob_header();
std::string myob_rows(const Purchase& purchase, const BookOptions& options);

struct Buyer {
  std::string name, abn;  // 11 digits
};

// A PINT A-NZ billing document (UBL 2.1 Invoice or CreditNote), amounts without GST. Errors: kInvalidArgument where the
// purchase lacks a number or an ABN, or a line's tax is not known.
Result<std::string> ubl_text(const Purchase& purchase, const Buyer& buyer);

}  // namespace docket::store
