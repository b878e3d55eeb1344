// Constraint: holds one reply to a grammar, token by token. Many may share one ConstraintTable, whose masks stay from
// one reply to the next.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "reply/automaton.h"

namespace docket::reply {

// A grammar together with a vocabulary. Shared; its tables grow under a lock.
class ConstraintTable {
 public:
  // `end_tokens`: the ids that end a reply, allowed where the grammar may end. Errors: kUnsupported for a vocabulary
  // without a token for every byte, with which a reply could come to where nothing fits.
  static Result<std::shared_ptr<ConstraintTable>> make(const Grammar& grammar, std::shared_ptr<const TokenTrie> trie,
                                                       std::vector<prompt::TokenId> end_tokens);

  int shortest_bytes() const { return shortest_bytes_; }

 private:
  friend class Constraint;
  ConstraintTable(const Grammar& grammar, std::shared_ptr<const TokenTrie> trie,
                  std::vector<prompt::TokenId> end_tokens)
      : automaton_(grammar),
        trie_(std::move(trie)),
        end_tokens_(std::move(end_tokens)),
        shortest_bytes_(grammar.shortest_bytes()) {}
  std::mutex mutex_;
  Automaton automaton_;
  std::shared_ptr<const TokenTrie> trie_;
  std::vector<prompt::TokenId> end_tokens_;
  int shortest_bytes_;
};

class Constraint {
 public:
  explicit Constraint(std::shared_ptr<ConstraintTable> table);

  // The tokens that may come next when `tokens_left` tokens (this one and the end token included) are left: only those
  // after which the reply can still be completed, one byte a token at worst. Never empty as long as the first call had
  // tokens_left > shortest_bytes() and each call has one less. Valid until the next call.
  const TokenMask& mask(int tokens_left);

  // The text that must come next, possibly empty; it ends where there is a choice. At most `limit` bytes.
  std::string forced_text(std::size_t limit) const;

  // Takes a chosen token, its bytes as the tokenizer gives them; an end token has none.
  void accept(std::string_view bytes);

  bool may_end() const;
  bool must_end() const;  // nothing but the end may come

 private:
  std::shared_ptr<ConstraintTable> table_;
  Automaton::State state_;
  TokenMask mask_;
};

}  // namespace docket::reply
