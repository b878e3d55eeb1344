// One document as the finders see it: its lines, money rows, labels and what it says about where it comes from.
#pragma once

#include <vector>

#include "fields/context.h"
#include "fields/facts.h"
#include "fields/labels.h"
#include "fields/layout.h"
#include "fields/rows.h"

namespace docket::fields {

struct Document {
  Layout layout;
  Rows rows;
  Facts facts;
  std::vector<std::vector<LabelHit>> labels;  // [lines]
  std::vector<ValuePlace> buyer;              // what stands under or behind "bill to", "customer", ...
  Context context;

  const Line& line(std::size_t index) const { return layout.lines[index]; }
  std::size_t line_count() const { return layout.lines.size(); }
  bool is_buyer(std::size_t line, std::size_t token) const;
};

Document open_document(const std::vector<ocr::Words>& pages, const Context& context);

// The printed words of a label.
std::string label_text(const Document& document, std::size_t line, const LabelHit& hit);

}  // namespace docket::fields
