#include "reply/constraint.h"

#include "core/base/check.h"

namespace docket::reply {

Result<std::shared_ptr<ConstraintTable>> ConstraintTable::make(const Grammar& grammar,
                                                               std::shared_ptr<const TokenTrie> trie,
                                                               std::vector<prompt::TokenId> end_tokens) {
  if (!trie->has_every_byte()) {
    return make_error(ErrorCode::kUnsupported, "a grammar needs a vocabulary with a token for each of the 256 bytes");
  }
  if (end_tokens.empty()) return make_error(ErrorCode::kUnsupported, "a grammar needs a model with an end token");
  return std::shared_ptr<ConstraintTable>(new ConstraintTable(grammar, std::move(trie), std::move(end_tokens)));
}

Constraint::Constraint(std::shared_ptr<ConstraintTable> table)
    : table_(std::move(table)), state_(table_->automaton_.start()) {}

const TokenMask& Constraint::mask(int tokens_left) {
  const std::lock_guard lock(table_->mutex_);
  // After this token, tokens_left - 2 bytes can still be written before the end token.
  const int limit = tokens_left - 2;
  const Automaton::Allowed& all = table_->automaton_.allowed(state_, *table_->trie_);
  mask_ = all.largest_rest <= limit ? all.mask : table_->automaton_.allowed_within(state_, *table_->trie_, limit).mask;
  if (table_->automaton_.accepts(state_)) {
    for (const prompt::TokenId id : table_->end_tokens_) {
      if (static_cast<std::size_t>(id) < table_->trie_->vocab_size()) mask_.set(id);
    }
  }
  return mask_;
}

std::string Constraint::forced_text(std::size_t limit) const {
  const std::lock_guard lock(table_->mutex_);
  std::string out;
  Automaton::State state = state_;
  while (out.size() < limit) {
    const auto byte = table_->automaton_.forced(state);
    if (!byte) break;
    out += static_cast<char>(*byte);
    state = table_->automaton_.step(state, *byte);
  }
  return out;
}

void Constraint::accept(std::string_view bytes) {
  const std::lock_guard lock(table_->mutex_);
  for (const char c : bytes) {
    state_ = table_->automaton_.step(state_, static_cast<std::uint8_t>(c));
    CHECK(state_ != Automaton::kDead, "a token was accepted that the mask does not allow");
  }
}

bool Constraint::may_end() const {
  const std::lock_guard lock(table_->mutex_);
  return table_->automaton_.accepts(state_);
}

bool Constraint::must_end() const {
  const std::lock_guard lock(table_->mutex_);
  return !table_->automaton_.goes_on(state_);
}

}  // namespace docket::reply
