// Words laid out as a receipt printer would: a line of text becomes words on a grid of 10 x 30 pixel characters.
#pragma once

#include <string>
#include <vector>

#include "fields/read_fields.h"
#include "ocr/words.h"

namespace docket::fields {

// Runs of spaces are kept as distance, so columns stand where the text has them.
inline ocr::Words page_of(const std::vector<std::string>& lines, float confidence = 0.95F) {
  ocr::Words page;
  for (std::size_t row = 0; row < lines.size(); ++row) {
    const std::string& line = lines[row];
    for (std::size_t i = 0; i < line.size();) {
      if (line[i] == ' ') {
        ++i;
        continue;
      }
      std::size_t end = i;
      while (end < line.size() && line[end] != ' ') ++end;
      ocr::Word word;
      word.text = line.substr(i, end - i);
      const auto y = static_cast<float>(40 + 32 * row);
      word.box = {40 + 10 * static_cast<float>(i), y, 40 + 10 * static_cast<float>(end), y + 20};
      word.confidence = confidence;
      page.words.push_back(word);
      i = end;
    }
  }
  return page;
}

inline Context test_context() {
  Context context;
  context.today = {2026, 11, 24};
  return context;
}

inline Fields read(const std::vector<std::string>& lines) { return read_fields({page_of(lines)}, test_context()); }

// The chosen value, or "-" for NOT_FOUND.
inline std::string value(const Fields& fields, FieldId id) {
  const Field& field = fields.scalars.at(id);
  return field.chosen ? field.chosen->value : "-";
}

}  // namespace docket::fields
