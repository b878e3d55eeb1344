#include "ocr/mend.h"

#include <algorithm>
#include <string_view>

namespace docket::ocr {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }
bool point(char c) { return c == '.' || c == ','; }

bool begins_with_cents(std::string_view text) {
  return text.size() >= 2 && digit(text[0]) && digit(text[1]) && (text.size() == 2 || !digit(text[2]));
}

bool one_amount(std::string_view left, std::string_view right) {
  const bool point_left = left.size() >= 2 && point(left.back()) && digit(left[left.size() - 2]);
  if (point_left) return begins_with_cents(right);
  return !left.empty() && digit(left.back()) && !right.empty() && point(right.front()) &&
         begins_with_cents(right.substr(1));
}

bool side_by_side(const page::Box& left, const page::Box& right) {
  const float height = std::max(left.height(), right.height());
  const float shared = std::min(left.y1, right.y1) - std::max(left.y0, right.y0);
  const float gap = right.x0 - left.x1;
  return shared > 0.5F * std::min(left.height(), right.height()) && gap > -0.3F * height && gap < 0.9F * height;
}

Word join(const Word& left, const Word& right) {
  const auto a = static_cast<float>(left.text.size()), b = static_cast<float>(right.text.size());
  Word both = left;
  both.text += right.text;
  both.box = {std::min(left.box.x0, right.box.x0), std::min(left.box.y0, right.box.y0),
              std::max(left.box.x1, right.box.x1), std::max(left.box.y1, right.box.y1)};
  both.confidence = (a * left.confidence + b * right.confidence) / (a + b);
  return both;
}

}  // namespace

std::vector<Word> join_split_amounts(const std::vector<Word>& words) {
  std::vector<Word> mended;
  for (const Word& word : words) {
    if (!mended.empty() && one_amount(mended.back().text, word.text) && side_by_side(mended.back().box, word.box))
      mended.back() = join(mended.back(), word);
    else
      mended.push_back(word);
  }
  return mended;
}

}  // namespace docket::ocr
