#include "reply/token_trie.h"

#include <algorithm>

namespace docket::reply {

TokenTrie TokenTrie::make(const prompt::Tokenizer& tokenizer, prompt::TokenId vocab_size) {
  constexpr std::size_t kMaxTokenBytes = 60'000;  // depth is 16 bits
  std::vector<std::pair<std::string_view, prompt::TokenId>> tokens;
  std::vector<bool> single(256, false);
  for (prompt::TokenId id = 0; id < std::min(vocab_size, tokenizer.size()); ++id) {
    const std::string_view bytes = tokenizer.bytes(id);
    if (bytes.empty() || bytes.size() > kMaxTokenBytes || tokenizer.is_special(id)) continue;
    tokens.emplace_back(bytes, id);
    if (bytes.size() == 1) single[static_cast<unsigned char>(bytes[0])] = true;
  }
  // string_view compares bytes as unsigned, so the order is that of a depth-first walk.
  std::sort(tokens.begin(), tokens.end());
  TokenTrie out;
  out.vocab_size_ = static_cast<std::size_t>(vocab_size);
  out.has_every_byte_ = std::find(single.begin(), single.end(), false) == single.end();
  std::vector<std::size_t> open;  // the path to the token before
  std::string_view before;
  const auto close = [&](std::size_t depth) {
    while (open.size() > depth) {
      out.nodes_[open.back()].skip = static_cast<std::int32_t>(out.nodes_.size());
      open.pop_back();
    }
  };
  for (const auto& [bytes, id] : tokens) {
    const auto shared = static_cast<std::size_t>(
        std::mismatch(bytes.begin(), bytes.end(), before.begin(), before.end()).first - bytes.begin());
    close(shared);
    for (std::size_t d = shared; d < bytes.size(); ++d) {
      open.push_back(out.nodes_.size());
      out.nodes_.push_back({static_cast<std::uint8_t>(bytes[d]), static_cast<std::uint16_t>(d), 0,
                            static_cast<std::int32_t>(out.ids_.size())});
    }
    out.ids_.push_back(id);
    before = bytes;
  }
  close(0);
  out.nodes_.push_back(
      {0, 0, static_cast<std::int32_t>(out.nodes_.size()), static_cast<std::int32_t>(out.ids_.size())});
  return out;
}

}  // namespace docket::reply
