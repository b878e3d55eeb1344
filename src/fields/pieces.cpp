#include "fields/pieces.h"

#include "fields/text_match.h"

namespace docket::fields {

std::vector<Piece> pieces_of(const Line& line, std::size_t first, std::size_t last) {
  std::vector<Piece> pieces;
  for (std::size_t i = first; i < last; ++i) {
    std::string run;
    const auto flush = [&] {
      if (run.empty()) return;
      pieces.push_back({count_letters(run) > 0 ? fold_letters(run) : run, i});
      run.clear();
    };
    for (char c : line.tokens[i].text) {
      // OCR reads I and L as a bar, S as a dollar or section sign inside words.
      if (is_letter(c) || is_digit(c)) {
        run += c;
      } else if (c == '|' || c == '!' || c == ']' || c == '[') {
        run += 'I';
      } else if (c == '\'') {
        continue;
      } else {
        flush();
      }
    }
    flush();
  }
  return pieces;
}

}  // namespace docket::fields
