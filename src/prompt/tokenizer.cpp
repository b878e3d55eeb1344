#include "prompt/tokenizer.h"

#include <array>

#include "prompt/byte_level.h"

namespace docket::prompt {

const AddedToken* Tokenizer::added_at(std::string_view text, std::size_t at) const {
  if (!starts_added_[static_cast<unsigned char>(text[at])]) return nullptr;
  for (const AddedToken& token : added_) {
    if (text.substr(at).starts_with(token.content)) return &token;
  }
  return nullptr;
}

Status Tokenizer::encode_text(std::string_view text, std::vector<TokenId>& out) const {
  std::vector<std::string_view> pieces;
  if (!text.empty()) pieces.push_back(text);
  for (const Splitter& splitter : splitters_) {
    std::vector<std::string_view> finer;
    for (const std::string_view piece : pieces) {
      DOCKET_TRY(const auto parts, splitter.split(piece));
      finer.insert(finer.end(), parts.begin(), parts.end());
    }
    pieces = std::move(finer);
  }
  for (const std::string_view piece : pieces) bpe_->encode(piece, out);
  return {};
}

Result<std::vector<TokenId>> Tokenizer::encode(std::string_view raw, bool add_special_tokens) const {
  const std::string text = decode_lossy(raw);
  std::vector<TokenId> out;
  if (add_special_tokens) out = before_;
  std::size_t start = 0;
  for (std::size_t at = 0; at < text.size();) {
    const AddedToken* token = added_at(text, at);
    if (token == nullptr) {
      ++at;
      continue;
    }
    DOCKET_TRY_VOID(encode_text(std::string_view(text).substr(start, at - start), out));
    out.push_back(token->id);
    at += token->content.size();
    start = at;
  }
  DOCKET_TRY_VOID(encode_text(std::string_view(text).substr(start), out));
  if (add_special_tokens) out.insert(out.end(), after_.begin(), after_.end());
  return out;
}

std::string Tokenizer::detokenize(std::span<const TokenId> ids, bool skip_special) const {
  std::string all;
  for (const TokenId id : ids) {
    if (!(skip_special && is_special(id))) all += bytes(id);
  }
  return decode_lossy(all);
}

std::string_view Tokenizer::bytes(TokenId id) const {
  return id >= 0 && id < size() ? std::string_view(bytes_[static_cast<std::size_t>(id)]) : std::string_view();
}

bool Tokenizer::is_special(TokenId id) const {
  return id >= 0 && id < size() && special_[static_cast<std::size_t>(id)];
}

std::optional<TokenId> Tokenizer::find(std::string_view added_token) const {
  for (const AddedToken& token : added_) {
    if (token.content == added_token) return token.id;
  }
  return std::nullopt;
}

std::string clean_up_spaces(std::string text) {
  static constexpr std::array<std::array<std::string_view, 2>, 10> kRules = {{{" .", "."},
                                                                              {" ?", "?"},
                                                                              {" !", "!"},
                                                                              {" ,", ","},
                                                                              {" ' ", "'"},
                                                                              {" n't", "n't"},
                                                                              {" 'm", "'m"},
                                                                              {" 's", "'s"},
                                                                              {" 've", "'ve"},
                                                                              {" 're", "'re"}}};
  for (const auto& [from, to] : kRules) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
      text.replace(at, from.size(), to);
    }
  }
  return text;
}

}  // namespace docket::prompt
