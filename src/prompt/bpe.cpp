#include "prompt/bpe.h"

#include <queue>

#include "prompt/byte_level.h"

namespace docket::prompt {

Result<Bpe> Bpe::make(std::unordered_map<std::string, TokenId> vocab,
                      const std::vector<std::pair<std::string, std::string>>& merges, bool ignore_merges,
                      const std::string& where) {
  Bpe out;
  out.vocab_ = std::move(vocab);
  out.ignore_merges_ = ignore_merges;
  const auto find = [&](const std::string& token) {
    const auto it = out.vocab_.find(token);
    return it == out.vocab_.end() ? TokenId{-1} : it->second;
  };
  for (std::size_t rank = 0; rank < merges.size(); ++rank) {
    const auto& [left, right] = merges[rank];
    const TokenId a = find(left), b = find(right), result = find(left + right);
    if (a < 0 || b < 0 || result < 0) {
      return make_error(ErrorCode::kMalformed,
                        "model.merges[" + std::to_string(rank) + "]: expected both parts and their sum in model.vocab",
                        where);
    }
    // A pair given twice keeps its later rank, as the reference's map does.
    out.merges_.insert_or_assign(key(a, b), Merge{static_cast<std::int32_t>(rank), result});
  }
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    out.byte_token_.push_back(find(to_alphabet({&c, 1})));
  }
  return out;
}

void Bpe::encode(std::string_view piece, std::vector<TokenId>& out) const {
  if (ignore_merges_) {
    if (const auto it = vocab_.find(to_alphabet(piece)); it != vocab_.end()) {
      out.push_back(it->second);
      return;
    }
  }
  std::vector<TokenId> symbols;
  symbols.reserve(piece.size());
  for (const char c : piece) {
    const TokenId id = byte_token_[static_cast<unsigned char>(c)];
    if (id >= 0) symbols.push_back(id);
  }
  merge(symbols);
  out.insert(out.end(), symbols.begin(), symbols.end());
}

// Symbols are a linked list in an array; a queue holds the candidate pairs by rank, then by place. A candidate is stale
// when one of its symbols has changed since.
void Bpe::merge(std::vector<TokenId>& symbols) const {
  struct Candidate {
    std::int32_t rank;
    int left, right;
    TokenId a, b, result;
    bool operator>(const Candidate& o) const { return rank != o.rank ? rank > o.rank : left > o.left; }
  };
  const int n = static_cast<int>(symbols.size());
  std::vector<int> next(symbols.size()), previous(symbols.size());
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue;
  const auto consider = [&](int left, int right) {
    if (left < 0 || right >= n) return;
    const TokenId a = symbols[static_cast<std::size_t>(left)], b = symbols[static_cast<std::size_t>(right)];
    if (const auto it = merges_.find(key(a, b)); it != merges_.end()) {
      queue.push({it->second.rank, left, right, a, b, it->second.result});
    }
  };
  for (int i = 0; i < n; ++i) {
    next[static_cast<std::size_t>(i)] = i + 1;
    previous[static_cast<std::size_t>(i)] = i - 1;
    consider(i - 1, i);
  }
  while (!queue.empty()) {
    const Candidate c = queue.top();
    queue.pop();
    const auto l = static_cast<std::size_t>(c.left), r = static_cast<std::size_t>(c.right);
    if (symbols[l] != c.a || symbols[r] != c.b || next[l] != c.right) continue;
    symbols[l] = c.result;
    symbols[r] = -1;
    next[l] = next[r];
    if (next[l] < n) previous[static_cast<std::size_t>(next[l])] = c.left;
    consider(previous[l], c.left);
    consider(c.left, next[l]);
  }
  std::erase(symbols, -1);
}

}  // namespace docket::prompt
