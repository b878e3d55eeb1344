#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "record/typed.h"
#include "tests/record/example.h"

namespace docket::record {
namespace {

using fields::FieldId;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Record build(const fields::Fields& fields, const Context& context = plain_context()) {
  return build_record(fields, context);
}

std::string message(const Record& record, const std::string& id) {
  const Check* check = find_check(record, id);
  return check == nullptr ? "no check" : check->message;
}

CheckResult result(const Record& record, const std::string& id) {
  const Check* check = find_check(record, id);
  EXPECT_NE(check, nullptr) << id;
  return check == nullptr ? CheckResult::kNotApplicable : check->result;
}

TEST(Verdict, BandANeedsEvidenceOnly) {
  const Record record = build(plain_invoice());
  EXPECT_EQ(record.verdict.band, "A");
  EXPECT_EQ(record.verdict.result, VerdictResult::kNotRequired);
  EXPECT_THAT(record.findings, IsEmpty());
  EXPECT_EQ(record.verdict.creditable_gst_cents, 425);
}

TEST(Verdict, BandAWithoutATaxInvoiceStillNotRequired) {
  auto fields = plain_invoice();
  remove(fields, FieldId::kSupplierAbn);
  remove(fields, FieldId::kTaxInvoiceWording);
  set(fields, FieldId::kDocumentType, "receipt");
  const Record record = build(fields);
  EXPECT_EQ(record.verdict.result, VerdictResult::kNotRequired);
  EXPECT_EQ(result(record, "TI-3"), CheckResult::kNotApplicable);
  EXPECT_THAT(message(record, "TI-3"), HasSubstr("ABN missing"));
  EXPECT_FALSE(record.verdict.creditable_gst_cents) << "no valid ABN";
}

TEST(Verdict, BandAFailsWithoutEvidence) {
  auto fields = plain_invoice();
  remove(fields, FieldId::kInvoiceDate);
  const Record record = build(fields);
  EXPECT_EQ(record.verdict.result, VerdictResult::kFails);
  EXPECT_THAT(record.verdict.failed, ElementsAre("TI-4", "EV-1"));
  EXPECT_EQ(message(record, "EV-1"), "Evidence of the expense lacks: date");
}

TEST(Verdict, BandBMeets) {
  const Record record = build(invoice_over("999.99", "90.91"));
  EXPECT_EQ(record.verdict.band, "B");
  EXPECT_EQ(record.verdict.result, VerdictResult::kMeets);
  EXPECT_EQ(message(record, "TI-1"), "Words 'Tax invoice' found on page 1");
  EXPECT_EQ(message(record, "TI-2"), "Supplier: Bunnings Group Limited");
  EXPECT_EQ(message(record, "TI-3"), "ABN 26 008 672 179, checksum valid");
  EXPECT_EQ(message(record, "TI-4"), "Issued 2026-03-14");
  EXPECT_EQ(message(record, "TI-5"), "1 line described");
  EXPECT_EQ(message(record, "TI-6"), "GST $90.91 = 1/11 of taxable $999.99");
  EXPECT_EQ(message(record, "TI-7"), "Fully taxable");
  EXPECT_EQ(result(record, "TI-8"), CheckResult::kNotApplicable);
}

TEST(Verdict, BandCNeedsABuyer) {
  auto fields = invoice_over("1000.00", "90.91");
  Record record = build(fields);
  EXPECT_EQ(record.verdict.band, "C");
  EXPECT_THAT(record.verdict.failed, ElementsAre("TI-8"));
  EXPECT_EQ(message(record, "TI-8"), "Total is $1,000 or more and no buyer shown");
  set(fields, FieldId::kBuyerAbn, "51824753556");
  record = build(fields);
  EXPECT_EQ(record.verdict.result, VerdictResult::kMeets);
  EXPECT_EQ(message(record, "TI-8"), "Buyer: 51 824 753 556");
}

TEST(Verdict, TheTaxablePartDecidesBetweenAAndB) {
  auto fields = plain_invoice();
  fields.line_items.clear();
  fields.payments.clear();
  add_line(fields, "Bread and milk", "60.00", "FRE");
  add_line(fields, "Soap", "44.00", "GST");
  set(fields, FieldId::kTotalAmount, "104.00");
  set(fields, FieldId::kGstAmount, "4.00");
  const Record record = build(fields);
  EXPECT_EQ(record.verdict.band, "A");
  EXPECT_EQ(text_of(record, "taxable_total"), "44.00");
  EXPECT_EQ(text_of(record, "gst_free_total"), "60.00");
  EXPECT_THAT(message(record, "TI-7"), HasSubstr("Mixed: taxable $44.00, GST-free $60.00"));
}

TEST(Verdict, MissingAbnFailsAndRisksWithholding) {
  auto fields = invoice_over("220.00", "20.00");
  remove(fields, FieldId::kSupplierAbn);
  const Record record = build(fields);
  EXPECT_THAT(record.verdict.failed, ElementsAre("TI-3", "WH-1"));
  EXPECT_EQ(message(record, "WH-1"),
            "No ABN quoted: payer may have to withhold (47% from 1 July 2017) unless an exception applies");
}

TEST(Verdict, AFailingAbnIsSaidToFailAndItsRawTextShown) {
  auto fields = invoice_over("220.00", "20.00");
  set(fields, FieldId::kSupplierAbn, "26 008 672 178");
  const Record record = build(fields);
  EXPECT_EQ(message(record, "TI-3"), "ABN 26 008 672 178 fails checksum, likely misread or mistyped");
  EXPECT_FALSE(present(record, "supplier_abn"));
  EXPECT_EQ(field(record, "supplier_abn").absent_reason, "bad_checksum");
  EXPECT_EQ(result(record, "WH-1"), CheckResult::kReview);
}

TEST(Verdict, ARepairedAbnIsForReview) {
  auto fields = invoice_over("220.00", "20.00");
  set(fields, FieldId::kSupplierAbn, "26 OO8 672 I79");
  const Record record = build(fields);
  EXPECT_EQ(text_of(record, "supplier_abn"), "26008672179");
  EXPECT_EQ(record.verdict.result, VerdictResult::kReview);
  EXPECT_THAT(record.verdict.review, ElementsAre("TI-3"));
}

TEST(Verdict, AnAcnPromotesTheOneSuggestion) {
  auto fields = invoice_over("220.00", "20.00");
  set(fields, FieldId::kSupplierAbn, "88 000 014 676");
  EXPECT_FALSE(present(build(fields), "supplier_abn")) << "no evidence";
  set(fields, FieldId::kSupplierAcn, "000 014 675");
  const Record record = build(fields);
  EXPECT_EQ(text_of(record, "supplier_abn"), "88000014675");
  EXPECT_THAT(field(record, "supplier_abn").flags, Contains("repaired_confirmed"));
  EXPECT_EQ(result(record, "TI-3"), CheckResult::kReview);
}

TEST(Verdict, AQuoteIsNoTaxInvoiceWhateverItPrints) {
  auto fields = invoice_over("220.00", "20.00");
  set(fields, FieldId::kDocumentType, "quote");
  EXPECT_THAT(build(fields).verdict.failed, ElementsAre("TI-1"));
}

TEST(Verdict, AnInvoiceWithoutTheWordsIsForReview) {
  auto fields = invoice_over("220.00", "20.00");
  set(fields, FieldId::kDocumentType, "invoice");
  remove(fields, FieldId::kTaxInvoiceWording);
  EXPECT_THAT(build(fields).verdict.review, ElementsAre("TI-1"));
  set(fields, FieldId::kDocumentType, "receipt");
  EXPECT_THAT(build(fields).verdict.failed, ElementsAre("TI-1"));
}

TEST(Verdict, GstAboveOneEleventhFails) {
  const Record record = build(invoice_over("220.00", "22.00"));
  EXPECT_THAT(record.verdict.failed, Contains("TI-6"));
  EXPECT_EQ(message(record, "TI-6"), "GST $22.00 exceeds 1/11 of total");
  ASSERT_NE(find_finding(record, "gst_exceeds_one_eleventh"), nullptr);
  EXPECT_EQ(find_finding(record, "gst_exceeds_one_eleventh")->severity, Severity::kError);
}

TEST(Verdict, LessGstWithoutMarksIsAWarningAndTheExtentUnknown) {
  const Record record = build(invoice_over("220.00", "10.00"));
  EXPECT_EQ(result(record, "TI-6"), CheckResult::kPass);
  EXPECT_THAT(record.verdict.failed, ElementsAre("TI-7"));
  ASSERT_NE(find_finding(record, "mixed_supply_suspected"), nullptr);
  EXPECT_THAT(find_finding(record, "mixed_supply_suspected")->message, HasSubstr("$110.00"));
}

TEST(Verdict, TheStatementStandsInForAnAmount) {
  auto fields = invoice_over("220.00", "20.00");
  remove(fields, FieldId::kGstAmount);
  EXPECT_THAT(build(fields).verdict.failed, ElementsAre("TI-6", "TI-7"));
  set(fields, FieldId::kGstStatement, "true");
  const Record record = build(fields);
  EXPECT_EQ(record.verdict.result, VerdictResult::kMeets);
  EXPECT_EQ(record.verdict.creditable_gst_cents, 2000);
  fields.line_items[0].amount = "120.00";
  fields.line_items[0].gst_code = "GST";
  add_line(fields, "Bread", "100.00", "FRE");
  EXPECT_THAT(build(fields).verdict.failed, ElementsAre("TI-6")) << "not all of the total is taxable";
}

TEST(Verdict, AnUnsureValueIsForReview) {
  auto fields = invoice_over("220.00", "20.00");
  set(fields, FieldId::kInvoiceDate, "2026-03-14", 0.4);
  const Record record = build(fields);
  EXPECT_EQ(record.verdict.result, VerdictResult::kReview);
  EXPECT_THAT(record.verdict.review, ElementsAre("TI-4", "EV-1"));
}

TEST(Verdict, AmbiguityMattersOnlyWithoutAnAbn) {
  auto fields = plain_invoice();
  set(fields, FieldId::kInvoiceDate, "2026-03-05");
  fields.scalars[FieldId::kInvoiceDate].chosen->flags = {"ambiguous"};
  EXPECT_EQ(result(build(fields), "TI-4"), CheckResult::kPass);
  remove(fields, FieldId::kSupplierAbn);
  EXPECT_EQ(result(build(fields), "TI-4"), CheckResult::kReview);
}

TEST(Verdict, AFutureDateFails) {
  auto fields = plain_invoice();
  set(fields, FieldId::kInvoiceDate, "2026-11-25");
  EXPECT_EQ(result(build(fields), "TI-4"), CheckResult::kPass) << "a day's grace";
  set(fields, FieldId::kInvoiceDate, "2026-11-26");
  EXPECT_EQ(result(build(fields), "TI-4"), CheckResult::kFail);
}

TEST(Verdict, ACardSlipDescribesNothing) {
  auto fields = invoice_over("220.00", "20.00");
  set(fields, FieldId::kDocumentType, "eftpos_slip");
  EXPECT_THAT(build(fields).verdict.failed, ElementsAre("TI-1", "TI-5", "EV-1"));
}

TEST(Verdict, RctiNeedsTheRecipientAndTheWordingAndListsWhatToConfirm) {
  auto fields = invoice_over("220.00", "20.00");
  set(fields, FieldId::kDocumentType, "rcti");
  Context context = plain_context();
  context.text = "Recipient created tax invoice";
  Record record = build(fields, context);
  EXPECT_THAT(record.verdict.failed, ElementsAre("TI-8", "TI-9"));
  EXPECT_EQ(record.verdict.to_confirm.size(), 4U);
  set(fields, FieldId::kBuyerName, "Grain Co-operative");
  context.text += "\nThe GST is payable by the supplier.";
  record = build(fields, context);
  EXPECT_EQ(record.verdict.result, VerdictResult::kMeets);
}

TEST(Verdict, TheReadersOwnAbnIsNoSupplierUnlessOnAnRcti) {
  auto fields = invoice_over("220.00", "20.00");
  Context context = plain_context();
  context.own_abns = {"26008672179"};
  EXPECT_NE(find_finding(build(fields, context), "supplier_is_buyer"), nullptr);
  set(fields, FieldId::kDocumentType, "rcti");
  EXPECT_EQ(find_finding(build(fields, context), "supplier_is_buyer"), nullptr);
}

TEST(Verdict, AnAdjustmentNoteNamesTheOriginalInvoice) {
  auto fields = invoice_over("-220.00", "-20.00");
  set(fields, FieldId::kDocumentType, "credit_note");
  remove(fields, FieldId::kTaxInvoiceWording);
  Record record = build(fields);
  EXPECT_THAT(record.verdict.failed, ElementsAre("AN-1"));
  EXPECT_EQ(message(record, "AN-1"), "Adjustment note lacks: the original invoice");
  set(fields, FieldId::kOriginalInvoiceNumber, "8234/98000");
  record = build(fields);
  EXPECT_EQ(record.verdict.result, VerdictResult::kMeets);
  EXPECT_EQ(find_finding(record, "total_not_positive"), nullptr);
}

TEST(Verdict, ABranchNumberIsKeptWithItsAbn) {
  auto fields = plain_invoice();
  set(fields, FieldId::kSupplierAbn, "51 824 753 556 001");
  const Record record = build(fields);
  EXPECT_EQ(text_of(record, "supplier_abn"), "51824753556");
  EXPECT_EQ(text_of(record, "supplier_gst_branch"), "001");
}

TEST(Verdict, NothingReadFailsQuietly) {
  const Record record = build(nothing_read());
  EXPECT_EQ(record.verdict.result, VerdictResult::kFails);
  EXPECT_EQ(record.verdict.band, "");
  EXPECT_THAT(record.verdict.failed, Contains("EV-1"));
}

TEST(Verdict, UnregisteredBuyersHaveNoCredit) {
  Context context = plain_context();
  context.registered_for_gst = false;
  EXPECT_FALSE(build(plain_invoice(), context).verdict.creditable_gst_cents);
}

// Two readings of a field that nothing settles.
void contest(fields::Fields& fields, FieldId id, const std::string& words, const std::string& model) {
  fields::Reading seen{
      words, {.reader = fields::Reader::kOcr, .page = 1, .box = {10, 20, 110, 40}, .raw = words, .label = ""}, 0.8};
  fields::Reading said{model, {.reader = fields::Reader::kVlm, .page = 1, .box = {}, .raw = model, .label = ""}, 0.7};
  fields::Why& why = fields.scalars.at(id).why;
  why.readings = {seen, said};
  why.contested.emplace(seen, said);
}

TEST(Verdict, ReadersThatDisagreeAreForReviewAndBothValuesAreNamed) {
  struct Case {
    FieldId id;
    std::string words, model, names_words, names_model;
  };
  for (const Case& one :
       std::vector<Case>{{FieldId::kTotalAmount, "999.99", "99.99", "$999.99", "$99.99"},
                         {FieldId::kGstAmount, "90.91", "90.01", "$90.91", "$90.01"},
                         {FieldId::kSupplierAbn, "26008672179", "51824753556", "26 008 672 179", "51 824 753 556"},
                         {FieldId::kInvoiceDate, "2026-03-14", "2026-08-14", "2026-03-14", "2026-08-14"}}) {
    SCOPED_TRACE(to_string(one.id));
    auto fields = invoice_over("999.99", "90.91");
    ASSERT_EQ(build(fields).verdict.result, VerdictResult::kMeets);
    contest(fields, one.id, one.words, one.model);
    const Record record = build(fields);
    EXPECT_EQ(record.verdict.result, VerdictResult::kReview);
    EXPECT_THAT(record.verdict.review, Contains("findings"));
    EXPECT_FALSE(record.verdict.creditable_gst_cents);
    const Finding* finding = find_finding(record, "readers_disagree");
    ASSERT_NE(finding, nullptr);
    EXPECT_THAT(finding->message, HasSubstr(one.names_words));
    EXPECT_THAT(finding->message, HasSubstr(one.names_model));
    EXPECT_EQ(finding->evidence.page, 1);
  }
}

TEST(Verdict, ReadersThatDisagreeOnWhatDecidesNothingAreNot) {
  auto fields = invoice_over("999.99", "90.91");
  contest(fields, FieldId::kSupplierPhone, "(02) 5550 1234", "(02) 5550 1284");
  EXPECT_EQ(build(fields).verdict.result, VerdictResult::kMeets);
}

}  // namespace
}  // namespace docket::record
