// document_type, tax_invoice_wording, gst_statement and currency.
#include <algorithm>
#include <optional>
#include <string>

#include "fields/finders.h"
#include "fields/text_match.h"
#include "rules/document_type.h"

namespace docket::fields {
namespace {

using rules::DocumentType;

Candidate line_candidate(const Document& document, std::size_t line, std::string value) {
  Candidate candidate;
  candidate.value = std::move(value);
  candidate.evidence = evidence_of(document.line(line), 0, document.line(line).tokens.size());
  return candidate;
}

// A title says what the paper is; the same words inside a sentence or beside a number only hint at it.
bool is_title(const Line& line) { return line.tokens.size() <= 5 || line.relative_height > 1.3; }

std::string_view strength(DocumentType type) {
  switch (type) {
    case DocumentType::kReceipt:
      return "kind.receipt";
    case DocumentType::kInvoice:
      return "kind.invoice";
    case DocumentType::kTaxInvoice:
      return "kind.tax_invoice";
    default:
      return "kind.special";
  }
}

void find_type(const Document& document, Candidates& candidates) {
  bool amounts = false, eftpos = false;
  for (const RowAmount& row : document.rows.amounts) amounts = amounts || !row.in_eftpos;
  for (Block block : document.rows.blocks) eftpos = eftpos || block == Block::kEftpos;
  for (std::size_t i = 0; i < document.line_count(); ++i) {
    const Line& line = document.line(i);
    if (line.tokens.size() > 12) continue;
    auto type = rules::document_type_by_words(line.text);
    if (!type) continue;
    // "Purchase order: 4711" names another paper, "Invoice: 4711" this one's number.
    const bool numbered = count_digits(line.text) > 0 && *type != DocumentType::kTaxInvoice;
    if (numbered && strength(*type) == "kind.special") continue;
    // An adjustment note is the tax law's name for a credit note.
    const bool adjustment = *type == DocumentType::kAdjustmentNote;
    if (adjustment) type = DocumentType::kCreditNote;
    Candidate candidate = line_candidate(document, i, std::string(rules::to_string(*type)));
    if (adjustment) candidate.flags.emplace_back("adjustment_note");
    if (numbered) weigh(candidate, "kind.numbered");
    weigh(candidate, "kind.bias");
    weigh(candidate, strength(*type));
    const bool special = strength(*type) == "kind.special";
    if (is_title(line)) weigh(candidate, special ? "kind.special_title" : "kind.title");
    if (document.rows.blocks[i] != Block::kHeader)
      weigh(candidate, special ? "kind.special_below" : "kind.below_header");
    candidates.add(FieldId::kDocumentType, std::move(candidate));
  }
  std::size_t total = document.rows.amounts.empty() ? 0 : document.rows.amounts.back().line;
  if (document.rows.amounts.empty()) return;
  // Nothing names it: a paper with prices is a receipt, a card slip alone an EFTPOS slip.
  Candidate candidate = line_candidate(document, total, amounts || !eftpos ? "receipt" : "eftpos_slip");
  weigh(candidate, "kind.by_prices");
  candidates.add(FieldId::kDocumentType, std::move(candidate));
}

void find_wording(const Document& document, Candidates& candidates) {
  for (std::size_t i = 0; i < document.line_count(); ++i) {
    const Line& line = document.line(i);
    if (!rules::says_tax_invoice(line.text) || line.tokens.size() > 14) continue;
    const auto place = find_phrase(line, "TAX INVOICE");
    Candidate candidate = line_candidate(document, i, "true");
    if (place) candidate.evidence = evidence_of(line, place->first, place->last);
    weigh(candidate, "kind.wording");
    if (document.rows.blocks[i] == Block::kHeader || is_title(line)) weigh(candidate, "kind.wording_title");
    candidates.add(FieldId::kTaxInvoiceWording, std::move(candidate));
  }
}

void find_statement(const Document& document, Candidates& candidates) {
  for (std::size_t i = 0; i < document.line_count(); ++i) {
    const Line& line = document.line(i);
    if (!rules::says_total_includes_gst(line.text)) continue;
    const bool priced = std::any_of(document.rows.amounts.begin(), document.rows.amounts.end(),
                                    [&](const RowAmount& row) { return row.line == i; });
    if (priced) continue;  // "Total includes GST 1.66" gives the amount itself
    Candidate candidate = line_candidate(document, i, "true");
    weigh(candidate, "kind.statement");
    candidates.add(FieldId::kGstStatement, std::move(candidate));
  }
}

}  // namespace

void find_kind(const Document& document, Candidates& candidates) {
  find_type(document, candidates);
  find_wording(document, candidates);
  find_statement(document, candidates);
  if (document.line_count() == 0) return;
  Candidate currency;
  currency.value = document.facts.currency;
  currency.evidence = document.facts.currency_evidence;
  weigh(currency, document.facts.currency_evidence.reader == Reader::kNone ? "currency.assumed" : "currency.printed");
  if (currency.evidence.reader == Reader::kNone) currency.flags.emplace_back("assumed");
  candidates.add(FieldId::kCurrency, std::move(currency));
}

}  // namespace docket::fields
