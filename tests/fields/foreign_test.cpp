// Whole receipts from Malaysia and the United States, as their printers lay them out (made up, not from a data set).
#include <gtest/gtest.h>

#include "tests/fields/page_builder.h"

namespace docket::fields {
namespace {

const std::vector<std::string> kMalaysian = {
    "      SYARIKAT MAJU JAYA SDN BHD",
    "             (812345-X)",
    "     NO. 12, JALAN BUNGA 3/2,",
    "      40100 SHAH ALAM, SELANGOR",
    "       GST ID : 000123456789",
    "       SIMPLIFIED TAX INVOICE",
    "DOC NO : CS00012   DATE : 14/03/2018",
    "CASHIER : USER     TIME : 16:58:00",
    "ITEM         QTY   PRICE   AMOUNT",
    "CUTTING DISC",
    "1001          2    10.60    21.20 SR",
    "TOTAL QTY :   2             21.20",
    "TOTAL SALES (EXCLUDING GST) :  20.00",
    "TOTAL GST :                     1.20",
    "ROUNDING :                      0.00",
    "TOTAL SALES (INCLUSIVE OF GST) : 21.20",
    "CASH :                         50.00",
    "CHANGE :                       28.80",
    "GST SUMMARY",
    "TAX CODE    %   AMT(RM)   TAX(RM)",
    "SR          6     20.00      1.20",
};

TEST(ForeignReceipt, MalaysianTaxInvoice) {
  const Fields fields = read(kMalaysian);
  EXPECT_EQ(value(fields, FieldId::kSupplierName), "SYARIKAT MAJU JAYA SDN BHD");
  EXPECT_EQ(value(fields, FieldId::kInvoiceDate), "2018-03-14");
  EXPECT_EQ(value(fields, FieldId::kInvoiceTime), "16:58:00");
  EXPECT_EQ(value(fields, FieldId::kTotalAmount), "21.20");
  EXPECT_EQ(value(fields, FieldId::kSubtotal), "20.00");
  EXPECT_EQ(value(fields, FieldId::kGstAmount), "1.20");
  EXPECT_EQ(value(fields, FieldId::kAmountPaid), "50.00");
  EXPECT_EQ(value(fields, FieldId::kChange), "28.80");
}

TEST(ForeignReceipt, TheRoundedTotalWinsOverTheTotalBeforeRounding) {
  const Fields fields = read({
      "KEDAI BUNGA RAYA SDN BHD",
      "CHOPPING BOARD            19.00",
      "SPRAYER                    8.02",
      "CLEANER                    6.90",
      "TOTAL                  RM 33.92",
      "ROUNDING ADJUSTMENT    -RM 0.02",
      "TOTAL ROUNDED          RM 33.90",
      "CASH                   RM 50.00",
      "CHANGE                 RM 16.10",
      "12-01-19 21:13",
  });
  EXPECT_EQ(value(fields, FieldId::kTotalAmount), "33.90");
  EXPECT_EQ(value(fields, FieldId::kCashRounding), "-0.02");
  EXPECT_EQ(value(fields, FieldId::kInvoiceDate), "2019-01-12");
}

TEST(ForeignReceipt, AmericanDatesAreMonthFirst) {
  const Fields fields = read({
      "       BLUE DOOR DINER",
      "   12 MAIN ST, AUSTIN TX 78701",
      "03/05/2018        7:15 PM",
      "1 BURGER              $10.00",
      "1 SODA                 $2.00",
      "SUBTOTAL              $12.00",
      "SALES TAX              $0.99",
      "TOTAL                 $12.99",
      "VISA                  $12.99",
  });
  EXPECT_EQ(value(fields, FieldId::kInvoiceDate), "2018-03-05");
  EXPECT_EQ(value(fields, FieldId::kTotalAmount), "12.99");
  EXPECT_EQ(value(fields, FieldId::kSubtotal), "12.00");
  EXPECT_EQ(value(fields, FieldId::kGstAmount), "-");
  EXPECT_EQ(fields.scalars.at(FieldId::kGstAmount).absent_reason, "foreign_tax");
}

// Whether a value was read and withheld as another country's tax.
bool withheld(const Fields& fields, const std::string& amount) {
  const Field& gst = fields.scalars.at(FieldId::kGstAmount);
  return !gst.chosen && gst.absent_reason == "foreign_tax" && !gst.candidates.empty() &&
         gst.candidates[0].value == amount;
}

std::vector<std::string> bookshop(const std::vector<std::string>& more, const std::string& label = "TAX") {
  std::vector<std::string> lines = {"          RIVER BOOKS",       "       2357 GARDEN RD",
                                    "    SPRINGDALE, TX 92462",    "         SALES RECEIPT",
                                    "ATLAS           1      4.00", "DICTIONARY      1    130.16",
                                    "SUB-TOTAL:           134.16", label + "                   12.75",
                                    "TOTAL                146.91", "EFT                  146.91",
                                    "     SEP 22, 2020  11:26"};
  lines.insert(lines.end(), more.begin(), more.end());
  return lines;
}

TEST(ForeignTax, TheTaxOfATownWithStateAndZipIsWithheldAndStillAddsUp) {
  const Fields fields = read(bookshop({}));
  EXPECT_TRUE(withheld(fields, "12.75"));
  EXPECT_EQ(value(fields, FieldId::kTotalAmount), "146.91");
  EXPECT_EQ(value(fields, FieldId::kSubtotal), "134.16");
  const Why& why = fields.scalars.at(FieldId::kGstAmount).why;
  EXPECT_EQ(why.by, SettledBy::kNobody);
  ASSERT_FALSE(why.readings.empty());
  EXPECT_EQ(why.readings[0].value, "12.75");
  EXPECT_TRUE(why.changes.empty());
}

TEST(ForeignTax, AModelThatCallsItGstDoesNotMakeItOne) {
  ModelReply reply;
  reply.text = "GST_AMOUNT: 12.75\nTOTAL_AMOUNT: 146.91";
  reply.confidence = 0.99;
  reply.page = 1;
  const Fields fields = read_fields({page_of(bookshop({}))}, test_context(), {reply});
  EXPECT_TRUE(withheld(fields, "12.75"));
  EXPECT_FALSE(fields.scalars.at(FieldId::kGstAmount).why.contested);
  EXPECT_EQ(value(fields, FieldId::kTotalAmount), "146.91");
}

TEST(ForeignTax, ForeignCurrencyIsEvidenceToo) {
  EXPECT_TRUE(
      withheld(read({"CAFE BELLA VISTA", "SUBTOTAL   EUR 20.00", "VAT     EUR 4.00", "TOTAL   EUR 24.00"}), "4.00"));
}

TEST(ForeignTax, WhereThePaperSaysGstItIsOne) {
  EXPECT_EQ(value(read(bookshop({}, "TAX (GST)")), FieldId::kGstAmount), "12.75");
  EXPECT_EQ(value(read(bookshop({"GST Reg No 12345678"})), FieldId::kGstAmount), "12.75");
  EXPECT_EQ(value(read(bookshop({"All prices in USD less G.S.T."})), FieldId::kGstAmount), "12.75");
  EXPECT_TRUE(withheld(read(bookshop({"VISIT US IN KINGSTON"})), "12.75"));
}

TEST(ForeignTax, AnAustralianPaperMayCallItTax) {
  EXPECT_EQ(value(read(bookshop({"ABN 51 824 753 556"})), FieldId::kGstAmount), "12.75");
  EXPECT_EQ(value(read({"CORNER STORE", "BRISBANE QLD 4000", "NAILS   11.00", "TAX      1.00", "TOTAL   11.00"}),
                  FieldId::kGstAmount),
            "1.00");
}

// Malaysia's tax is called GST, and a line may call it tax for short.
TEST(ForeignTax, RinggitAloneWithholdsNothing) {
  EXPECT_EQ(value(read({"KEDAI BUNGA RAYA SDN BHD", "SUB TOTAL       RM 20.00", "TAX 6%          RM 1.20",
                        "TOTAL           RM 21.20", "CASH            RM 21.20"}),
                  FieldId::kGstAmount),
            "1.20");
}

// Without American evidence the same date is day first.
TEST(ForeignReceipt, TheSameDateIsDayFirstElsewhere) {
  const Fields fields = read({"BLUE DOOR CAFE", "03/05/2018   19:15", "COFFEE   4.00", "TOTAL    4.00"});
  EXPECT_EQ(value(fields, FieldId::kInvoiceDate), "2018-05-03");
}

}  // namespace
}  // namespace docket::fields
