// prompt: a question in, token ids and the places of its images out.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "prompt/tokenizer.h"

namespace docket::prompt {

// Which rows of a prompt see one image: begin <= row < end. kToTheEnd: every later row, also generated ones and
// padding.
struct ImageSpan {
  static constexpr int kToTheEnd = -1;
  int begin = 0;
  int end = kToTheEnd;
  bool operator==(const ImageSpan&) const = default;
  bool covers(int row) const { return row >= begin && (end == kToTheEnd || row < end); }
};

struct Prompt {
  std::vector<TokenId> ids;
  std::vector<ImageSpan> images;  // one an image, in order of appearance
};

// The spans of all image tokens in `ids` (spec: transformers' get_cross_attention_token_mask): an image is seen by the
// rows from its token up to the next image; neighbouring image tokens share the later one's span; the last image is
// seen to the end. A row before the first image sees none.
std::vector<ImageSpan> image_spans(std::span<const TokenId> ids, TokenId image_token);

// Encodes `text` (a rendered chat, or a raw prompt that add_begin_of_text completes). Errors: kInvalidArgument when the
// number of "<|image|>" in it is not `num_images`, stating both; kUnsupported when the tokenizer has no such token.
Result<Prompt> make_prompt(const Tokenizer& tokenizer, std::string_view text, int num_images);

// The same for ids that were made elsewhere.
Result<Prompt> make_prompt(std::vector<TokenId> ids, TokenId image_token, int num_images);

}  // namespace docket::prompt
