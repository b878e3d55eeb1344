#include "reply/generation.h"

#include <algorithm>

namespace docket::reply {

const char* to_string(StopReason reason) {
  switch (reason) {
    case StopReason::kEndToken:
      return "end_token";
    case StopReason::kStopString:
      return "stop_string";
    case StopReason::kLength:
      return "length";
    case StopReason::kCancelled:
      return "cancelled";
  }
  return "?";
}

Generation::Generation(const prompt::Tokenizer& tokenizer, std::span<const TokenId> end_tokens,
                       std::vector<TokenId> prompt, ReplyOptions options)
    : tokenizer_(tokenizer),
      end_tokens_(end_tokens.begin(), end_tokens.end()),
      options_(std::move(options)),
      history_(std::move(prompt)),
      sampler_(options_.sampling),
      stream_(options_.stop_strings) {
  reply_.prompt_tokens = static_cast<int>(history_.size());
  if (options_.constraint != nullptr) constraint_.emplace(options_.constraint);
}

bool Generation::emit(const std::string& text) { return text.empty() || !options_.on_text || options_.on_text(text); }

void Generation::finish(StopReason reason) {
  if (done_) return;
  done_ = true;
  reply_.stop_reason = reason;
  if (reason != StopReason::kCancelled) emit(stream_.finish());
  reply_.text = stream_.text();
}

void Generation::append(TokenId token, float logprob) {
  history_.push_back(token);
  reply_.tokens.push_back(token);
  if (options_.logprobs) reply_.logprobs.push_back(logprob);
  const std::string_view bytes = tokenizer_.bytes(token);
  if (constraint_) constraint_->accept(bytes);
  const bool welcome = emit(stream_.push(tokenizer_.is_special(token) ? std::string_view() : bytes));
  const bool wanted = welcome && (!options_.keep_going || options_.keep_going());
  if (!wanted) {
    finish(StopReason::kCancelled);
  } else if (stream_.stopped()) {
    finish(StopReason::kStopString);
  } else if (constraint_ && constraint_->must_end()) {
    finish(StopReason::kEndToken);
  } else if (tokens_left() <= 0) {
    finish(StopReason::kLength);
  }
}

// The forced text's own tokens but the last, which the tokenizer may want to join with what the model writes next. (The
// text's end is always reached: the mask allows nothing else.)
void Generation::append_forced(std::vector<TokenId>& run) {
  if (!constraint_ || done_) return;
  constexpr std::size_t kMaxForcedBytes = 512;
  const std::string text = constraint_->forced_text(kMaxForcedBytes);
  if (text.empty()) return;
  auto tokens = tokenizer_.encode(text, false);
  if (!tokens || tokens->empty() || tokenizer_.detokenize(*tokens, false) != text) return;
  tokens->pop_back();
  for (const TokenId token : *tokens) {
    if (done_ || tokenizer_.is_special(token)) return;
    append(token, 0);
    ++reply_.forced_tokens;
    run.push_back(token);
  }
}

std::vector<TokenId> Generation::begin() {
  std::vector<TokenId> run;
  append_forced(run);
  return run;
}

std::vector<TokenId> Generation::step(std::span<float> logits) {
  const TokenMask* mask = constraint_ ? &constraint_->mask(tokens_left()) : nullptr;
  return take(sampler_.choose(logits, history_, mask));
}

std::vector<TokenId> Generation::take(const Choice& choice) {
  const bool ends = std::find(end_tokens_.begin(), end_tokens_.end(), choice.token) != end_tokens_.end();
  if (ends && !options_.ignore_end_tokens) {
    finish(StopReason::kEndToken);
    return {};
  }
  std::vector<TokenId> run = {choice.token};
  append(choice.token, choice.logprob);
  append_forced(run);
  if (done_) return {};
  return run;
}

}  // namespace docket::reply
