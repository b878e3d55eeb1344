// Inside of Grammar: expressions as both front ends make them, and the positions that they are compiled to.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "reply/grammar.h"

namespace docket::reply {

// An inclusive range of Unicode scalar values.
struct CharRange {
  char32_t first = 0, last = 0;
};

struct Expr {
  enum class Kind { kBytes, kClass, kSequence, kChoice, kRepeat, kRule };
  static constexpr int kUnbounded = std::numeric_limits<int>::max();

  Kind kind = Kind::kSequence;
  std::string text;               // kBytes: raw bytes; kRule: its name
  std::vector<CharRange> ranges;  // kClass, not negated
  std::vector<Expr> parts;        // kSequence, kChoice; one for kRepeat
  int min = 0, max = kUnbounded;  // kRepeat

  static Expr bytes(std::string raw);
  static Expr any_of(std::vector<CharRange> ranges);
  static Expr none_of(std::vector<CharRange> ranges);  // every other scalar value
  static Expr sequence(std::vector<Expr> parts);
  static Expr choice(std::vector<Expr> parts);
  static Expr repeat(Expr part, int min, int max);
  static Expr rule(std::string name);
};

using RuleMap = std::map<std::string, Expr>;

// A position of the automaton.
struct Node {
  enum class Kind : std::uint8_t { kByte, kSplit, kCall, kReturn };
  Kind kind = Kind::kReturn;
  std::uint8_t low = 0, high = 0;  // kByte: low <= byte <= high
  int next = -1;                   // kByte, kSplit, kCall (where the rule returns to)
  int other = -1;                  // kSplit: the second way; kCall: the rule's number
};

inline constexpr int kNeverEnds = std::numeric_limits<int>::max() / 4;

struct Rules {
  std::vector<Node> nodes;
  std::vector<int> entry;     // by rule number; rule 0 is "root"
  std::vector<int> shortest;  // by node: fewest bytes from it to the end of its own rule
};

// Compiles `rules`; "root" must be among them. Errors as Grammar::from_ebnf.
Result<Rules> compile_rules(const RuleMap& rules);

}  // namespace docket::reply
