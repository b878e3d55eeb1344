// Generation: one reply on its way, from the first row of logits to the last token. Knows nothing of the model: it is
// given logits and says which tokens to run next.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "prompt/tokenizer.h"
#include "reply/constraint.h"
#include "reply/sampler.h"
#include "reply/text_stream.h"

namespace docket::reply {

// Called with each new piece of text, whole characters; false stops the reply.
using TextCallback = std::function<bool(std::string_view text)>;

struct ReplyOptions {
  int max_new_tokens = 256;
  std::string adapter;  // one of the model's; empty: the model alone
  SamplingOptions sampling;
  std::vector<std::string> stop_strings;
  std::shared_ptr<ConstraintTable> constraint;  // null: free text
  bool logprobs = false;
  bool ignore_end_tokens = false;  // go on to max_new_tokens; for measurements
  TextCallback on_text;
  std::function<bool()> keep_going;  // asked after each token, whether it brings text or not; false stops the reply
};

enum class StopReason { kEndToken, kStopString, kLength, kCancelled };
const char* to_string(StopReason reason);

struct Reply {
  std::string text;
  std::vector<TokenId> tokens;  // without the end token
  std::vector<float> logprobs;  // one a token when asked for; 0 for forced tokens, which had no choice
  StopReason stop_reason = StopReason::kLength;
  int prompt_tokens = 0;
  int reused_tokens = 0;  // of the prompt: keys and values were there from an earlier reply
  int forced_tokens = 0;  // written by the grammar without a forward pass of their own
  double prefill_ms = 0, decode_ms = 0;
};

class Generation {
 public:
  // `tokenizer` outlives this. `end_tokens`: ids that end the reply.
  Generation(const prompt::Tokenizer& tokenizer, std::span<const TokenId> end_tokens, std::vector<TokenId> prompt,
             ReplyOptions options);

  // What a grammar begins with, before any logits: tokens to run together with the prompt.
  std::vector<TokenId> begin();

  // Takes the logits [vocab_size] behind everything run so far, which it changes. The tokens to run next; empty: done.
  std::vector<TokenId> step(std::span<float> logits);
  // The same where the likeliest token is known and all that it takes: greedy without penalty or grammar.
  bool takes_best() const { return !constraint_ && sampler_.takes_best(); }
  std::vector<TokenId> step_best(const Choice& best) { return take(best); }

  bool done() const { return done_; }
  Reply& reply() { return reply_; }

 private:
  std::vector<TokenId> take(const Choice& choice);
  void append(TokenId token, float logprob);
  void append_forced(std::vector<TokenId>& run);
  void finish(StopReason reason);
  bool emit(const std::string& text);
  int tokens_left() const { return options_.max_new_tokens - static_cast<int>(reply_.tokens.size()); }

  const prompt::Tokenizer& tokenizer_;
  std::vector<TokenId> end_tokens_;
  ReplyOptions options_;
  std::vector<TokenId> history_;  // prompt and reply, for the repetition penalty
  Sampler sampler_;
  std::optional<Constraint> constraint_;
  TextStream stream_;
  Reply reply_;
  bool done_ = false;
};

}  // namespace docket::reply
