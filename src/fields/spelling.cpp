#include "fields/spelling.h"

#include <algorithm>
#include <map>

#include "fields/text_match.h"

namespace docket::fields {
namespace {

constexpr double kFriendsShare = 0.5;  // of a near spelling's probability counts for another
constexpr double kLetterShare = 0.2;   // of the letters may differ

// What `other` has at each letter of `base` ("" for a letter that it lacks), and what it has before each and at the
// end.
struct Alignment {
  std::vector<std::string> at;      // [base]
  std::vector<std::string> before;  // [base + 1]
};

std::vector<std::vector<int>> distances(const std::string& base, const std::string& other) {
  const std::size_t n = base.size(), m = other.size();
  std::vector<std::vector<int>> cost(n + 1, std::vector<int>(m + 1));
  for (std::size_t i = 0; i <= n; ++i) cost[i][0] = static_cast<int>(i);
  for (std::size_t j = 0; j <= m; ++j) cost[0][j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= n; ++i) {
    for (std::size_t j = 1; j <= m; ++j) {
      cost[i][j] = std::min(
          {cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + (base[i - 1] == other[j - 1] ? 0 : 1)});
    }
  }
  return cost;
}

Alignment align(const std::string& base, const std::string& other) {
  const auto cost = distances(base, other);
  Alignment aligned{std::vector<std::string>(base.size()), std::vector<std::string>(base.size() + 1)};
  std::size_t i = base.size(), j = other.size();
  while (i > 0 || j > 0) {
    if (i > 0 && j > 0 && cost[i][j] == cost[i - 1][j - 1] + (base[i - 1] == other[j - 1] ? 0 : 1)) {
      aligned.at[--i] = other.substr(--j, 1);
    } else if (i > 0 && cost[i][j] == cost[i - 1][j] + 1) {
      --i;
    } else {
      aligned.before[i].insert(0, 1, other[--j]);
    }
  }
  return aligned;
}

class Ballot {
 public:
  void add(const std::string& text, double weight) { weight_[text] += weight; }
  // `usual` unless another has more weight.
  std::string winner(const std::string& usual) const {
    std::string best = usual;
    double most = weight_.count(usual) > 0 ? weight_.at(usual) : 0;
    for (const auto& [text, weight] : weight_) {
      if (weight > most + 1e-9) best = text, most = weight;
    }
    return best;
  }

 private:
  std::map<std::string, double> weight_;
};

bool near_spelling(const std::string& a, const std::string& b) {
  const double limit = kLetterShare * static_cast<double>(std::max(a.size(), b.size()));
  return edit_distance(a, b, limit) <= limit;
}

}  // namespace

std::string vote_on_letters(const std::vector<std::pair<std::string, double>>& spellings) {
  if (spellings.empty()) return {};
  const std::string& base = spellings.front().first;
  std::vector<Ballot> at(base.size()), before(base.size() + 1);
  for (const auto& [text, weight] : spellings) {
    const Alignment aligned = align(base, text);
    for (std::size_t i = 0; i < base.size(); ++i) at[i].add(aligned.at[i], weight);
    for (std::size_t i = 0; i <= base.size(); ++i) before[i].add(aligned.before[i], weight);
  }
  std::string voted;
  for (std::size_t i = 0; i <= base.size(); ++i) {
    voted += before[i].winner("");
    if (i < base.size()) voted += at[i].winner(base.substr(i, 1));
  }
  return voted;
}

std::vector<Belief> settle_spelling(std::vector<Belief> beliefs) {
  if (beliefs.size() < 2) return beliefs;
  std::vector<std::string> folded;
  folded.reserve(beliefs.size());
  for (const Belief& belief : beliefs) folded.push_back(fold(belief.candidate.value));
  std::size_t lead = 0;
  double lead_support = -1, lead_friends = 0;
  for (std::size_t i = 0; i < beliefs.size(); ++i) {
    double friends = 0;
    for (std::size_t k = 0; k < beliefs.size(); ++k) {
      if (k != i && near_spelling(folded[i], folded[k])) friends += beliefs[k].probability;
    }
    const double support = beliefs[i].probability + kFriendsShare * friends;
    if (support > lead_support) lead = i, lead_support = support, lead_friends = friends;
  }
  if (lead_friends == 0) return beliefs;

  std::vector<std::pair<std::string, double>> spellings = {{beliefs[lead].candidate.value, beliefs[lead].probability}};
  for (std::size_t k = 0; k < beliefs.size(); ++k) {
    if (k != lead && near_spelling(folded[lead], folded[k]))
      spellings.emplace_back(beliefs[k].candidate.value, beliefs[k].probability);
  }
  const std::string voted = vote_on_letters(spellings);
  const auto place = std::find(folded.begin(), folded.end(), fold(voted));
  Belief winner = beliefs[lead];
  if (place != folded.end()) {
    const auto index = place - folded.begin();
    winner = beliefs[static_cast<std::size_t>(index)];
    beliefs.erase(beliefs.begin() + index);
  } else {
    winner.candidate.value = voted;
    winner.candidate.flags.emplace_back("letters_repaired");
    winner.probability = 0;
  }
  winner.probability += kFriendsShare * (lead_friends + spellings.front().second - winner.probability);
  beliefs.insert(beliefs.begin(), std::move(winner));
  return beliefs;
}

}  // namespace docket::fields
