// TokenTrie: the vocabulary's tokens by their bytes, laid out so that one forward walk meets every token and can leap
// over all tokens below a prefix.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "prompt/tokenizer.h"

namespace docket::reply {

class TokenTrie {
 public:
  // Tokens of `tokenizer` below `vocab_size` (the width of a row of logits) that are not special.
  static TokenTrie make(const prompt::Tokenizer& tokenizer, prompt::TokenId vocab_size);

  // Nodes in depth-first order. A node's subtree is [i, skip).
  struct Node {
    std::uint8_t byte = 0;
    std::uint16_t depth = 0;  // of its byte, from 0
    std::int32_t skip = 0;    // the first node behind its subtree
    std::int32_t tokens = 0;  // first in `ids` of the tokens that end here; the next node's is one past the last
  };
  const std::vector<Node>& nodes() const { return nodes_; }  // the last one only bounds the others
  const std::vector<prompt::TokenId>& ids() const { return ids_; }
  std::size_t vocab_size() const { return vocab_size_; }

  // Whether each of the 256 bytes is a token by itself: then any text can be written.
  bool has_every_byte() const { return has_every_byte_; }

 private:
  std::vector<Node> nodes_;
  std::vector<prompt::TokenId> ids_;
  std::size_t vocab_size_ = 0;
  bool has_every_byte_ = false;
};

}  // namespace docket::reply
