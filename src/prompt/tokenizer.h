// Tokenizer: a Hugging Face tokenizer.json of the byte-level BPE kind, exact to the `tokenizers` library.
//
// Text is first cut at the added tokens (longest, leftmost, on the raw text); the stretches between are cut by the
// file's own regular expression and each piece is encoded by BPE. Supported is what Llama 3 files use: no normalizer,
// Split (Isolated) and ByteLevel pre-tokenizers, ByteLevel and TemplateProcessing post-processors. Anything else is
// kUnsupported, named. Immutable after load; safe from several threads.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "prompt/bpe.h"
#include "prompt/splitter.h"

namespace docket::prompt {

struct AddedToken {
  TokenId id = 0;
  std::string content;
  bool special = false;  // dropped by detokenize when asked to
};

class Tokenizer {
 public:
  // Errors: kMalformed (JSON, an id out of range or used twice, a merge out of the vocabulary), kUnsupported; each
  // names `where` and the key.
  static Result<Tokenizer> parse(std::string_view json, const std::string& where);
  static Result<Tokenizer> load(const std::filesystem::path& tokenizer_json);

  // Token ids of `text`; bytes that are not UTF-8 count as U+FFFD. With `add_special_tokens` the file's post-processor
  // adds its own (Instruct files: BOS in front). Errors: kLimitExceeded from the splitter.
  Result<std::vector<TokenId>> encode(std::string_view text, bool add_special_tokens) const;

  // Text of `ids`, ill-formed UTF-8 replaced by U+FFFD. Ids without a token are passed over.
  std::string detokenize(std::span<const TokenId> ids, bool skip_special) const;

  // The raw bytes that a token stands for, which may end inside a character; an added token's own text. Empty for an id
  // that stands for nothing.
  std::string_view bytes(TokenId id) const;
  bool is_special(TokenId id) const;
  std::optional<TokenId> find(std::string_view added_token) const;  // by content, e.g. "<|eot_id|>"

  TokenId size() const { return static_cast<TokenId>(bytes_.size()); }  // highest id + 1
  const std::vector<AddedToken>& added_tokens() const { return added_; }

 private:
  friend class TokenizerReader;
  Status encode_text(std::string_view text, std::vector<TokenId>& out) const;
  const AddedToken* added_at(std::string_view text, std::size_t at) const;

  std::optional<Bpe> bpe_;
  std::vector<Splitter> splitters_;
  std::vector<AddedToken> added_;        // longest content first
  std::vector<bool> starts_added_;       // by first byte
  std::vector<std::string> bytes_;       // by id
  std::vector<bool> special_;            // by id
  std::vector<TokenId> before_, after_;  // what the post-processor puts around a text
};

// transformers' clean_up_tokenization_spaces (" ." -> "." and nine more), which its decode applies by default.
std::string clean_up_spaces(std::string text);

}  // namespace docket::prompt
