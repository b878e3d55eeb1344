#include "fields/pieces.h"

#include "fields/text_match.h"

namespace docket::fields {
namespace {

// "G.S.T." and "A.B.N:" as one word.
std::string without_initials_stops(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool single = i > 0 && is_letter(text[i - 1]) && (i == 1 || !is_letter(text[i - 2]));
    if (text[i] == '.' && single && i + 1 < text.size() && is_letter(text[i + 1]) &&
        (i + 2 >= text.size() || !is_letter(text[i + 2]))) {
      continue;
    }
    out += text[i];
  }
  return out;
}

}  // namespace

std::vector<Piece> pieces_of(const Line& line, std::size_t first, std::size_t last) {
  std::vector<Piece> pieces;
  for (std::size_t i = first; i < last; ++i) {
    std::string run;
    const auto flush = [&] {
      if (run.empty()) return;
      pieces.push_back({count_letters(run) > 0 ? fold_letters(run) : run, i});
      run.clear();
    };
    const std::string text = without_initials_stops(line.tokens[i].text);
    for (char c : text) {
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
