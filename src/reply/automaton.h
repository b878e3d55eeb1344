// Automaton: follows a Grammar byte by byte. A state is the set of all positions that the bytes so far can have led to;
// it gets a number the first time it is met, and its transitions and token mask are kept.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reply/grammar.h"
#include "reply/grammar_rules.h"
#include "reply/token_mask.h"
#include "reply/token_trie.h"

namespace docket::reply {

class Automaton {
 public:
  using State = int;
  static constexpr State kDead = -1;

  explicit Automaton(Grammar grammar);

  State start() const { return start_; }
  State step(State state, std::uint8_t byte);  // kDead when the grammar does not allow the byte
  bool accepts(State state) const { return at(state).accepting; }
  // Fewest bytes from here to the end of a whole reply.
  int shortest(State state) const { return at(state).shortest; }
  // Whether any byte may come next; without one the reply is complete.
  bool goes_on(State state) const { return !at(state).positions.empty(); }
  // The byte that must come next; nullopt when there is a choice or the reply may end here.
  std::optional<std::uint8_t> forced(State state) const;

  // The tokens that may come next, and the largest `shortest` that any of them leads to.
  struct Allowed {
    TokenMask mask;
    int largest_rest = 0;
  };
  // Kept for each state. `trie` must be the same in every call.
  const Allowed& allowed(State state, const TokenTrie& trie);
  // The same with only those tokens after which at most `limit` more bytes are needed; computed anew.
  Allowed allowed_within(State state, const TokenTrie& trie, int limit);

  std::size_t num_states() const { return states_.size(); }

 private:
  // A stack of positions to return to, shared between sets: link 0 is the empty one.
  struct Link {
    int node, parent, cost;  // cost: fewest bytes to finish everything on it
  };
  struct Position {
    int node, link;
    auto operator<=>(const Position&) const = default;
  };
  struct StateData {
    std::vector<Position> positions;  // all of kind kByte, ascending
    bool accepting = false;
    int shortest = 0;
    std::array<State, 256> next{};  // kUnknown until asked
    std::unique_ptr<Allowed> allowed;
  };
  static constexpr State kUnknown = -2;

  const StateData& at(State state) const { return *states_[static_cast<std::size_t>(state)]; }
  const Node& node(int i) const { return grammar_.rules().nodes[static_cast<std::size_t>(i)]; }
  int shortest_of(int node) const { return grammar_.rules().shortest[static_cast<std::size_t>(node)]; }
  int push(int node, int parent);
  State intern(std::vector<Position> roots);

  Grammar grammar_;
  std::vector<Link> links_;
  std::map<std::pair<int, int>, int> link_of_;
  std::vector<std::unique_ptr<StateData>> states_;
  std::map<std::pair<std::vector<Position>, bool>, State> state_of_;
  State start_ = 0;
};

}  // namespace docket::reply
