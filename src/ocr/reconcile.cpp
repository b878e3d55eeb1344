#include "ocr/reconcile.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <string>
#include <utility>

namespace docket::ocr {
namespace {

constexpr float kSameRow = 0.5F;     // of the lower height
constexpr float kSameColumn = 0.4F;  // of the lesser width
constexpr float kSureAlone = 0.5F;   // confidence that a word needs when only the second reading has it

float overlap(float a0, float a1, float b0, float b1) { return std::min(a1, b1) - std::max(a0, b0); }

bool same_spot(const page::Box& a, const page::Box& b) {
  return overlap(a.y0, a.y1, b.y0, b.y1) > kSameRow * std::min(a.height(), b.height()) &&
         overlap(a.x0, a.x1, b.x0, b.x1) > kSameColumn * std::min(a.width(), b.width());
}

// Words of both readings on one spot, as indices.
struct Group {
  std::vector<std::size_t> base, other;
};

class Groups {
 public:
  Groups(const std::vector<Word>& base, const std::vector<Word>& other) : parent_(base.size() + other.size()) {
    std::iota(parent_.begin(), parent_.end(), std::size_t{0});
    for (std::size_t i = 0; i < base.size(); ++i)
      for (std::size_t j = 0; j < other.size(); ++j)
        if (same_spot(base[i].box, other[j].box)) parent_[root(base.size() + j)] = root(i);
    groups_.resize(parent_.size());
    for (std::size_t i = 0; i < base.size(); ++i) groups_[root(i)].base.push_back(i);
    for (std::size_t j = 0; j < other.size(); ++j) groups_[root(base.size() + j)].other.push_back(j);
  }

  const std::vector<Group>& all() const { return groups_; }

 private:
  std::size_t root(std::size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }

  std::vector<std::size_t> parent_;
  std::vector<Group> groups_;
};

// One reading's words on one spot, left to right.
std::vector<Word> take(const std::vector<Word>& words, const std::vector<std::size_t>& indices) {
  std::vector<Word> taken;
  taken.reserve(indices.size());
  for (const std::size_t i : indices) taken.push_back(words[i]);
  std::stable_sort(taken.begin(), taken.end(), [](const Word& a, const Word& b) { return a.box.x0 < b.box.x0; });
  return taken;
}

std::string joined(const std::vector<Word>& words) {
  std::string text;
  for (const Word& word : words) text += word.text;
  return text;
}

float confidence(const std::vector<Word>& words) {
  float letters = 0, sum = 0;
  for (const Word& word : words) {
    const auto length = static_cast<float>(word.text.size());
    letters += length;
    sum += length * word.confidence;
  }
  return letters > 0 ? sum / letters : 0;
}

float covered(const std::vector<Word>& words) {
  float width = 0;
  for (const Word& word : words) width += word.box.width();
  return width;
}

// The better reading of one spot where both have words.
std::vector<Word> choose(std::vector<Word> base, std::vector<Word> other) {
  if (joined(base) == joined(other)) {
    // Parted words keep labels and amounts apart, which joined ones cannot give back.
    if (other.size() > base.size()) std::swap(base, other);
    for (Word& word : base) word.confidence = std::max(word.confidence, confidence(other));
    return base;
  }
  const float base_width = covered(base), other_width = covered(other), widest = std::max(base_width, other_width);
  const float base_score = confidence(base) * std::sqrt(base_width / widest);
  const float other_score = confidence(other) * std::sqrt(other_width / widest);
  return base_score >= other_score ? base : other;
}

}  // namespace

double median_height(const std::vector<Word>& words) {
  if (words.empty()) return 0;
  std::vector<float> heights;
  heights.reserve(words.size());
  for (const Word& word : words) heights.push_back(word.box.height());
  const auto middle = heights.begin() + static_cast<std::ptrdiff_t>(heights.size() / 2);
  std::nth_element(heights.begin(), middle, heights.end());
  return static_cast<double>(*middle);
}

std::vector<Word> reconcile(const std::vector<Word>& base, const std::vector<Word>& other) {
  const auto usual = static_cast<float>(median_height(base.empty() ? other : base));
  std::vector<Word> kept, added;
  const Groups groups(base, other);
  for (const Group& group : groups.all()) {
    if (group.other.empty()) {
      for (const std::size_t i : group.base) kept.push_back(base[i]);
    } else if (group.base.empty()) {
      const Word& word = other[group.other.front()];
      const bool text_sized = word.box.height() > 0.4F * usual && word.box.height() < 3 * usual;
      if (word.confidence >= kSureAlone && text_sized) added.push_back(word);
    } else {
      for (Word& word : choose(take(base, group.base), take(other, group.other))) kept.push_back(std::move(word));
    }
  }
  kept.insert(kept.end(), std::make_move_iterator(added.begin()), std::make_move_iterator(added.end()));
  return kept;
}

std::vector<Word> in_reading_order(std::vector<Word> words) {
  std::stable_sort(words.begin(), words.end(),
                   [](const Word& a, const Word& b) { return a.box.center_y() < b.box.center_y(); });
  struct Line {
    float top = 0, bottom = 0;
    std::vector<Word> words;
  };
  std::vector<Line> lines;
  for (Word& word : words) {
    Line* home = nullptr;
    // A word belongs to one of the last lines begun, or begins one.
    for (std::size_t back = 0; back < std::min<std::size_t>(4, lines.size()) && home == nullptr; ++back) {
      Line& line = lines[lines.size() - 1 - back];
      const float shared = overlap(line.top, line.bottom, word.box.y0, word.box.y1);
      if (shared > kSameRow * std::min(line.bottom - line.top, word.box.height())) home = &line;
    }
    if (home == nullptr) {
      lines.push_back({word.box.y0, word.box.y1, {}});
      home = &lines.back();
    }
    home->words.push_back(std::move(word));
  }
  std::vector<Word> ordered;
  for (Line& line : lines) {
    std::stable_sort(line.words.begin(), line.words.end(),
                     [](const Word& a, const Word& b) { return a.box.x0 < b.box.x0; });
    for (Word& word : line.words) ordered.push_back(std::move(word));
  }
  return ordered;
}

}  // namespace docket::ocr
