// invoice_number, purchase_order, original_invoice_number, store_id, register_id and operator.
#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "fields/finders.h"
#include "fields/text_match.h"
#include "rules/date.h"
#include "rules/time_of_day.h"

namespace docket::fields {
namespace {

constexpr std::size_t kMostCharacters = 40;

struct Wanted {
  Label label;
  FieldId field;
  std::string_view feature;
};

constexpr std::array kWanted = {
    Wanted{Label::kInvoiceNumber, FieldId::kInvoiceNumber, "number.invoice"},
    Wanted{Label::kReceiptNumber, FieldId::kInvoiceNumber, "number.receipt"},
    Wanted{Label::kPurchaseOrder, FieldId::kPurchaseOrder, "number.order"},
    Wanted{Label::kOriginalInvoice, FieldId::kOriginalInvoiceNumber, "number.original"},
    Wanted{Label::kStore, FieldId::kStoreId, "number.store"},
    Wanted{Label::kRegister, FieldId::kRegisterId, "number.register"},
    Wanted{Label::kTerminal, FieldId::kRegisterId, "number.terminal"},
    Wanted{Label::kOperator, FieldId::kOperator, "number.operator"},
};

// "#", "No", "No." and colons between a label and its number.
bool is_filler(const std::string& text) {
  const std::string folded = fold(text);
  return folded.empty() || folded == "NO" || folded == "NUMBER" || folded == "NUM" || folded == "ID" || folded == "NR";
}

std::string cleaned(std::string text) {
  while (!text.empty() && std::string_view("#:=*([").find(text.front()) != std::string_view::npos) text.erase(0, 1);
  while (!text.empty() && std::string_view(",;:)].*").find(text.back()) != std::string_view::npos) text.pop_back();
  return text;
}

bool is_code(const std::string& text, const Document& document) {
  if (text.empty() || text.size() > kMostCharacters || count_digits(text) == 0) return false;
  const std::size_t point = text.find('.');
  if (point != std::string::npos && point + 3 == text.size() && count_letters(text) == 0) return false;  // a price
  if (text.find('$') != std::string::npos || text.find('@') != std::string::npos) return false;
  const auto separators =
      std::count_if(text.begin(), text.end(), [](char c) { return c == '/' || c == '-' || c == '.'; });
  if (separators >= 2 && rules::parse_date(text, {document.context.today}).date) return false;
  return !rules::parse_time(text).value || text.find(':') == std::string::npos;
}

struct Part {
  std::size_t line, first, last;
};

// The first Token of the place that can be a code, fillers skipped.
std::optional<Part> code_in(const Document& document, const ValuePlace& place) {
  const Line& line = document.line(place.line);
  std::size_t first = place.first;
  while (first < place.last && is_filler(line.tokens[first].text)) ++first;
  if (first >= place.last || !is_code(cleaned(line.tokens[first].text), document)) return std::nullopt;
  return Part{place.line, first, first + 1};
}

// One or two words of letters: "Harper", "Alice A"; or a staff number.
std::optional<Part> person_in(const Document& document, const ValuePlace& place) {
  const Line& line = document.line(place.line);
  std::size_t first = place.first;
  while (first < place.last && is_filler(line.tokens[first].text)) ++first;
  if (first >= place.last || fold(line.tokens[first].text) == "BY") ++first;
  if (first >= place.last) return std::nullopt;
  std::size_t last = first + 1;
  const bool name = count_letters(line.tokens[first].text) > 1;
  while (name && last < place.last && last < first + 2 && count_digits(line.tokens[last].text) == 0 &&
         line.tokens[last].box.x0 - line.tokens[last - 1].box.x1 < 1.3 * line.height &&
         !fold(line.tokens[last].text).empty()) {
    ++last;
  }
  return Part{place.line, first, last};
}

void add(const Document& document, const Wanted& wanted, std::size_t line, std::size_t h, Candidates& candidates) {
  const auto& hits = document.labels[line];
  const LabelHit& hit = hits[h];
  const bool person = wanted.field == FieldId::kOperator;
  const auto read = [&](const ValuePlace& place) {
    return person ? person_in(document, place) : code_in(document, place);
  };
  std::optional<Part> part;
  bool under = false;
  if (const auto right = right_of(document.layout, line, hits, h)) part = read(*right);
  // Glued: "#INV17091", "Reg016".
  if (!part && !person) {
    if (const auto place = below(document.layout, line, hit); place && hit.last >= 1) {
      // A table's head names what stands under it; a title with nothing beside it does not.
      const bool beside_others = hits.size() > 1 || document.line(line).cells.size() > 1;
      if (beside_others) part = read(*place), under = part.has_value();
    }
  }
  if (!part) return;
  const Line& value_line = document.line(part->line);
  Candidate candidate;
  candidate.evidence = evidence_of(value_line, part->first, part->last, label_text(document, line, hit));
  candidate.value = cleaned(candidate.evidence.raw);
  if (candidate.value.empty()) return;
  weigh(candidate, "number.bias");
  weigh(candidate, wanted.feature);
  weigh(candidate, "number.label_cost", hit.cost);
  if (under) weigh(candidate, "number.below");
  if (document.rows.blocks[line] == Block::kEftpos) weigh(candidate, "number.in_eftpos");
  if (document.rows.blocks[line] == Block::kItems) weigh(candidate, "number.in_items");
  weigh(candidate, "number.confidence", confidence_of(value_line, part->first, part->last) - 0.85);
  if (wanted.field == FieldId::kInvoiceNumber && count_digits(candidate.value) < 3) {
    weigh(candidate, "number.few_digits");
  }
  candidates.add(wanted.field, std::move(candidate));
}

}  // namespace

void find_numbers(const Document& document, Candidates& candidates) {
  for (std::size_t i = 0; i < document.line_count(); ++i) {
    for (std::size_t h = 0; h < document.labels[i].size(); ++h) {
      for (const Wanted& wanted : kWanted) {
        if (wanted.label == document.labels[i][h].label) add(document, wanted, i, h, candidates);
      }
    }
  }
}

}  // namespace docket::fields
