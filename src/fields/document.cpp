#include "fields/document.h"

#include <algorithm>

#include "fields/text_match.h"

namespace docket::fields {
namespace {

constexpr std::size_t kBuyerLines = 5;

bool stays_with_buyer(Label label) {
  return label == Label::kAbn || label == Label::kAcn || label == Label::kPhone || label == Label::kEmail;
}

// The cell of `line` that begins under a label at x0, give or take a few characters.
const Cell* cell_under(const Line& line, double x0, double slack) {
  for (const Cell& cell : line.cells) {
    const double left = line.tokens[cell.first].box.x0;
    if (left > x0 - slack && left < x0 + slack) return &cell;
  }
  return nullptr;
}

void add_lines_below(const Document& document, std::size_t line, double x0, std::vector<ValuePlace>& places) {
  const double slack = 3 * document.line(line).height;
  for (std::size_t next = line + 1; next < document.line_count() && next <= line + kBuyerLines; ++next) {
    const Line& under = document.line(next);
    if (under.page != document.line(line).page || under.gap_above > 2.6) break;
    const Cell* cell = cell_under(under, x0, slack);
    if (cell == nullptr) continue;
    bool ends = false;
    for (const LabelHit& hit : document.labels[next]) {
      if (hit.first >= cell->first && hit.first < cell->last && !stays_with_buyer(hit.label)) ends = true;
    }
    const bool priced = std::any_of(document.rows.amounts.begin(), document.rows.amounts.end(),
                                    [&](const RowAmount& row) { return row.line == next; });
    if (ends || priced || kind_of(find_keywords(under, cell->first, cell->last)) == RowKind::kHeading) break;
    places.push_back({next, cell->first, cell->last, true});
  }
}

std::vector<ValuePlace> buyer_places(const Document& document) {
  std::vector<ValuePlace> places;
  for (std::size_t i = 0; i < document.line_count() && places.empty(); ++i) {
    const auto& hits = document.labels[i];
    for (std::size_t h = 0; h < hits.size(); ++h) {
      if (hits[h].label != Label::kBillTo || document.rows.blocks[i] == Block::kEftpos) continue;
      const std::string& last_word = document.line(i).tokens[hits[h].last - 1].text;
      if (fold(last_word) == "TO" && hits[h].last == hits[h].first + 1 && last_word.back() != ':') continue;
      if (const auto right = right_of(document.layout, i, hits, h)) {
        // Of what follows on the line only the first cell.
        ValuePlace place = *right;
        for (const Cell& cell : document.line(i).cells) {
          if (cell.first <= place.first && place.first < cell.last) place.last = std::min(place.last, cell.last);
        }
        places.push_back(place);
      }
      add_lines_below(document, i, document.line(i).tokens[hits[h].first].box.x0, places);
      break;
    }
  }
  return places;
}

}  // namespace

bool Document::is_buyer(std::size_t line_index, std::size_t token) const {
  return std::any_of(buyer.begin(), buyer.end(), [&](const ValuePlace& place) {
    return place.line == line_index && token >= place.first && token < place.last;
  });
}

Document open_document(const std::vector<ocr::Words>& pages, const Context& context) {
  Document document;
  document.context = context;
  document.layout = lay_out(pages);
  document.rows = find_rows(document.layout);
  document.facts = find_facts(document.layout, context);
  for (const Line& line : document.layout.lines) document.labels.push_back(find_labels(line));
  document.buyer = buyer_places(document);
  return document;
}

std::string label_text(const Document& document, std::size_t line, const LabelHit& hit) {
  return text_of(document.line(line), hit.first, hit.last);
}

}  // namespace docket::fields
