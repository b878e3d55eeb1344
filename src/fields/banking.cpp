// bank_bsb, bank_account, bank_account_name, bpay_biller and bpay_ref: how the supplier wants to be paid.
#include <algorithm>
#include <optional>

#include "fields/finders.h"
#include "fields/text_match.h"
#include "rules/bank.h"

namespace docket::fields {
namespace {

// A number in the place, of one to three Tokens, that `parse` takes.
template <typename Parse>
void add_number(const Document& document, std::size_t line, std::size_t h, FieldId field, std::string_view feature,
                Parse parse, Candidates& candidates) {
  const auto& hits = document.labels[line];
  std::optional<ValuePlace> place = right_of(document.layout, line, hits, h);
  if (!place || count_digits(document.line(place->line).tokens[place->first].text) == 0) {
    place = below(document.layout, line, hits[h]);
  }
  if (!place) return;
  const Line& value_line = document.line(place->line);
  std::size_t first = place->first;
  while (first < place->last && count_digits(value_line.tokens[first].text) == 0) ++first;
  for (std::size_t last = std::min(place->last, first + 3); last > first; --last) {
    const auto value = parse(text_of(value_line, first, last));
    if (!value) continue;
    Candidate candidate;
    candidate.value = *value;
    candidate.evidence = evidence_of(value_line, first, last, label_text(document, line, hits[h]));
    weigh(candidate, feature);
    weigh(candidate, "number.label_cost", hits[h].cost);
    candidates.add(field, std::move(candidate));
    return;
  }
}

std::optional<std::string> digits_of(const std::string& text, std::size_t least, std::size_t most) {
  std::string digits;
  for (char c : text) {
    if (is_digit(c)) digits += c;
    if (is_letter(c)) return std::nullopt;
  }
  if (digits.size() < least || digits.size() > most) return std::nullopt;
  return digits;
}

bool near_bank_words(const Document& document, std::size_t line) {
  const std::size_t begin = line >= 4 ? line - 4 : 0, end = std::min(document.line_count(), line + 5);
  for (std::size_t i = begin; i < end; ++i) {
    for (const LabelHit& hit : document.labels[i]) {
      if (hit.label == Label::kBsb) return true;
    }
    if (find_phrase(document.line(i), "BPAY") || find_phrase(document.line(i), "BANK DETAILS")) return true;
  }
  return false;
}

void add_name(const Document& document, std::size_t line, std::size_t h, Candidates& candidates) {
  const auto place = right_of(document.layout, line, document.labels[line], h);
  if (!place || count_letters(document.line(place->line).text) < 3) return;
  Candidate candidate;
  candidate.evidence =
      evidence_of(document.line(line), place->first, place->last, label_text(document, line, document.labels[line][h]));
  candidate.value = candidate.evidence.raw;
  weigh(candidate, "bank.name");
  candidates.add(FieldId::kBankAccountName, std::move(candidate));
}

}  // namespace

void find_banking(const Document& document, Candidates& candidates) {
  for (std::size_t i = 0; i < document.line_count(); ++i) {
    if (document.rows.blocks[i] == Block::kEftpos) continue;
    for (std::size_t h = 0; h < document.labels[i].size(); ++h) {
      const Label label = document.labels[i][h].label;
      if (label == Label::kBsb) {
        add_number(document, i, h, FieldId::kBankBsb, "bank.bsb", rules::parse_bsb, candidates);
      }
      if (!near_bank_words(document, i)) continue;
      if (label == Label::kAccountNumber) {
        add_number(document, i, h, FieldId::kBankAccount, "bank.account", rules::parse_account, candidates);
      }
      if (label == Label::kAccountName) add_name(document, i, h, candidates);
      if (label == Label::kBpayBiller) {
        add_number(
            document, i, h, FieldId::kBpayBiller, "bank.biller",
            [](const std::string& text) { return digits_of(text, 3, 10); }, candidates);
      }
      const bool biller =
          find_phrase(document.line(i), "BILLER") || (i > 0 && find_phrase(document.line(i - 1), "BILLER"));
      if ((label == Label::kBpayReference || label == Label::kReceiptNumber) && biller) {
        add_number(
            document, i, h, FieldId::kBpayRef, "bank.reference",
            [](const std::string& text) { return digits_of(text, 5, 20); }, candidates);
      } else if (label == Label::kBpayReference) {
        add_number(
            document, i, h, FieldId::kBpayRef, "bank.reference_elsewhere",
            [](const std::string& text) { return digits_of(text, 5, 20); }, candidates);
      }
    }
  }
}

}  // namespace docket::fields
