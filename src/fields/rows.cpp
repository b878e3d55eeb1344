#include "fields/rows.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

#include "fields/pieces.h"
#include "fields/text_match.h"

namespace docket::fields {
namespace {

constexpr double kNeighbourGap = 1.9;  // a label printed above or below its amount is at most this far, in text heights

double cost_of(const std::vector<KeywordHit>& hits) {
  double cost = 0;
  for (const KeywordHit& hit : hits) cost = std::max(cost, hit.cost);
  return cost;
}

void add_line(const Layout& layout, std::size_t index, Rows& rows) {
  const Line& line = layout.lines[index];
  rows.keywords.push_back(find_keywords(line, 0, line.tokens.size()));
  std::vector<Amount> amounts = find_amounts(line);
  std::size_t begin = 0;
  RowKind previous = RowKind::kNone;
  std::string previous_label;
  for (std::size_t i = 0; i < amounts.size(); ++i) {
    RowAmount row;
    row.line = index;
    row.column = i;
    row.last_on_line = i + 1 == amounts.size();
    const auto hits = find_keywords(line, begin, amounts[i].first);
    row.kind = kind_of(hits);
    row.label_cost = cost_of(hits);
    row.label = text_of(line, begin, amounts[i].first);
    // "ROUNDING 72.75" is the amount after rounding; the rounding itself is a few cents.
    if (row.kind == RowKind::kRounding && std::abs(amounts[i].cents) > 20) row.kind = RowKind::kRoundedTotal;
    if (hits.empty() && i > 0) row.kind = previous, row.label = previous_label;
    previous = row.kind;
    previous_label = row.label;
    begin = amounts[i].last;
    row.amount = std::move(amounts[i]);
    rows.amounts.push_back(std::move(row));
  }
}

std::size_t amounts_on(const Rows& rows, std::size_t line) {
  return static_cast<std::size_t>(
      std::count_if(rows.amounts.begin(), rows.amounts.end(), [&](const RowAmount& row) { return row.line == line; }));
}

// Letters on the line beside its amounts, currency marks and tax marks.
int other_letters(const Line& line, const Amount& amount) {
  int letters = 0;
  for (std::size_t i = 0; i < line.tokens.size(); ++i) {
    if (i >= amount.first && i < amount.last) continue;
    letters += count_letters(line.tokens[i].text);
  }
  return letters;
}

bool names_money(RowKind kind) {
  return kind != RowKind::kNone && kind != RowKind::kHeading && kind != RowKind::kPoints;
}

// "TOTAL :" on one line and "12.00" on the one below or above.
void join_labels_on_other_lines(const Layout& layout, Rows& rows) {
  std::vector<std::size_t> counts(layout.lines.size());
  for (const RowAmount& row : rows.amounts) ++counts[row.line];
  std::vector<bool> taken(layout.lines.size(), false);
  const auto label_kind = [&](std::size_t line) {
    if (counts[line] != 0 || taken[line]) return RowKind::kNone;
    const RowKind kind = kind_of(rows.keywords[line]);
    // A sentence that happens to hold such a word is no label.
    const bool short_enough = layout.lines[line].tokens.size() <= 8;
    return names_money(kind) && short_enough ? kind : RowKind::kNone;
  };
  for (RowAmount& row : rows.amounts) {
    if (row.kind != RowKind::kNone || counts[row.line] != 1) continue;
    if (other_letters(layout.lines[row.line], row.amount) > 2) continue;
    const std::size_t at = row.line;
    const bool above = at > 0 && layout.lines[at - 1].page == layout.lines[at].page &&
                       layout.lines[at].gap_above < kNeighbourGap && label_kind(at - 1) != RowKind::kNone;
    const bool below = at + 1 < layout.lines.size() && layout.lines[at + 1].page == layout.lines[at].page &&
                       layout.lines[at + 1].gap_above < kNeighbourGap && label_kind(at + 1) != RowKind::kNone;
    if (!above && !below) continue;
    const bool use_above = above && (!below || layout.lines[at].gap_above <= layout.lines[at + 1].gap_above);
    const std::size_t label = use_above ? at - 1 : at + 1;
    row.kind = label_kind(label);
    row.label = layout.lines[label].text;
    row.label_cost = cost_of(rows.keywords[label]);
    row.label_on_other_line = true;
    taken[label] = true;
  }
}

bool starts_tax_summary(const Rows& rows, std::size_t line) {
  const auto& hits = rows.keywords[line];
  if (!has(hits, Keyword::kTax)) return false;
  if (has(hits, Keyword::kSummary)) return true;
  if (amounts_on(rows, line) > 0 || has(hits, Keyword::kItem) || has(hits, Keyword::kQuantity) ||
      has(hits, Keyword::kDescription) || has(hits, Keyword::kPrice)) {
    return false;
  }
  return has(hits, Keyword::kRate) || has(hits, Keyword::kCode) ||
         (has(hits, Keyword::kAmount) && !has(hits, Keyword::kTotal));
}

bool stays_in_tax_summary(RowKind kind) {
  return kind == RowKind::kNone || kind == RowKind::kTax || kind == RowKind::kTotal || kind == RowKind::kHeading ||
         kind == RowKind::kAmount || kind == RowKind::kSubtotal;
}

void mark_tax_summaries(const Layout& layout, Rows& rows) {
  for (std::size_t start = 0; start < layout.lines.size(); ++start) {
    if (rows.blocks[start] == Block::kTaxSummary || !starts_tax_summary(rows, start)) continue;
    rows.blocks[start] = Block::kTaxSummary;
    int without_amounts = 0;
    for (std::size_t i = start + 1; i < layout.lines.size() && i < start + 9; ++i) {
      const bool amounts = amounts_on(rows, i) > 0;
      const RowKind kind = kind_of(rows.keywords[i]);
      if (!stays_in_tax_summary(kind)) break;
      without_amounts = amounts ? 0 : without_amounts + 1;
      if (without_amounts > 1) break;
      rows.blocks[i] = Block::kTaxSummary;
      if (amounts && kind == RowKind::kTotal) break;
    }
  }
}

bool has_eftpos_marker(const Line& line) {
  static constexpr std::array<std::string_view, 12> kWords = {
      "RRN", "STAN", "AID", "ATC", "PSN", "AUTH", "TVR", "TSI", "MERCH", "MERCHANT", "APPROVED", "APPROVAL"};
  const auto pieces = pieces_of(line, 0, line.tokens.size());
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    for (std::string_view word : kWords) {
      if (edit_distance(pieces[i].text, word, tolerance(word.size())) <= tolerance(word.size())) return true;
    }
    if (i + 1 < pieces.size() && pieces[i].text == "TERMINAL" && pieces[i + 1].text == "ID") return true;
    if (i + 1 < pieces.size() && pieces[i].text == "CUSTOMER" && pieces[i + 1].text == "COPY") return true;
    if (i + 1 < pieces.size() && pieces[i].text == "TOTAL" && pieces[i + 1].text == "AUD") return true;
  }
  return false;
}

// From the first marker to the last, when no two neighbours are far apart; a lone marker makes no block.
void mark_eftpos(const Layout& layout, Rows& rows) {
  std::vector<std::size_t> markers;
  for (std::size_t i = 0; i < layout.lines.size(); ++i) {
    if (has_eftpos_marker(layout.lines[i])) markers.push_back(i);
  }
  for (std::size_t i = 0; i + 1 < markers.size(); ++i) {
    if (markers[i + 1] - markers[i] > 7) continue;
    for (std::size_t line = markers[i]; line <= markers[i + 1]; ++line) rows.blocks[line] = Block::kEftpos;
  }
}

bool opens_totals(const RowAmount& row) { return is_total(row.kind) || row.kind == RowKind::kSubtotal; }

// The line of column heads over the items; the number of lines when there is none.
std::size_t first_heading(const Rows& rows) {
  for (std::size_t i = 0; i < rows.keywords.size(); ++i) {
    if (rows.blocks[i] == Block::kHeader && kind_of(rows.keywords[i]) == RowKind::kHeading &&
        amounts_on(rows, i) == 0) {
      return i;
    }
  }
  return rows.keywords.size();
}

void place_blocks(const Layout& layout, Rows& rows) {
  const std::size_t count = layout.lines.size();
  rows.first_item = rows.first_total = count;
  const std::size_t heading = first_heading(rows);
  for (const RowAmount& row : rows.amounts) {
    // Under column heads a row is an item whatever words it holds ("Labour  3  GST  287.40").
    const bool under_heading = row.line > heading && !opens_totals(row);
    if ((row.kind == RowKind::kNone || under_heading) && rows.blocks[row.line] == Block::kHeader) {
      rows.first_item = std::min(rows.first_item, row.line);
    }
  }
  for (const RowAmount& row : rows.amounts) {
    if (!opens_totals(row) || rows.blocks[row.line] != Block::kHeader) continue;
    if (row.line >= rows.first_item || rows.first_item == count)
      rows.first_total = std::min(rows.first_total, row.line);
  }
  rows.first_item = std::min(rows.first_item, rows.first_total);
  std::size_t last_money = 0;
  for (const RowAmount& row : rows.amounts) last_money = std::max(last_money, row.line);
  for (std::size_t i = rows.first_item; i < count; ++i) {
    if (rows.blocks[i] != Block::kHeader) continue;
    rows.blocks[i] = i < rows.first_total ? Block::kItems : i <= last_money ? Block::kTotals : Block::kFooter;
  }
}

void mark_between_totals(Rows& rows) {
  bool after_subtotal = false;
  for (std::size_t i = 0; i < rows.amounts.size(); ++i) {
    RowAmount& row = rows.amounts[i];
    if (row.kind == RowKind::kSubtotal && !row.in_tax_summary) {
      after_subtotal = std::any_of(rows.amounts.begin() + static_cast<std::ptrdiff_t>(i) + 1, rows.amounts.end(),
                                   [](const RowAmount& later) { return is_total(later.kind); });
    } else if (is_total(row.kind) || is_tender(row.kind)) {
      after_subtotal = false;
    }
    row.between_totals = after_subtotal && row.kind == RowKind::kNone && row.last_on_line;
  }
}

}  // namespace

Rows find_rows(const Layout& layout) {
  Rows rows;
  rows.blocks.assign(layout.lines.size(), Block::kHeader);
  for (std::size_t i = 0; i < layout.lines.size(); ++i) add_line(layout, i, rows);
  join_labels_on_other_lines(layout, rows);
  mark_tax_summaries(layout, rows);
  mark_eftpos(layout, rows);
  for (RowAmount& row : rows.amounts) {
    row.in_tax_summary = rows.blocks[row.line] == Block::kTaxSummary;
    row.in_eftpos = rows.blocks[row.line] == Block::kEftpos;
  }
  place_blocks(layout, rows);
  mark_between_totals(rows);
  return rows;
}

}  // namespace docket::fields
