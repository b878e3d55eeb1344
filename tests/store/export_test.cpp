// Records as purchases, and the forms that bookkeeping programs import.
#include "store/export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pugixml.hpp>

#include "record/typed.h"
#include "store/csv.h"
#include "tests/record/example.h"

namespace docket::store {
namespace {

using fields::FieldId;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

record::Record build(const fields::Fields& fields) {
  record::Record record = build_record(fields, record::plain_context());
  record.sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  return record;
}

Purchase purchase(const fields::Fields& fields) {
  auto made = purchase_of(build(fields));
  EXPECT_TRUE(made) << made.error().text();
  return *std::move(made);
}

std::vector<rules::Cents> amounts(const Purchase& purchase) {
  std::vector<rules::Cents> out;
  for (const auto& line : purchase.lines) out.push_back(line.amount_cents);
  return out;
}

// A4 trade invoice without GST in its prices: 2 x 100.00 and 50.00, GST 25.00, total 275.00.
fields::Fields exclusive_invoice() {
  auto fields = record::invoice_over("275.00", "25.00");
  fields.line_items.clear();
  record::add_line(fields, "Labour", "200.00", "GST");
  fields.line_items[0].quantity = "2";
  fields.line_items[0].unit_price = "100.00";
  record::add_line(fields, "Materials", "50.00", "GST");
  record::set(fields, FieldId::kSubtotal, "250.00");
  record::set(fields, FieldId::kInvoiceNumber, "INV-7");
  return fields;
}

TEST(Purchase, KeepsPrintedLinesWithTheirGst) {
  const Purchase made = purchase(record::plain_invoice());
  EXPECT_EQ(made.supplier, "Bunnings Group Limited");
  EXPECT_THAT(amounts(made), ElementsAre(3000, 1675));
  EXPECT_EQ(made.total_cents, 4675);
  EXPECT_EQ(made.gst_cents, 425);
  EXPECT_EQ(made.due_date, made.date);
  EXPECT_FALSE(made.credit);
}

TEST(Purchase, AddsGstToLinesPrintedWithoutIt) {
  const Purchase made = purchase(exclusive_invoice());
  EXPECT_THAT(amounts(made), ElementsAre(22000, 5500));
  EXPECT_EQ(made.gst_cents, 2500);
}

TEST(Purchase, TakesCashRoundingAsALineOfItsOwn) {
  auto fields = record::plain_invoice();
  record::set(fields, FieldId::kTotalAmount, "46.70");
  record::set(fields, FieldId::kCashRounding, "-0.05");
  const Purchase made = purchase(fields);
  ASSERT_THAT(amounts(made), ElementsAre(3000, 1675, -5));
  EXPECT_TRUE(made.lines.back().cash_rounding);
  EXPECT_EQ(made.lines.back().gst_code, "NTR");
}

TEST(Purchase, LinesThatDoNotAddUpBecomeOneForEachTreatment) {
  auto fields = record::plain_invoice();
  fields.line_items.pop_back();
  const Purchase made = purchase(fields);  // GST is 1/11 of the total, so all of it is taxed
  ASSERT_THAT(amounts(made), ElementsAre(4675));
  EXPECT_EQ(made.lines[0].gst_code, "GST");
  record::set(fields, FieldId::kGstAmount, "2.00");  // mixed, and nothing says which
  const Purchase unknown = purchase(fields);
  ASSERT_THAT(amounts(unknown), ElementsAre(4675));
  EXPECT_EQ(unknown.lines[0].gst_code, "UNK");
}

TEST(Purchase, SaysWhatItCannotBeWithout) {
  auto fields = record::plain_invoice();
  record::remove(fields, FieldId::kTotalAmount);
  record::remove(fields, FieldId::kInvoiceDate);
  const auto made = purchase_of(build(fields));
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().text(), HasSubstr("lacks date, total"));
}

TEST(Xero, WritesARowALineWithDatesDayFirst) {
  auto fields = exclusive_invoice();
  fields.line_items[1].description = "=HYPERLINK(\"x\")";
  BookOptions options{"429", xero_tax_names()};
  options.taxes["GST"] = "GST, on Expenses";
  const auto rows = read_csv(xero_header() + xero_rows(purchase(fields), options), "xero");
  ASSERT_TRUE(rows) << rows.error().text();
  ASSERT_EQ(rows->size(), 3U);
  EXPECT_THAT((*rows)[0], ElementsAre("ContactName", "InvoiceNumber", "InvoiceDate", "DueDate", "Description",
                                      "Quantity", "UnitAmount", "AccountCode", "TaxType"));
  EXPECT_THAT((*rows)[1], ElementsAre("Bunnings Group Limited", "INV-7", "14/03/2026", "14/03/2026", "Labour", "1",
                                      "220", "429", "GST, on Expenses"));
  EXPECT_EQ((*rows)[2][4], "'=HYPERLINK(\"x\")");
}

TEST(Xero, GivesABillWithoutANumberTheFilesOwn) {
  auto fields = record::plain_invoice();
  record::remove(fields, FieldId::kInvoiceNumber);
  const auto rows = read_csv(xero_rows(purchase(fields), {"", xero_tax_names()}), "xero");
  ASSERT_TRUE(rows);
  EXPECT_EQ((*rows)[0][1], "0123456789abcdef");
}

TEST(Myob, SeparatesPurchasesByAnEmptyLine) {
  auto fields = exclusive_invoice();
  fields.line_items[0].description = "Labour\tand\nmore";
  const std::string rows = myob_rows(purchase(fields), {"6-1100", myob_tax_names()});
  EXPECT_EQ(
      rows,
      "Bunnings Group Limited\t01234567\t14/03/2026\tINV-7\tX\tLabour and more\t6-1100\t200.00\t220.00\tGST\t"
      "20.00\r\n"
      "Bunnings Group Limited\t01234567\t14/03/2026\tINV-7\tX\tMaterials\t6-1100\t50.00\t55.00\tGST\t5.00\r\n\r\n");
}

const Buyer kBuyer = {"Our Company & Sons", "51824753556"};

pugi::xml_document parse(const std::string& text) {
  pugi::xml_document document;
  EXPECT_TRUE(document.load_string(text.c_str())) << text;
  return document;
}

rules::Cents cents_at(const pugi::xml_node& root, const char* path) {
  const auto node = root.select_node(path).node();
  EXPECT_STREQ(node.attribute("currencyID").value(), "AUD") << path;
  const auto cents = rules::read_cents(node.text().get());
  EXPECT_TRUE(cents) << path;
  return cents.value_or(-1);
}

TEST(Ubl, AddsUpWithoutGst) {
  const auto text = ubl_text(purchase(exclusive_invoice()), kBuyer);
  ASSERT_TRUE(text) << text.error().text();
  const auto document = parse(*text);
  const auto root = document.child("Invoice");
  EXPECT_STREQ(root.child("cbc:CustomizationID").text().get(), "urn:peppol:pint:billing-1@aunz-1");
  EXPECT_STREQ(root.child("cbc:IssueDate").text().get(), "2026-03-14");
  const auto seller = root.select_node("cac:AccountingSupplierParty/cac:Party/cbc:EndpointID").node();
  EXPECT_STREQ(seller.text().get(), "26008672179");
  EXPECT_STREQ(seller.attribute("schemeID").value(), "0151");
  EXPECT_STREQ(root.select_node("cac:AccountingCustomerParty//cbc:RegistrationName").node().text().get(),
               "Our Company & Sons");
  EXPECT_EQ(cents_at(root, "cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount"), 25000);
  EXPECT_EQ(cents_at(root, "cac:LegalMonetaryTotal/cbc:PayableAmount"), 27500);
  EXPECT_EQ(cents_at(root, "cac:TaxTotal/cbc:TaxAmount"), 2500);
  EXPECT_EQ(cents_at(root, "cac:TaxTotal/cac:TaxSubtotal/cbc:TaxableAmount"), 25000);
  rules::Cents lines = 0;
  for (const auto& line : root.select_nodes("cac:InvoiceLine")) {
    lines += cents_at(line.node(), "cbc:LineExtensionAmount");
    const auto quantity = rules::parse_rate(line.node().child("cbc:InvoicedQuantity").text().get());
    const auto price = rules::parse_rate(line.node().select_node("cac:Price/cbc:PriceAmount").node().text().get());
    EXPECT_EQ(rules::extended_price(*quantity.value, *price.value), cents_at(line.node(), "cbc:LineExtensionAmount"));
  }
  EXPECT_EQ(lines, 25000);
}

TEST(Ubl, KeepsCashRoundingOutOfTheLines) {
  auto fields = record::plain_invoice();
  record::set(fields, FieldId::kTotalAmount, "46.70");
  record::set(fields, FieldId::kCashRounding, "-0.05");
  record::set(fields, FieldId::kInvoiceNumber, "7");
  const auto text = ubl_text(purchase(fields), kBuyer);
  ASSERT_TRUE(text) << text.error().text();
  const auto document = parse(*text);
  const auto root = document.child("Invoice");
  EXPECT_EQ(root.select_nodes("cac:InvoiceLine").size(), 2U);
  EXPECT_EQ(cents_at(root, "cac:LegalMonetaryTotal/cbc:PayableRoundingAmount"), -5);
  EXPECT_EQ(cents_at(root, "cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount"), 4675);
  EXPECT_EQ(cents_at(root, "cac:LegalMonetaryTotal/cbc:PayableAmount"), 4670);
}

TEST(Ubl, TurnsACreditNotesAmountsRound) {
  Purchase made = purchase(exclusive_invoice());
  made.credit = true;
  made.total_cents = -made.total_cents;
  made.gst_cents = -made.gst_cents;
  for (auto& line : made.lines) {
    line.amount_cents = -line.amount_cents;
    line.gst_cents = -line.gst_cents;
  }
  const auto text = ubl_text(made, kBuyer);
  ASSERT_TRUE(text);
  const auto document = parse(*text);
  const auto root = document.child("CreditNote");
  EXPECT_STREQ(root.child("cbc:CreditNoteTypeCode").text().get(), "381");
  EXPECT_EQ(cents_at(root, "cac:LegalMonetaryTotal/cbc:PayableAmount"), 27500);
  EXPECT_EQ(cents_at(root, "cac:CreditNoteLine/cbc:LineExtensionAmount"), 20000);
}

TEST(Ubl, SaysWhatAnEInvoiceCannotBeWithout) {
  Purchase made = purchase(exclusive_invoice());
  made.lines[0].gst_code = "UNK";
  EXPECT_THAT(ubl_text(made, kBuyer).error().text(), HasSubstr("GST treatment"));
  made.number.clear();
  EXPECT_THAT(ubl_text(made, kBuyer).error().text(), HasSubstr("invoice number"));
  made.supplier_abn.clear();
  EXPECT_THAT(ubl_text(made, kBuyer).error().text(), HasSubstr("ABN"));
}

}  // namespace
}  // namespace docket::store
