// fuel_grade, litres and price_per_litre: "34.92 L @ 158.8 c/L  55.45". Litres times price must give the amount.
#include <algorithm>
#include <cstdlib>
#include <optional>

#include "fields/finders.h"
#include "fields/text_match.h"
#include "rules/money.h"

namespace docket::fields {
namespace {

bool is_litre_word(const std::string& folded) {
  return folded == "L" || folded == "LTR" || folded == "LTRS" || folded == "LITRE" || folded == "LITRES";
}

struct Measure {
  std::int64_t e4 = 0;
  std::size_t first = 0, last = 0;
};

// "34.92 L", "34.92L", "65.53 litres".
std::optional<Measure> litres_on(const Line& line) {
  for (std::size_t i = 0; i < line.tokens.size(); ++i) {
    const std::string& text = line.tokens[i].text;
    std::size_t digits = 0;
    while (digits < text.size() && (is_digit(text[digits]) || text[digits] == '.')) ++digits;
    if (digits < 3 || text.find('.') == std::string::npos) continue;
    const bool glued = is_litre_word(fold(text.substr(digits)));
    const bool next =
        digits == text.size() && i + 1 < line.tokens.size() && is_litre_word(fold(line.tokens[i + 1].text));
    if (!glued && !next) continue;
    const auto rate = rules::parse_rate(text.substr(0, digits));
    if (rate.value) return Measure{*rate.value, i, i + (next ? 2u : 1u)};
  }
  return std::nullopt;
}

// What follows "@" or "x": "158.8 c/L", "$1.497 /L", "2.166/L", "1.707".
std::optional<Measure> price_on(const Line& line, std::size_t begin) {
  for (std::size_t i = begin; i < line.tokens.size(); ++i) {
    const std::string folded = fold(line.tokens[i].text);
    const bool at = line.tokens[i].text[0] == '@' || folded == "X";
    if (!at) continue;
    const bool glued = count_digits(line.tokens[i].text) > 0;
    const std::size_t first = glued ? i : i + 1;
    if (first >= line.tokens.size()) return std::nullopt;
    std::string text = line.tokens[first].text;
    if (glued) text.erase(0, 1);
    std::size_t last = first + 1;
    if (last < line.tokens.size() && line.tokens[last].text.find('/') != std::string::npos) {
      text += ' ' + line.tokens[last].text;
      ++last;
    }
    const auto rate = rules::parse_rate(text);
    if (!rate.value) return std::nullopt;
    return Measure{*rate.value, first, last};
  }
  return std::nullopt;
}

void add(const Document& document, std::size_t line, const Measure& measure, FieldId field, bool product_fits,
         std::string value, Candidates& candidates) {
  Candidate candidate;
  candidate.value = std::move(value);
  candidate.evidence = evidence_of(document.line(line), measure.first, measure.last);
  weigh(candidate, "fuel.bias");
  if (product_fits) weigh(candidate, "fuel.product_fits");
  candidates.add(field, std::move(candidate));
}

// Decimals as printed for litres ("61.70"), three for the price ("1.497").
std::string litres_text(const Line& line, const Measure& measure) {
  std::string text = line.tokens[measure.first].text;
  std::size_t end = 0;
  while (end < text.size() && (is_digit(text[end]) || text[end] == '.')) ++end;
  return text.substr(0, end);
}

std::string price_text(std::int64_t e4) {
  std::string text = rules::format_rate(e4);
  if (text.find('.') == std::string::npos) text += '.';
  while (text.size() - text.find('.') - 1 < 3) text += '0';
  return text;
}

void add_grade(const Document& document, std::size_t fuel_line, Candidates& candidates) {
  const std::size_t begin = fuel_line >= 3 ? fuel_line - 3 : 0;
  for (std::size_t i = begin; i <= fuel_line; ++i) {
    for (std::size_t h = 0; h < document.labels[i].size(); ++h) {
      if (document.labels[i][h].label != Label::kPump) continue;
      const auto place = right_of(document.layout, i, document.labels[i], h);
      if (!place) continue;
      const Line& line = document.line(i);
      std::size_t first = place->first;
      while (first < place->last && count_letters(line.tokens[first].text) == 0) ++first;
      std::size_t last = first;
      while (last < place->last && line.tokens[last].text.find('.') == std::string::npos) ++last;
      // A rule between columns, or a speck, is not of the name.
      while (last > first && count_letters(line.tokens[last - 1].text) + count_digits(line.tokens[last - 1].text) == 0)
        --last;
      if (first >= last) continue;
      Candidate candidate;
      candidate.evidence = evidence_of(line, first, last, label_text(document, i, document.labels[i][h]));
      candidate.value = candidate.evidence.raw;
      weigh(candidate, "fuel.grade");
      candidates.add(FieldId::kFuelGrade, std::move(candidate));
    }
  }
}

}  // namespace

void find_fuel(const Document& document, Candidates& candidates) {
  for (std::size_t i = 0; i < document.line_count(); ++i) {
    const Line& line = document.line(i);
    const auto litres = litres_on(line);
    if (!litres) continue;
    const auto price = price_on(line, litres->last);
    if (!price) continue;
    const auto product = rules::extended_price(litres->e4, price->e4);
    const bool fits =
        product && std::any_of(document.rows.amounts.begin(), document.rows.amounts.end(),
                               [&](const RowAmount& row) { return std::abs(row.amount.cents - *product) <= 1; });
    add(document, i, *litres, FieldId::kLitres, fits, litres_text(line, *litres), candidates);
    add(document, i, *price, FieldId::kPricePerLitre, fits, price_text(price->e4), candidates);
    add_grade(document, i, candidates);
  }
}

}  // namespace docket::fields
