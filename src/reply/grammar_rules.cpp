#include "reply/grammar_rules.h"

#include <algorithm>
#include <set>

#include "core/base/check.h"

namespace docket::reply {
namespace {

constexpr std::size_t kMaxNodes = 400'000;
constexpr char32_t kLastScalar = 0x10FFFF;

std::string encode(char32_t c) {
  std::string out;
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    out += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
  return out;
}

using ByteRange = std::pair<std::uint8_t, std::uint8_t>;

// Cuts a range of scalars into sequences of byte ranges that match exactly its UTF-8 encodings: first at the lengths
// and the surrogate gap, then where the leading bytes differ while the trailing ones do not span 80..BF.
void to_byte_ranges(char32_t first, char32_t last, std::vector<std::vector<ByteRange>>& out) {
  for (const auto& [low, high] : {std::pair<char32_t, char32_t>{0, 0x7F},
                                  {0x80, 0x7FF},
                                  {0x800, 0xD7FF},
                                  {0xE000, 0xFFFF},
                                  {0x10000, kLastScalar}}) {
    char32_t from = std::max(first, low);
    const char32_t to = std::min(last, high);
    while (from <= to) {
      char32_t end = to;
      // Shrink the end until every lower group of six bits runs from all zeros to all ones, or is shared.
      for (int shift = 6; shift <= 18; shift += 6) {
        const char32_t mask = (char32_t{1} << shift) - 1;
        if ((from & ~mask) == (end & ~mask)) continue;
        if ((from & mask) != 0) {
          end = from | mask;
        } else if ((end & mask) != mask) {
          end = (end & ~mask) - 1;
        }
      }
      const std::string a = encode(from), b = encode(end);
      std::vector<ByteRange> sequence;
      for (std::size_t i = 0; i < a.size(); ++i) {
        sequence.emplace_back(static_cast<std::uint8_t>(a[i]), static_cast<std::uint8_t>(b[i]));
      }
      out.push_back(std::move(sequence));
      from = end + 1;
    }
  }
}

std::vector<CharRange> sorted(std::vector<CharRange> ranges) {
  std::sort(ranges.begin(), ranges.end(), [](const CharRange& a, const CharRange& b) { return a.first < b.first; });
  return ranges;
}

}  // namespace

Expr Expr::bytes(std::string raw) {
  Expr e;
  e.kind = Kind::kBytes;
  e.text = std::move(raw);
  return e;
}
Expr Expr::any_of(std::vector<CharRange> ranges) {
  Expr e;
  e.kind = Kind::kClass;
  e.ranges = std::move(ranges);
  return e;
}
Expr Expr::none_of(std::vector<CharRange> ranges) {
  std::vector<CharRange> rest;
  char32_t from = 0;
  for (const CharRange& r : sorted(std::move(ranges))) {
    if (r.first > from) rest.push_back({from, r.first - 1});
    from = std::max<char32_t>(from, r.last + 1);
  }
  if (from <= kLastScalar) rest.push_back({from, kLastScalar});
  return any_of(std::move(rest));
}
Expr Expr::sequence(std::vector<Expr> parts) {
  Expr e;
  e.parts = std::move(parts);
  return e;
}
Expr Expr::choice(std::vector<Expr> parts) {
  Expr e;
  e.kind = Kind::kChoice;
  e.parts = std::move(parts);
  return e;
}
Expr Expr::repeat(Expr part, int min, int max) {
  Expr e;
  e.kind = Kind::kRepeat;
  e.parts.push_back(std::move(part));
  e.min = min;
  e.max = max;
  return e;
}
Expr Expr::rule(std::string name) {
  Expr e;
  e.kind = Kind::kRule;
  e.text = std::move(name);
  return e;
}

// Compiles from the end to the front: `place(expr, next)` gives the node where expr begins when `next` follows it.
class AutomatonBuilder {
 public:
  Result<Rules> build(const RuleMap& rules) {
    if (rules.count("root") == 0) return make_error(ErrorCode::kInvalidArgument, "the grammar has no rule \"root\"");
    names_.push_back("root");
    number_["root"] = 0;
    for (const auto& [name, expr] : rules) {
      if (name == "root") continue;
      number_[name] = static_cast<int>(names_.size());
      names_.push_back(name);
    }
    for (const std::string& name : names_) {
      const int end = add({});
      out_.entry.push_back(place(rules.at(name), end));
      if (error_) return Unexpected{*error_};
    }
    DOCKET_TRY_VOID(find_shortest());
    DOCKET_TRY_VOID(refuse_left_recursion());
    return std::move(out_);
  }

 private:
  int add(Node node) {
    if (out_.nodes.size() >= kMaxNodes) {
      fail(ErrorCode::kLimitExceeded,
           "the grammar's repetitions unfold to more than " + std::to_string(kMaxNodes) + " positions");
      return 0;
    }
    out_.nodes.push_back(node);
    return static_cast<int>(out_.nodes.size()) - 1;
  }
  int add_byte(std::uint8_t low, std::uint8_t high, int next) { return add({Node::Kind::kByte, low, high, next, -1}); }
  int add_split(int next, int other) { return add({Node::Kind::kSplit, 0, 0, next, other}); }
  void fail(ErrorCode code, std::string message) {
    if (!error_) error_ = Error{code, std::move(message), "grammar"};
  }

