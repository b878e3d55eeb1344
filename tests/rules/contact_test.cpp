// Phones, addresses, bank details, tenders and document words.
#include <gtest/gtest.h>

#include "rules/address.h"
#include "rules/bank.h"
#include "rules/document_type.h"
#include "rules/payment.h"
#include "rules/phone.h"

namespace docket::rules {
namespace {

TEST(Phone, BareNumbersNeedAState) {
  EXPECT_EQ(parse_phone("9999 9999").kind, PhoneKind::kNotPhone);
  EXPECT_EQ(parse_phone("9999 9999", "NSW").number, "+61299999999");
  EXPECT_EQ(parse_phone("9999 9999", "VIC").number, "+61399999999");
  EXPECT_EQ(parse_phone("9999 9999", "QLD").number, "+61799999999");
  EXPECT_EQ(parse_phone("9999 9999", "WA").number, "+61899999999");
  EXPECT_EQ(parse_phone("9999 9999", "ZZ").kind, PhoneKind::kNotPhone);
}

TEST(Phone, LabelsAndForms) {
  for (const char* text : {"Ph: (02) 5550 1234", "Tel. 02-5550-1234", "Phone No: 0255501234", "P 02 5550 1234",
                           "+61 (0)2 5550 1234", "0061 2 5550 1234", "Fax 02.5550.1234"}) {
    EXPECT_EQ(parse_phone(text).number, "+61255501234") << text;
  }
  EXPECT_EQ(parse_phone("13 12 14").number, "13 12 14");
  EXPECT_EQ(parse_phone("131214").number, "13 12 14");
  for (const char* text :
       {"", "01 5550 1234", "02 5550 123", "+64 2 5550 1234", "02 5550 1234 x5", "1900 123 456", "ABN"}) {
    EXPECT_EQ(parse_phone(text).kind, PhoneKind::kNotPhone) << text;
  }
}

TEST(Postcode, EveryRangeNamesOneState) {
  EXPECT_EQ(state_of_postcode("2618"), "ACT");
  EXPECT_EQ(state_of_postcode("2619"), "NSW");
  EXPECT_EQ(state_of_postcode("2899"), "NSW");
  EXPECT_EQ(state_of_postcode("2900"), "ACT");
  EXPECT_EQ(state_of_postcode("0200"), "ACT");
  EXPECT_EQ(state_of_postcode("0800"), "NT");
  EXPECT_EQ(state_of_postcode("5800"), "SA");
  EXPECT_EQ(state_of_postcode("0199"), "");
  EXPECT_EQ(state_of_postcode("800"), "");
  EXPECT_FALSE(check_postcode("NSW", "0100").ok);
  EXPECT_TRUE(check_postcode("Victoria", "3000").ok);
}

void expect_address(const char* text, const char* street, const char* suburb, const char* state, const char* postcode) {
  const auto address = parse_address(text);
  ASSERT_TRUE(address) << text;
  EXPECT_EQ(address->street, street) << text;
  EXPECT_EQ(address->suburb, suburb) << text;
  EXPECT_EQ(address->state, state) << text;
  EXPECT_EQ(address->postcode, postcode) << text;
}

TEST(Address, IsSplit) {
  expect_address("12 Smith St, Parramatta NSW 2150", "12 Smith St", "Parramatta", "NSW", "2150");
  expect_address("12 Smith Street Parramatta NSW 2150", "12 Smith Street", "Parramatta", "NSW", "2150");
  expect_address("Shop 3, 45 High Rd\nBox Hill South VIC 3128", "Shop 3, 45 High Rd", "Box Hill South", "VIC", "3128");
  expect_address("Darwin 0800 NT", "", "Darwin", "NT", "0800");
  expect_address("1 George St Sydney New South Wales 2000 Australia", "1 George St", "Sydney", "NSW", "2000");
  EXPECT_FALSE(parse_address("Bunnings Group Limited"));
  EXPECT_FALSE(parse_address(""));
}

TEST(Address, WrittenReadIsTheSame) {
  for (const char* text : {"12 Smith St, Parramatta NSW 2150", "Darwin NT 0800", "PO Box 12, Hobart TAS 7001"}) {
    EXPECT_EQ(format_address(*parse_address(text)), text);
  }
}

TEST(Bank, NumbersAndMasks) {
  EXPECT_EQ(parse_bsb("BSB: 062-000"), "062-000");
  EXPECT_FALSE(parse_bsb("062.000"));
  EXPECT_FALSE(parse_bsb("0620001"));
  EXPECT_EQ(mask_bsb("062-001"), "***-*01");
  EXPECT_EQ(parse_account("1234 5678"), "12345678");
  EXPECT_FALSE(parse_account("1234"));
  EXPECT_FALSE(parse_account("1234567890"));
  EXPECT_EQ(mask_account("12345678"), "*****678");
  EXPECT_EQ(mask_account("123"), "***");
}

TEST(Payment, TenderWords) {
  const std::pair<const char*, const char*> cases[] = {{"EFT  $12.00", "eftpos"},
                                                       {"VISA CREDIT", "card"},
                                                       {"Gift Card ****123", "gift_card"},
                                                       {"AFTERPAY", "bnpl"},
                                                       {"Cash tendered", "cash"},
                                                       {"Direct Debit", "direct_debit"},
                                                       {"BPAY", "bpay"},
                                                       {"PayID", "bank_transfer"},
                                                       {"Paypal", "other"},
                                                       {"MASTERCARD DEBIT", "card"},
                                                       {"Zip", "bnpl"},
                                                       {"DIRECT DEPOSIT", "bank_transfer"}};
  for (const auto& [text, method] : cases) EXPECT_EQ(payment_method(text), method) << text;
  for (const char* text : {"CASH OUT 20.00", "Cash rounding -0.02", "Cashews 500g", "Total", ""}) {
    EXPECT_FALSE(payment_method(text)) << text;
  }
  EXPECT_EQ(account_type("ACCOUNT: SAVINGS"), "SAV");
  EXPECT_EQ(account_type("CR"), "CR");
  EXPECT_FALSE(account_type("Total"));
  EXPECT_TRUE(is_eftpos_line("TERMINAL ID 123"));
  EXPECT_TRUE(is_eftpos_line("APPROVED 00"));
  EXPECT_FALSE(is_eftpos_line("Bread 2.00"));
  EXPECT_TRUE(says_not_paid("** DECLINED **"));
  EXPECT_FALSE(says_not_paid("APPROVED"));
}

TEST(DocumentType, ByWords) {
  using enum DocumentType;
  const std::pair<const char*, DocumentType> cases[] = {{"TAX INVOICE", kTaxInvoice},
                                                        {"Tax lnvoice", kTaxInvoice},
                                                        {"TAXINVOICE", kTaxInvoice},
                                                        {"INVOICE 123", kInvoice},
                                                        {"Receipt", kReceipt},
                                                        {"ADJUSTMENT NOTE", kAdjustmentNote},
                                                        {"Credit Note", kCreditNote},
                                                        {"QUOTATION", kQuote},
                                                        {"Pro-forma invoice", kQuote},
                                                        {"Statement", kStatement},
                                                        {"PURCHASE ORDER", kPurchaseOrder},
                                                        {"Recipient Created Tax Invoice", kRcti},
                                                        {"Delivery Docket", kDeliveryDocket},
                                                        {"This is a quote, not a tax invoice", kQuote},
                                                        {"TAX INVOICE  Purchase Order 77", kTaxInvoice}};
  for (const auto& [text, type] : cases) {
    const auto found = document_type_by_words(text);
    ASSERT_TRUE(found) << text;
    EXPECT_EQ(to_string(*found), to_string(type)) << text;
  }
  EXPECT_FALSE(document_type_by_words("Bread 2.00"));
  for (int i = 0; i <= static_cast<int>(kOther); ++i) {
    EXPECT_EQ(document_type(to_string(static_cast<DocumentType>(i))), static_cast<DocumentType>(i));
  }
}

TEST(DocumentType, TaxInvoiceWithinTwoEdits) {
  for (const char* text :
       {"Tax Invoice", "TAX INV0ICE", "7AX INVOICE", "TAXINVOlCE ABN: 1", "Tax-Invoice", "T AX INVOICE"}) {
    EXPECT_TRUE(says_tax_invoice(text)) << text;
  }
  for (const char* text : {"Invoice", "Not a tax invoice", "Tax", "Taxi voucher", "Tax included", ""}) {
    EXPECT_FALSE(says_tax_invoice(text)) << text;
  }
}

TEST(DocumentType, GstStatement) {
  for (const char* text :
       {"Total includes GST", "TOTAL INC. GST", "GST INCLUDED IN TOTAL", "Prices include GST", "incl GST of 4.25"}) {
    EXPECT_TRUE(says_total_includes_gst(text)) << text;
  }
  for (const char* text : {"Total ex GST", "GST 4.25", "Subtotal"}) EXPECT_FALSE(says_total_includes_gst(text)) << text;
}

}  // namespace
}  // namespace docket::rules
