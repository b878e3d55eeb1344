// Sampler: the next token from a row of logits. The order is transformers': repetition penalty, then (sampling only)
// temperature, top-k, top-p, min-p, an fp32 softmax and one draw. Greedy is the largest logit, the first on a tie.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "prompt/bpe.h"
#include "reply/token_mask.h"

namespace docket::reply {

using prompt::TokenId;

struct SamplingOptions {
  double temperature = 0;         // 0: greedy
  int top_k = 0;                  // 0: off. transformers fills in 50 where nothing is said; Meta's own code has none
  double top_p = 1;               // in (0, 1]; 1: off
  double min_p = 0;               // in [0, 1): drop tokens below this share of the likeliest; 0: off
  double repetition_penalty = 1;  // > 0; 1: off
  std::uint64_t seed = 0;         // equal seeds, logits and options give equal tokens on every machine
};

struct Choice {
  TokenId token = 0;
  float logprob = 0;  // natural log of its probability after the penalty and the mask, before temperature and filters
};

class Sampler {
 public:
  explicit Sampler(const SamplingOptions& options) : options_(options), random_(options.seed) {}

  // Chooses among the `logits` [vocab_size], which are changed. `history`: prompt and reply so far, for the penalty;
  // ids outside the vocabulary (the image token) are passed over. `allowed`: null for all; it must allow at least one
  // token.
  Choice choose(std::span<float> logits, std::span<const TokenId> history, const TokenMask* allowed);

  // Whether choose() without a mask is the largest logit, the first on a tie.
  bool takes_best() const { return options_.temperature <= 0 && options_.repetition_penalty == 1; }

  // A token that the temperature and the filters leave, with the chance that it is drawn with.
  struct Candidate {
    float logit;  // divided by the temperature
    TokenId token;
    double probability;
  };
  // Those left of `logits` (of which -infinity is never), likeliest first. Valid until the next call.
  std::span<const Candidate> filter(std::span<const float> logits);

 private:
  TokenId draw(std::span<const float> logits);
  void keep_top_p();
  void normalize();
  SamplingOptions options_;
  std::mt19937_64 random_;
  std::vector<Candidate> candidates_;  // kept, so that a step asks for no memory
  std::vector<bool> seen_;
};

}  // namespace docket::reply
