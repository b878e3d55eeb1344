#include "reply/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/check.h"

namespace docket::reply {
namespace {

constexpr float kNever = -std::numeric_limits<float>::infinity();

void apply_mask(std::span<float> logits, const TokenMask& allowed) {
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (!allowed.test(static_cast<TokenId>(i))) logits[i] = kNever;
  }
}

double log_sum_exp(std::span<const float> logits, float largest) {
  double sum = 0;
  for (const float x : logits) sum += std::exp(static_cast<double>(x - largest));
  return static_cast<double>(largest) + std::log(sum);
}

}  // namespace

Choice Sampler::choose(std::span<float> logits, std::span<const TokenId> history, const TokenMask* allowed) {
  CHECK(!logits.empty(), "no logits");
  if (options_.repetition_penalty != 1) {
    seen_.assign(logits.size(), false);
    const auto penalty = static_cast<float>(options_.repetition_penalty);
    for (const TokenId id : history) {
      const auto at = static_cast<std::size_t>(id);
      if (id < 0 || at >= logits.size() || seen_[at]) continue;
      seen_[at] = true;
      logits[at] = logits[at] < 0 ? logits[at] * penalty : logits[at] / penalty;
    }
  }
  if (allowed != nullptr) apply_mask(logits, *allowed);
  const auto best = std::max_element(logits.begin(), logits.end());
  Choice choice;
  choice.token = options_.temperature > 0 ? draw(logits) : static_cast<TokenId>(best - logits.begin());
  const double all = log_sum_exp(logits, *best);
  choice.logprob = static_cast<float>(static_cast<double>(logits[static_cast<std::size_t>(choice.token)]) - all);
  return choice;
}

std::span<const Sampler::Candidate> Sampler::filter(std::span<const float> logits) {
  const auto temperature = static_cast<float>(options_.temperature);
  candidates_.clear();
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (logits[i] != kNever) candidates_.push_back({logits[i] / temperature, static_cast<TokenId>(i), 0});
  }
  CHECK(!candidates_.empty(), "no token is allowed");
  const auto likelier = [](const Candidate& a, const Candidate& b) {
    return a.logit != b.logit ? a.logit > b.logit : a.token < b.token;
  };
  if (options_.top_k > 0 && static_cast<std::size_t>(options_.top_k) < candidates_.size()) {
    const auto middle = candidates_.begin() + options_.top_k;
    std::nth_element(candidates_.begin(), middle, candidates_.end(), likelier);
    candidates_.erase(middle, candidates_.end());
  }
  std::sort(candidates_.begin(), candidates_.end(), likelier);
  keep_top_p();
  if (options_.min_p > 0) {
    const double floor = static_cast<double>(candidates_[0].logit) + std::log(options_.min_p);
    while (candidates_.size() > 1 && static_cast<double>(candidates_.back().logit) < floor) candidates_.pop_back();
  }
  normalize();
  return candidates_;
}

void Sampler::normalize() {
  double sum = 0;
  for (Candidate& c : candidates_) {
    c.probability = std::exp(static_cast<double>(c.logit - candidates_[0].logit));
    sum += c.probability;
  }
  for (Candidate& c : candidates_) c.probability /= sum;
}

// A token stays while those likelier than it hold less than p; the likeliest always stays.
void Sampler::keep_top_p() {
  if (options_.top_p >= 1) return;
  normalize();
  double above = 0;
  std::size_t keep = 0;
  while (keep < candidates_.size() && (keep == 0 || above < options_.top_p)) above += candidates_[keep++].probability;
  candidates_.resize(keep);
}

TokenId Sampler::draw(std::span<const float> logits) {
  const std::span<const Candidate> candidates = filter(logits);
  // 53 random bits: std::uniform_real_distribution is not the same in every library.
  double left = static_cast<double>(random_() >> 11) * 0x1p-53;
  for (const Candidate& c : candidates) {
    left -= c.probability;
    if (left < 0) return c.token;
  }
  return candidates.back().token;
}

}  // namespace docket::reply