  int place(const Expr& expr, int next) {
    if (error_) return next;
    switch (expr.kind) {
      case Expr::Kind::kBytes:
        for (std::size_t i = expr.text.size(); i-- > 0;) {
          const auto byte = static_cast<std::uint8_t>(expr.text[i]);
          next = add_byte(byte, byte, next);
        }
        return next;
      case Expr::Kind::kClass:
        return place_class(expr, next);
      case Expr::Kind::kSequence:
        for (std::size_t i = expr.parts.size(); i-- > 0;) next = place(expr.parts[i], next);
        return next;
      case Expr::Kind::kChoice: {
        int entry = place(expr.parts.back(), next);
        for (std::size_t i = expr.parts.size() - 1; i-- > 0;) entry = add_split(place(expr.parts[i], next), entry);
        return entry;
      }
      case Expr::Kind::kRepeat:
        return place_repeat(expr, next);
      case Expr::Kind::kRule: {
        const auto it = number_.find(expr.text);
        if (it == number_.end()) {
          fail(ErrorCode::kInvalidArgument, "the grammar has no rule \"" + expr.text + "\"");
          return next;
        }
        return add({Node::Kind::kCall, 0, 0, next, it->second});
      }
    }
    return next;
  }

  int place_class(const Expr& expr, int next) {
    std::vector<std::vector<ByteRange>> sequences;
    for (const CharRange& r : expr.ranges) to_byte_ranges(r.first, r.last, sequences);
    if (sequences.empty()) fail(ErrorCode::kInvalidArgument, "a character class of the grammar is empty");
    int entry = -1;
    for (const auto& sequence : sequences) {
      int at = next;
      for (std::size_t i = sequence.size(); i-- > 0;) at = add_byte(sequence[i].first, sequence[i].second, at);
      entry = entry < 0 ? at : add_split(at, entry);
    }
    return entry < 0 ? next : entry;
  }

  int place_repeat(const Expr& expr, int next) {
    const Expr& part = expr.parts[0];
    int entry = next;
    if (expr.max == Expr::kUnbounded) {
      const int loop = add_split(-1, next);
      const int body = place(part, loop);
      if (!error_) out_.nodes[static_cast<std::size_t>(loop)].next = body;
      entry = loop;
    } else {
      for (int i = expr.min; i < expr.max && !error_; ++i) entry = add_split(place(part, entry), next);
    }
    for (int i = 0; i < expr.min && !error_; ++i) entry = place(part, entry);
    return entry;
  }

  // Shortest ways to each rule's end, by relaxing until nothing changes.
  Status find_shortest() {
    out_.shortest.assign(out_.nodes.size(), kNeverEnds);
    const auto of = [&](int node) { return out_.shortest[static_cast<std::size_t>(node)]; };
    for (bool changed = true; changed;) {
      changed = false;
      for (std::size_t i = 0; i < out_.nodes.size(); ++i) {
        const Node& n = out_.nodes[i];
        int best = 0;
        if (n.kind == Node::Kind::kByte) best = 1 + of(n.next);
        if (n.kind == Node::Kind::kSplit) best = std::min(of(n.next), of(n.other));
        if (n.kind == Node::Kind::kCall) best = of(out_.entry[static_cast<std::size_t>(n.other)]) + of(n.next);
        best = std::min(best, kNeverEnds);
        if (best < out_.shortest[i]) {
          out_.shortest[i] = best;
          changed = true;
        }
      }
    }
    for (std::size_t r = 0; r < names_.size(); ++r) {
      if (of(out_.entry[r]) >= kNeverEnds) {
        return make_error(ErrorCode::kInvalidArgument, "rule \"" + names_[r] + "\" can never end", "grammar");
      }
    }
    return {};
  }

  // The rules that rule r may call before it consumes a byte.
  std::set<int> first_calls(int rule) const {
    std::set<int> calls, seen;
    std::vector<int> todo = {out_.entry[static_cast<std::size_t>(rule)]};
    while (!todo.empty()) {
      const int at = todo.back();
      todo.pop_back();
      if (!seen.insert(at).second) continue;
      const Node& n = out_.nodes[static_cast<std::size_t>(at)];
      if (n.kind == Node::Kind::kSplit) {
        todo.push_back(n.next);
        todo.push_back(n.other);
      } else if (n.kind == Node::Kind::kCall) {
        calls.insert(n.other);
        const int entry = out_.entry[static_cast<std::size_t>(n.other)];
        if (out_.shortest[static_cast<std::size_t>(entry)] == 0) todo.push_back(n.next);
      }
    }
    return calls;
  }

  Status refuse_left_recursion() const {
    const int count = static_cast<int>(names_.size());
    std::vector<std::set<int>> reach;
    reach.reserve(names_.size());
    for (int r = 0; r < count; ++r) reach.push_back(first_calls(r));
    for (bool changed = true; changed;) {
      changed = false;
      for (auto& from : reach) {
        const std::set<int> before = from;
        for (const int via : before)
          from.insert(reach[static_cast<std::size_t>(via)].begin(), reach[static_cast<std::size_t>(via)].end());
        changed = changed || from.size() != before.size();
      }
    }
    for (int r = 0; r < count; ++r) {
      if (reach[static_cast<std::size_t>(r)].count(r) != 0) {
        return make_error(
            ErrorCode::kInvalidArgument,
            "rule \"" + names_[static_cast<std::size_t>(r)] + "\" calls itself before it has read anything", "grammar");
      }
    }
    return {};
  }

  Rules out_;
  std::vector<std::string> names_;
  std::map<std::string, int> number_;
  std::optional<Error> error_;
};

Result<Rules> compile_rules(const RuleMap& rules) { return AutomatonBuilder().build(rules); }

int Grammar::shortest_bytes() const { return rules_->shortest[static_cast<std::size_t>(rules_->entry[0])]; }

}  // namespace docket::reply
