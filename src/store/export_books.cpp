#include <cstdio>

#include "core/base/utf8.h"
#include "store/csv.h"
#include "store/export.h"

namespace docket::store {
namespace {

std::string day_first(const rules::Date& date) {
  char text[16];
  std::snprintf(text, sizeof text, "%02d/%02d/%04d", date.day, date.month, date.year);
  return text;
}

// The supplier's number, or ours where none was read: both programs refuse a bill without one.
const std::string& number_of(const Purchase& purchase) {
  return purchase.number.empty() ? purchase.reference : purchase.number;
}

const std::string& tax_name(const BookOptions& options, const std::string& code) {
  const auto found = options.taxes.find(code);
  return found == options.taxes.end() ? options.taxes.at("UNK") : found->second;
}

// MYOB has no quotes: what would end a field becomes a space.
std::string tabless(const std::string& text, std::size_t most) {
  std::string out = csv_safe_text(text);
  for (char& c : out) {
    if (c == '\t' || c == '\r' || c == '\n') c = ' ';
  }
  if (out.size() <= most) return out;
  while (most > 0 && (static_cast<unsigned char>(out[most]) & 0xC0) == 0x80) --most;  // not inside a letter
  return out.substr(0, most);
}

}  // namespace

TaxNames xero_tax_names() {
  return {{"GST", "GST on Expenses"},   {"FRE", "GST Free Expenses"}, {"INP", "Input Taxed"},
          {"EXP", "GST Free Expenses"}, {"NTR", "BAS Excluded"},      {"UNK", "BAS Excluded"}};
}

TaxNames myob_tax_names() {
  return {{"GST", "GST"}, {"FRE", "FRE"}, {"INP", "INP"}, {"EXP", "EXP"}, {"NTR", "N-T"}, {"UNK", "N-T"}};
}

std::string xero_header() {
  return csv_row({"ContactName", "InvoiceNumber", "InvoiceDate", "DueDate", "Description", "Quantity", "UnitAmount",
                  "AccountCode", "TaxType"});
}

std::string xero_rows(const Purchase& purchase, const BookOptions& options) {
  std::string out;
  for (const PurchaseLine& line : purchase.lines) {
    out += csv_row({csv_safe_text(purchase.supplier), csv_safe_text(number_of(purchase)), day_first(purchase.date),
                    day_first(purchase.due_date), csv_safe_text(line.description), rules::format_rate(line.quantity_e4),
                    rules::format_rate(line.unit_price_e4), csv_safe_text(options.account),
                    csv_safe_text(tax_name(options, line.gst_code))});
  }
  return out;
}

std::string myob_header() {
  return "Co./Last Name\tPurchase No.\tDate\tSupplier Invoice No.\tInclusive\tDescription\tAccount No.\tAmount\t"
         "Inc-Tax Amount\tTax Code\tTax Amount\r\n";
}

std::string myob_rows(const Purchase& purchase, const BookOptions& options) {
  std::string out;
  for (const PurchaseLine& line : purchase.lines) {
    out += tabless(purchase.supplier, 50) + '\t';
    out += tabless(purchase.reference, 8) + '\t';
    out += day_first(purchase.date) + '\t';
    out += tabless(number_of(purchase), 20) + "\tX\t";
    out += tabless(line.description, 255) + '\t';
    out += tabless(options.account, 6) + '\t';
    out += rules::format_cents(line.amount_cents - line.gst_cents) + '\t';
    out += rules::format_cents(line.amount_cents) + '\t';
    out += tabless(tax_name(options, line.gst_code), 3) + '\t';
    out += rules::format_cents(line.gst_cents) + "\r\n";
  }
  return out + "\r\n";
}

}  // namespace docket::store
