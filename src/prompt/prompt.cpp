#include "prompt/prompt.h"

#include <string>

#include "prompt/chat.h"

namespace docket::prompt {

std::vector<ImageSpan> image_spans(std::span<const TokenId> ids, TokenId image_token) {
  std::vector<ImageSpan> spans;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] != image_token) continue;
    if (!spans.empty()) spans.back().end = static_cast<int>(i);
    spans.push_back({static_cast<int>(i), ImageSpan::kToTheEnd});
  }
  for (std::size_t i = spans.size(); i-- > 1;) {
    ImageSpan& earlier = spans[i - 1];
    if (earlier.end == earlier.begin + 1) earlier.end = spans[i].end;
  }
  return spans;
}

Result<Prompt> make_prompt(std::vector<TokenId> ids, TokenId image_token, int num_images) {
  Prompt out{std::move(ids), {}};
  out.images = image_spans(out.ids, image_token);
  if (static_cast<int>(out.images.size()) != num_images) {
    return make_error(ErrorCode::kInvalidArgument, "the prompt has " + std::to_string(out.images.size()) +
                                                       " image tokens but " + std::to_string(num_images) +
                                                       " images were given; expected as many of one as of the other");
  }
  return out;
}

Result<Prompt> make_prompt(const Tokenizer& tokenizer, std::string_view text, int num_images) {
  const auto image = tokenizer.find(kImageText);
  if (!image) return make_error(ErrorCode::kUnsupported, "the tokenizer has no token <|image|>");
  DOCKET_TRY(auto ids, tokenizer.encode(text, false));
  return make_prompt(std::move(ids), *image, num_images);
}

}  // namespace docket::prompt
