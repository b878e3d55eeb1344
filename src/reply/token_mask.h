// TokenMask: one bit a token of the vocabulary.
#pragma once

#include <cstdint>
#include <vector>

#include "prompt/bpe.h"

namespace docket::reply {

struct TokenMask {
  std::vector<std::uint64_t> words;

  explicit TokenMask(std::size_t tokens = 0) : words((tokens + 63) / 64, 0) {}
  void set(prompt::TokenId id) { words[static_cast<std::size_t>(id) / 64] |= std::uint64_t{1} << (id % 64); }
  bool test(prompt::TokenId id) const {
    const std::size_t word = static_cast<std::size_t>(id) / 64;
    return word < words.size() && ((words[word] >> (id % 64)) & 1) != 0;
  }
  std::size_t count() const {
    std::size_t n = 0;
    for (const std::uint64_t w : words) n += static_cast<std::size_t>(__builtin_popcountll(w));
    return n;
  }
};

}  // namespace docket::reply
