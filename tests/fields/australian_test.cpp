// Whole documents in the shapes that Australian shops and trades print (shapes observed in public material, every name,
// number and price made up; the ABNs pass the checksum).
#include <gtest/gtest.h>

#include "tests/fields/page_builder.h"

namespace docket::fields {
namespace {

TEST(AustralianDocket, SupermarketWithHashForTaxableItems) {
  const Fields fields = read({
      "            GREENFIELD MARKETS",
      "     1234 Hornsby  PH: 02 5550 1234",
      "     12 George St Hornsby NSW 2077",
      "  TAX INVOICE - ABN 88 000 014 675",
      "POS 014  TRANS 5521  17:42  14/03/2024",
      "Full Cream Milk 2L              3.10",
      "#Dishwashing Liquid             4.40",
      "Bananas",
      "0.502 kg @ $3.90/kg             1.96",
      "#Chocolate",
      "Qty 2 @ $2.20 each              4.40",
      "5 SUBTOTAL                    $13.86",
      "TOTAL                         $13.86",
      "EFT                           $13.86",
      "GST INCLUDED IN TOTAL          $0.80",
      "# = GST applies",
  });
  EXPECT_EQ(value(fields, FieldId::kSupplierName), "GREENFIELD MARKETS");
  EXPECT_EQ(value(fields, FieldId::kSupplierAbn), "88000014675");
  EXPECT_EQ(value(fields, FieldId::kInvoiceDate), "2024-03-14");
  EXPECT_EQ(value(fields, FieldId::kInvoiceTime), "17:42:00");
  EXPECT_EQ(value(fields, FieldId::kTotalAmount), "13.86");
  EXPECT_EQ(value(fields, FieldId::kSubtotal), "13.86");
  EXPECT_EQ(value(fields, FieldId::kGstAmount), "0.80");
  EXPECT_EQ(value(fields, FieldId::kDocumentType), "tax_invoice");
  EXPECT_EQ(value(fields, FieldId::kTaxInvoiceWording), "true");
  EXPECT_EQ(value(fields, FieldId::kSupplierPhone), "02 5550 1234");
  ASSERT_EQ(fields.line_items.size(), 4u);
  EXPECT_EQ(fields.line_items[0].description, "Full Cream Milk 2L");
  EXPECT_EQ(fields.line_items[0].gst_code, "FRE");
  EXPECT_EQ(fields.line_items[1].description, "Dishwashing Liquid");
  EXPECT_EQ(fields.line_items[1].gst_code, "GST");
  EXPECT_EQ(fields.line_items[2].quantity, "0.502");
  EXPECT_EQ(fields.line_items[2].unit, "kg");
  EXPECT_EQ(fields.line_items[3].quantity, "2");
  EXPECT_EQ(fields.line_items[3].amount, "4.40");
  ASSERT_EQ(fields.payments.size(), 1u);
  EXPECT_EQ(fields.payments[0].amount, "13.86");
}

TEST(AustralianDocket, SplitTendersAddUpToATotalForSeveralItems) {
  const Fields fields = read({
      "HARBOUR SUPERMARKETS AUSTRALIA PTY LTD",
      "Tax Invoice ABN: 45 004 189 708",
      "Store: 0432 - BONDI JUNCTION",
      "Register: 007  Receipt: 9981",
      "Date: 05/03/2024  Time: 09:12",
      "Bread                        3.20",
      "% Batteries                 12.40",
      "Apples                       4.15",
      "Total for 3 items:         $19.75",
      "EFT                        $10.00",
      "EFT                         $9.75",
      "GST INCLUDED IN TOTAL       $1.13",
      "% = Taxable item",
  });
  EXPECT_EQ(value(fields, FieldId::kTotalAmount), "19.75");
  EXPECT_EQ(value(fields, FieldId::kAmountPaid), "19.75");
  EXPECT_EQ(value(fields, FieldId::kGstAmount), "1.13");
  EXPECT_EQ(value(fields, FieldId::kStoreId), "0432");
  EXPECT_EQ(value(fields, FieldId::kRegisterId), "007");
  EXPECT_EQ(value(fields, FieldId::kInvoiceNumber), "9981");
  EXPECT_EQ(value(fields, FieldId::kInvoiceDate), "2024-03-05");
  ASSERT_EQ(fields.payments.size(), 2u);
  EXPECT_EQ(fields.payments[1].amount, "9.75");
}

TEST(AustralianDocket, HardwareStoreWhoseStarMarksUntaxedItems) {
  const Fields fields = read({
      "        TIMBER AND TOOLS",
      "            Alexandria",
      "ABN: 26 008 672 179  Ph: 02 5550 8000",
      "Thu 14/03/2024 02:33:51 PM",
      "TAX INVOICE",
      "9312345678901 HAMMER          $22.00",
      "9312345678918 SEEDLING *       $5.00",
      "2 @ SubTotal                  $27.00",
      "Total                         $27.00",
      "GST INCLUDED IN THE TOTAL      $2.00",
      "* indicates non-taxable items",
      "Cash                          $30.00",
      "Change                         $3.00",
  });
  EXPECT_EQ(value(fields, FieldId::kTotalAmount), "27.00");
  EXPECT_EQ(value(fields, FieldId::kGstAmount), "2.00");
  EXPECT_EQ(value(fields, FieldId::kChange), "3.00");
  EXPECT_EQ(value(fields, FieldId::kInvoiceDate), "2024-03-14");
  EXPECT_EQ(value(fields, FieldId::kInvoiceTime), "14:33:51");
  ASSERT_EQ(fields.line_items.size(), 2u);
  EXPECT_EQ(fields.line_items[0].code, "9312345678901");
  EXPECT_EQ(fields.line_items[0].description, "HAMMER");
  EXPECT_EQ(fields.line_items[0].gst_code, "GST");
  EXPECT_EQ(fields.gst_legend, "* indicates non-taxable items");
}

TEST(AustralianDocket, AnUnlabelledDateWinsOverTheCardSlipsAndRoundingIsRead) {
  const Fields fields = read({
      "          CORNER STORES",
      "      A.B.N. 90 196 565 019",
      "           Tax Invoice",
      "30.12.25 18:18",
      "4711 Coffee              6.49 A",
      "4712 Bread               2.99 B",
      "Total (INCL GST)         9.48",
      "Rounding                 0.02",
      "Cash                    10.00",
      "Change                   0.50",
  });
  EXPECT_EQ(value(fields, FieldId::kInvoiceDate), "2025-12-30");
  EXPECT_EQ(value(fields, FieldId::kTotalAmount), "9.48");
  EXPECT_EQ(value(fields, FieldId::kCashRounding), "0.02");
  EXPECT_EQ(value(fields, FieldId::kChange), "0.50");
}

TEST(AustralianInvoice, ExclusivePricesBuyerAndBankDetails) {
  const Fields fields = read({
      "Blue Gum Plumbing Pty Ltd                 TAX INVOICE",
      "14 Station St Penrith NSW 2750",
      "ABN 51 824 753 556",
      "Bill to:                           Invoice No: INV-2041",
      "Wattle Cafe Pty Ltd                Invoice Date: 14/03/2024",
      "9 High St Penrith NSW 2750         Due Date: 28/03/2024",
      "ABN 36 004 763 526                 PO Number: 77812",
      "Description              Qty    Unit Price     Amount",
      "Replace hot water unit     1      1,200.00   1,200.00",
      "Labour                     3         95.80     287.40",
      "Subtotal                                     1,487.40",
      "GST (10%)                                      148.74",
      "Total                                       $1,636.14",
      "Account Name: Blue Gum Plumbing",
      "BSB: 062-000   Account: 12345678",
  });
  EXPECT_EQ(value(fields, FieldId::kSupplierName), "Blue Gum Plumbing Pty Ltd");
  EXPECT_EQ(value(fields, FieldId::kSupplierAbn), "51824753556");
  EXPECT_EQ(value(fields, FieldId::kBuyerName), "Wattle Cafe Pty Ltd");
  EXPECT_EQ(value(fields, FieldId::kBuyerAbn), "36004763526");
  EXPECT_EQ(value(fields, FieldId::kInvoiceNumber), "INV-2041");
  EXPECT_EQ(value(fields, FieldId::kPurchaseOrder), "77812");
  EXPECT_EQ(value(fields, FieldId::kInvoiceDate), "2024-03-14");
  EXPECT_EQ(value(fields, FieldId::kDueDate), "2024-03-28");
  EXPECT_EQ(value(fields, FieldId::kSubtotal), "1487.40");
  EXPECT_EQ(value(fields, FieldId::kGstAmount), "148.74");
  EXPECT_EQ(value(fields, FieldId::kTotalAmount), "1636.14");
  EXPECT_EQ(value(fields, FieldId::kBankBsb), "062-000");
  EXPECT_EQ(value(fields, FieldId::kBankAccount), "12345678");
  EXPECT_EQ(value(fields, FieldId::kBankAccountName), "Blue Gum Plumbing");
  ASSERT_EQ(fields.line_items.size(), 2u);
  EXPECT_EQ(fields.line_items[1].description, "Labour");
  EXPECT_EQ(fields.line_items[1].quantity, "3");
  EXPECT_EQ(fields.line_items[1].unit_price, "95.80");
}

TEST(AustralianDocket, ARepeatedTenderIsOnePayment) {
  const Fields fields = read({"RIVERSIDE CAFE", "Tea   4.50", "TOTAL  4.50", "EFTPOS   4.50", "VISA   4.50"});
  ASSERT_EQ(fields.payments.size(), 1u);
  EXPECT_EQ(fields.payments[0].method, "eftpos");
}

// The slip of the card terminal shows another ABN, date and amount.
TEST(AustralianDocket, TheCardSlipIsADecoy) {
  const Fields fields = read({
      "RIVERSIDE CAFE",
      "ABN 51 824 753 556",
      "TAX INVOICE",
      "14/03/2024 10:05",
      "Flat white              4.50",
      "Toast                   9.80",
      "TOTAL                 $14.30",
      "GST INCL               $1.30",
      "EFTPOS                $14.30",
      "TERMINAL ID  12345678",
      "MERCH ID  99887766",
      "ABN 57 104 012 893",
      "15MAR24  10:06",
      "CARD XXXXXXXXXXXX2027",
      "PURCHASE              $16.30",
      "CASH OUT               $2.00",
      "RRN  000123456789",
      "AUTH  012345",
      "APPROVED 00",
  });
  EXPECT_EQ(value(fields, FieldId::kSupplierAbn), "51824753556");
  EXPECT_EQ(value(fields, FieldId::kInvoiceDate), "2024-03-14");
  EXPECT_EQ(value(fields, FieldId::kTotalAmount), "14.30");
}

TEST(AustralianDocket, AnAbnIsRepairedByLettersOnly) {
  const std::vector<std::string> rest = {"TAX INVOICE", "14/03/2024", "Tea   4.50", "TOTAL  4.50"};
  std::vector<std::string> letters = {"RIVERSIDE CAFE", "ABN 88 OOO O14 675"},
                           wrong = {"RIVERSIDE CAFE", "ABN 88 000 014 676"};
  letters.insert(letters.end(), rest.begin(), rest.end());
  wrong.insert(wrong.end(), rest.begin(), rest.end());
  const Fields repaired = read(letters);
  EXPECT_EQ(value(repaired, FieldId::kSupplierAbn), "88000014675");
  ASSERT_TRUE(repaired.scalars.at(FieldId::kSupplierAbn).chosen.has_value());
  EXPECT_EQ(repaired.scalars.at(FieldId::kSupplierAbn).chosen->flags, std::vector<std::string>{"repaired_letters"});
  const Fields unrepaired = read(wrong);
  const Field& failed = unrepaired.scalars.at(FieldId::kSupplierAbn);
  EXPECT_FALSE(failed.chosen.has_value());
  ASSERT_FALSE(failed.candidates.empty());
  EXPECT_EQ(failed.candidates[0].value, "88000014676");
}

// A printed ACN confirms the one look-alike digit that would make the ABN pass.
TEST(AustralianDocket, APrintedAcnConfirmsAMisreadAbn) {
  const Fields fields = read({"RIVERSIDE CAFE", "ABN 88 000 014 676", "ACN 000 014 675", "TOTAL  4.50"});
  EXPECT_EQ(value(fields, FieldId::kSupplierAbn), "88000014675");
  EXPECT_EQ(value(fields, FieldId::kSupplierAcn), "000014675");
}

TEST(AustralianDocket, TheReadersOwnAbnIsNeverTheSupplier) {
  Context context = test_context();
  context.own_abns = {"36004763526"};
  const ocr::Words page = page_of({"TRADES WORLD", "ABN 36 004 763 526", "TOTAL   12.00"});
  EXPECT_FALSE(read_fields({page}, context).scalars.at(FieldId::kSupplierAbn).chosen.has_value());
  EXPECT_TRUE(read_fields({page}, test_context()).scalars.at(FieldId::kSupplierAbn).chosen.has_value());
}

// "Due", "return by" and expiry dates are never the date of issue, however they are printed.
TEST(AustralianInvoice, OtherDatesAreNotTheDateOfIssue) {
  const Fields fields = read({"BLUE GUM CO", "Return by 14/06/2024", "Issue date: 14/03/2024", "Due date: 28/03/2024",
                              "Work   110.00", "Total  110.00"});
  EXPECT_EQ(value(fields, FieldId::kInvoiceDate), "2024-03-14");
  EXPECT_EQ(value(fields, FieldId::kDueDate), "2024-03-28");
  const Fields none = read({"BLUE GUM CO", "Return by 14/06/2024", "Work   110.00", "Total  110.00"});
  EXPECT_EQ(value(none, FieldId::kInvoiceDate), "-");
}

TEST(AustralianDocket, FuelIsConfirmedByItsProduct) {
  const Fields fields = read({
      "WEST ROAD PETROLEUM",
      "ABN 51 824 753 556",
      "TAX INVOICE   16/08/2018  5:58 AM",
      "Pump: 16 DIESEL",
      "12.21 L @ 149.5 c/L     18.25",
      "Total                   18.25",
      "Total includes GST       1.66",
      "EFTPOS                  18.25",
  });
  EXPECT_EQ(value(fields, FieldId::kFuelGrade), "DIESEL");
  EXPECT_EQ(value(fields, FieldId::kLitres), "12.21");
  EXPECT_EQ(value(fields, FieldId::kPricePerLitre), "1.495");
  EXPECT_EQ(value(fields, FieldId::kTotalAmount), "18.25");
  ASSERT_EQ(fields.line_items.size(), 1u);
  EXPECT_EQ(fields.line_items[0].description, "DIESEL");
  EXPECT_EQ(fields.line_items[0].unit, "L");
}

TEST(AustralianDocket, ACreditNoteIsNegativeAndNamesItsInvoice) {
  const Fields fields = read({
      "REFUND - CREDIT NOTE",
      "RIVERSIDE HARDWARE",
      "ABN 51 824 753 556",
      "HOSE                   -29.50",
      "WALL PLUG               -2.40",
      "SUBTOTAL               -31.90",
      "CREDIT TOTAL           -31.90",
      "INCLUDES GST OF         -2.90",
      "CREDIT FOR INVOICE INV916403",
      "DATE 6 SEP 2023",
  });
  EXPECT_EQ(value(fields, FieldId::kDocumentType), "credit_note");
  EXPECT_EQ(value(fields, FieldId::kTotalAmount), "-31.90");
  EXPECT_EQ(value(fields, FieldId::kGstAmount), "-2.90");
  EXPECT_EQ(value(fields, FieldId::kOriginalInvoiceNumber), "INV916403");
  EXPECT_EQ(fields.line_items.size(), 2u);
}

// The total's own row is unreadable; subtotal, GST, tender and change say which amount it is.
TEST(Arithmetic, SumsDecideBetweenAmountsWithAndWithoutALabel) {
  const Fields fields = read({
      "RIVERSIDE HARDWARE",
      "Hose                  110.00",
      "Tap                    55.00",
      "Subtotal              150.00",
      "GST                    15.00",
      "~~~                   165.00",
      "Cash                  200.00",
      "Change                 35.00",
  });
  EXPECT_EQ(value(fields, FieldId::kTotalAmount), "165.00");
  EXPECT_EQ(value(fields, FieldId::kGstAmount), "15.00");
}

// One digit of the total is misread; subtotal and GST, tender and change agree on another.
TEST(Arithmetic, SumsRepairOneDigitOfTheTotalButNotCashRounding) {
  const Fields fields = read({"RIVERSIDE HARDWARE", "Hose   110.00", "Tap     40.00", "Subtotal   150.00",
                              "GST   15.00", "TOTAL  185.00", "Cash   200.00", "Change   35.00"});
  EXPECT_EQ(value(fields, FieldId::kTotalAmount), "165.00");
  const auto& flags = fields.scalars.at(FieldId::kTotalAmount).chosen->flags;
  EXPECT_EQ(flags, std::vector<std::string>{"digit_repaired"});
  const Fields rounded = read({"RIVERSIDE HARDWARE", "Hose   9.53", "TOTAL  9.53", "Cash   10.00", "Change   0.45"});
  EXPECT_EQ(value(rounded, FieldId::kTotalAmount), "9.53");
}

TEST(Arithmetic, AGstAboveTheTotalIsNotBelieved) {
  const Fields fields = read({"RIVERSIDE HARDWARE", "Hose   11.00", "TOTAL  11.00", "GST    101.00"});
  EXPECT_EQ(value(fields, FieldId::kTotalAmount), "11.00");
  EXPECT_EQ(value(fields, FieldId::kGstAmount), "-");
}

}  // namespace
}  // namespace docket::fields
