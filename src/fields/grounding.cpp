#include "fields/grounding.h"

#include <algorithm>
#include <cstdlib>

#include "fields/text_match.h"

namespace docket::fields {

SeenWords::SeenWords(const std::vector<ocr::Words>& pages) {
  for (const ocr::Words& page : pages) {
    for (const ocr::Word& word : page.words) {
      ++words_;
      text_ += fold(word.text);
      if (count_digits(word.text) == 0) continue;
      if (const auto cents = rules::parse_money(word.text).cents) amounts_.insert(std::abs(*cents));
    }
  }
}

double SeenWords::text_distance(std::string_view text) const {
  const std::string needle = fold(text);
  if (needle.empty()) return 0;
  const double bearable = std::max(1.0, static_cast<double>(needle.size()) / 4);
  return std::min(1.0, best_match(needle, text_) / bearable);
}

double SeenWords::amount_distance(rules::Cents cents) const { return amounts_.contains(std::abs(cents)) ? 0 : 1; }

int best_match(std::string_view needle, std::string_view text) {
  std::vector<int> column(needle.size() + 1);  // edits for the first i letters, ending at the present place of the text
  for (std::size_t i = 0; i < column.size(); ++i) column[i] = static_cast<int>(i);
  int best = column.back();
  for (const char c : text) {
    int diagonal = 0;  // a match may begin anywhere
    for (std::size_t i = 1; i < column.size(); ++i) {
      const int left = column[i];
      column[i] = std::min({left + 1, column[i - 1] + 1, diagonal + (needle[i - 1] == c ? 0 : 1)});
      diagonal = left;
    }
    best = std::min(best, column.back());
  }
  return best;
}

}  // namespace docket::fields
