// How far what a model says stands in the words that another reader saw. A model fluently gives values that are not on
// the paper; a value that no other reader saw anything like is hardly evidence.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ocr/words.h"
#include "rules/money.h"

namespace docket::fields {

class SeenWords {
 public:
  explicit SeenWords(const std::vector<ocr::Words>& pages);

  // Fewer words than this say nothing about what is on the paper.
  bool enough() const { return words_ >= 8; }

  // 0: the letters and digits stand there in one piece; 1: nothing like them does, i.e. a quarter of them and more
  // would have to be edited. Words may be broken differently.
  double text_distance(std::string_view text) const;
  // 0 or 1: whether a word is this amount, whatever its sign.
  double amount_distance(rules::Cents cents) const;

 private:
  std::size_t words_ = 0;
  std::string text_;  // folded, without spaces
  std::set<rules::Cents> amounts_;
};

// The least number of edits that turn `needle` into some part of `text` (Sellers).
int best_match(std::string_view needle, std::string_view text);

}  // namespace docket::fields
