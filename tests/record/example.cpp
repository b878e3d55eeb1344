#include "tests/record/example.h"

#include <algorithm>

namespace docket::record {

using fields::FieldId;

fields::Field read_as(const std::string& value, double confidence) {
  fields::Candidate candidate;
  candidate.value = value;
  candidate.evidence = {.reader = fields::Reader::kOcr, .page = 1, .box = {10, 20, 110, 40}, .raw = value, .label = ""};
  fields::Field field;
  field.chosen = candidate;
  field.confidence = confidence;
  field.candidates = {candidate};
  return field;
}

fields::Field unseen() {
  fields::Field field;
  field.absent_reason = "not_seen";
  return field;
}

void set(fields::Fields& fields, FieldId id, const std::string& value, double confidence) {
  fields.scalars[id] = read_as(value, confidence);
}

void remove(fields::Fields& fields, FieldId id) { fields.scalars[id] = unseen(); }

void add_line(fields::Fields& fields, const std::string& description, const std::string& amount,
              const std::string& gst_code) {
  fields::LineItem item;
  item.description = description;
  item.amount = amount;
  if (!gst_code.empty()) item.gst_code = gst_code;
  item.evidence = {
      .reader = fields::Reader::kOcr, .page = 1, .box = {10, 200, 300, 220}, .raw = description, .label = ""};
  fields.line_items.push_back(item);
}

void add_payment(fields::Fields& fields, const std::string& method, const std::string& amount) {
  fields::Payment payment;
  payment.method = method;
  payment.amount = amount;
  fields.payments.push_back(payment);
}

fields::Fields nothing_read() {
  fields::Fields fields;
  for (int id = 0; id < static_cast<int>(FieldId::kCount); ++id) fields.scalars[static_cast<FieldId>(id)] = unseen();
  return fields;
}

fields::Fields plain_invoice() {
  auto fields = nothing_read();
  set(fields, FieldId::kDocumentType, "tax_invoice");
  set(fields, FieldId::kTaxInvoiceWording, "true");
  set(fields, FieldId::kSupplierName, "Bunnings Group Limited");
  set(fields, FieldId::kSupplierAbn, "26008672179");
  set(fields, FieldId::kSupplierAddress, "1 Hardware St, Parramatta NSW 2150");
  set(fields, FieldId::kSupplierPhone, "(02) 5550 1234");
  set(fields, FieldId::kInvoiceNumber, "8234/99001");
  set(fields, FieldId::kInvoiceDate, "2026-03-14");
  set(fields, FieldId::kInvoiceTime, "14:32");
  set(fields, FieldId::kCurrency, "AUD");
  set(fields, FieldId::kGstAmount, "4.25");
  set(fields, FieldId::kTotalAmount, "46.75");
  add_line(fields, "Hammer", "30.00");
  add_line(fields, "Nails 75mm", "16.75");
  add_payment(fields, "card", "46.75");
  return fields;
}

fields::Fields invoice_over(const std::string& total, const std::string& gst) {
  auto fields = plain_invoice();
  set(fields, FieldId::kTotalAmount, total);
  set(fields, FieldId::kGstAmount, gst);
  fields.line_items.clear();
  fields.payments.clear();
  add_line(fields, "Deck boards", total);
  add_payment(fields, "card", total);
  return fields;
}

Context plain_context() {
  Context context;
  context.file = "receipts/a.jpg";
  context.sha256 = std::string(64, 'a');
  context.pages = 1;
  context.page_numbers = {1};
  context.today = {2026, 11, 24};
  context.text = "TAX INVOICE\nBunnings Group Limited\nTotal 46.75";
  return context;
}

const Finding* find_finding(const Record& record, const std::string& id) {
  const auto found =
      std::find_if(record.findings.begin(), record.findings.end(), [&](const Finding& f) { return f.id == id; });
  return found == record.findings.end() ? nullptr : &*found;
}

const Check* find_check(const Record& record, const std::string& id) {
  const auto& checks = record.verdict.checks;
  const auto found = std::find_if(checks.begin(), checks.end(), [&](const Check& c) { return c.id == id; });
  return found == checks.end() ? nullptr : &*found;
}

}  // namespace docket::record
