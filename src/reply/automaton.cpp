#include "reply/automaton.h"

#include <algorithm>
#include <set>

#include "core/base/check.h"

namespace docket::reply {

Automaton::Automaton(Grammar grammar) : grammar_(std::move(grammar)) {
  links_.push_back({-1, -1, 0});
  start_ = intern({{grammar_.rules().entry[0], 0}});
}

int Automaton::push(int node, int parent) {
  const auto [it, added] = link_of_.try_emplace({node, parent}, static_cast<int>(links_.size()));
  if (added) {
    const int cost = std::min(kNeverEnds, shortest_of(node) + links_[static_cast<std::size_t>(parent)].cost);
    links_.push_back({node, parent, cost});
  }
  return it->second;
}

// Follows everything that reads no byte, then numbers the set of byte positions that is left.
Automaton::State Automaton::intern(std::vector<Position> roots) {
  std::set<Position> seen;
  std::vector<Position> positions;
  bool accepting = false;
  while (!roots.empty()) {
    const Position p = roots.back();
    roots.pop_back();
    if (!seen.insert(p).second) continue;
    const Node& n = node(p.node);
    switch (n.kind) {
      case Node::Kind::kByte:
        positions.push_back(p);
        break;
      case Node::Kind::kSplit:
        roots.push_back({n.next, p.link});
        roots.push_back({n.other, p.link});
        break;
      case Node::Kind::kCall: {
        // A call in last place needs no return: right recursion keeps the stack flat.
        const int link = node(n.next).kind == Node::Kind::kReturn ? p.link : push(n.next, p.link);
        roots.push_back({grammar_.rules().entry[static_cast<std::size_t>(n.other)], link});
        break;
      }
      case Node::Kind::kReturn:
        if (p.link == 0) {
          accepting = true;
        } else {
          const Link& link = links_[static_cast<std::size_t>(p.link)];
          roots.push_back({link.node, link.parent});
        }
        break;
    }
  }
  if (positions.empty() && !accepting) return kDead;
  std::sort(positions.begin(), positions.end());
  const auto [it, added] = state_of_.try_emplace({positions, accepting}, static_cast<State>(states_.size()));
  if (added) {
    auto data = std::make_unique<StateData>();
    data->accepting = accepting;
    data->shortest = accepting ? 0 : kNeverEnds;
    for (const Position& p : positions) {
      data->shortest = std::min(data->shortest, shortest_of(p.node) + links_[static_cast<std::size_t>(p.link)].cost);
    }
    data->positions = std::move(positions);
    data->next.fill(kUnknown);
    states_.push_back(std::move(data));
  }
  return it->second;
}

Automaton::State Automaton::step(State state, std::uint8_t byte) {
  StateData& data = *states_[static_cast<std::size_t>(state)];
  State& next = data.next[byte];
  if (next == kUnknown) {
    std::vector<Position> roots;
    for (const Position& p : data.positions) {
      const Node& n = node(p.node);
      if (n.low <= byte && byte <= n.high) roots.push_back({n.next, p.link});
    }
    next = roots.empty() ? kDead : intern(std::move(roots));
  }
  return next;
}

std::optional<std::uint8_t> Automaton::forced(State state) const {
  const StateData& data = at(state);
  if (data.accepting || data.positions.empty()) return std::nullopt;
  const std::uint8_t byte = node(data.positions[0].node).low;
  for (const Position& p : data.positions) {
    if (node(p.node).low != byte || node(p.node).high != byte) return std::nullopt;
  }
  return byte;
}

Automaton::Allowed Automaton::allowed_within(State state, const TokenTrie& trie, int limit) {
  Allowed out{TokenMask(trie.vocab_size()), 0};
  std::vector<State> path = {state};  // path[d]: after d bytes
  const auto& nodes = trie.nodes();
  const std::size_t end = nodes.size() - 1;
  for (std::size_t i = 0; i < end;) {
    const TokenTrie::Node& n = nodes[i];
    path.resize(n.depth + std::size_t{1});
    const State next = step(path.back(), n.byte);
    if (next == kDead) {
      i = static_cast<std::size_t>(n.skip);
      continue;
    }
    path.push_back(next);
    const int rest = shortest(next);
    if (rest <= limit) {
      for (std::int32_t t = n.tokens; t < nodes[i + 1].tokens; ++t) {
        out.mask.set(trie.ids()[static_cast<std::size_t>(t)]);
        out.largest_rest = std::max(out.largest_rest, rest);
      }
    }
    ++i;
  }
  return out;
}

const Automaton::Allowed& Automaton::allowed(State state, const TokenTrie& trie) {
  auto& kept = states_[static_cast<std::size_t>(state)]->allowed;
  if (kept == nullptr) kept = std::make_unique<Allowed>(allowed_within(state, trie, kNeverEnds));
  return *kept;
}

}  // namespace docket::reply
