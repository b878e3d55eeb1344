// Bpe: byte-pair encoding of one piece of text over a byte-level vocabulary.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/result.h"

namespace docket::prompt {

using TokenId = std::int32_t;

class Bpe {
 public:
  // `vocab`: characters of the byte-level alphabet -> id. `merges`: pairs in order of rank. Errors: kMalformed for a
  // merge whose parts or whose result are not in the vocabulary.
  static Result<Bpe> make(std::unordered_map<std::string, TokenId> vocab,
                          const std::vector<std::pair<std::string, std::string>>& merges, bool ignore_merges,
                          const std::string& where);

  // Appends the ids of `piece` (raw bytes). A piece that is itself a token is that token when ignore_merges is set;
  // otherwise the adjacent pair of lowest rank is merged, leftmost first, until none is left. A byte without a token
  // vanishes, as in the reference without an unknown token. Cost: n log n in the bytes of the piece.
  void encode(std::string_view piece, std::vector<TokenId>& out) const;

  const std::unordered_map<std::string, TokenId>& vocab() const { return vocab_; }

 private:
  struct Merge {
    std::int32_t rank;
    TokenId result;
  };
  static std::uint64_t key(TokenId a, TokenId b) {
    return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(a)) << 32) | static_cast<std::uint32_t>(b);
  }
  void merge(std::vector<TokenId>& symbols) const;

  std::unordered_map<std::string, TokenId> vocab_;
  std::unordered_map<std::uint64_t, Merge> merges_;
  std::vector<TokenId> byte_token_;  // 256; -1 for a byte without a token
  bool ignore_merges_ = false;
};

}  // namespace docket::prompt
