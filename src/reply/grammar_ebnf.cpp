// Reads the EBNF of grammar.h by recursive descent.
#include <algorithm>
#include <optional>

#include "reply/grammar.h"
#include "reply/grammar_rules.h"

namespace docket::reply {
namespace {

constexpr int kMaxDepth = 200;       // of parentheses
constexpr int kMaxRepeat = 100'000;  // the unfolded size is checked when it is compiled

class EbnfReader {
 public:
  explicit EbnfReader(std::string_view text) : text_(text) {}

  Result<RuleMap> read() {
    RuleMap rules;
    skip_space(true);
    while (at_ < text_.size() && !error_) {
      const std::string name = read_name();
      if (name.empty()) return fail("expected the name of a rule");
      skip_space(true);
      if (!take("::=")) return fail("expected ::= after \"" + name + "\"");
      Expr body = read_choice(0);
      if (!error_ && !rules.emplace(name, std::move(body)).second) return fail("rule \"" + name + "\" is given twice");
      skip_space(true);
    }
    if (error_) return Unexpected{*error_};
    return rules;
  }

 private:
  Unexpected fail(const std::string& message) {
    if (!error_) {
      int line = 1;
      for (std::size_t i = 0; i < at_ && i < text_.size(); ++i) line += text_[i] == '\n' ? 1 : 0;
      error_ = Error{ErrorCode::kMalformed, message, "grammar line " + std::to_string(line)};
    }
    return Unexpected{*error_};
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(std::string_view what) {
    if (at_ >= text_.size() || text_.substr(at_, what.size()) != what) return false;
    at_ += what.size();
    return true;
  }

  void skip_space(bool lines) {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else if (c == ' ' || c == '\t' || c == '\r' || (lines && c == '\n')) {
        ++at_;
      } else {
        return;
      }
    }
  }

  static bool is_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  }
  std::string read_name() {
    const std::size_t start = at_;
    while (is_name(peek())) ++at_;
    return std::string(text_.substr(start, at_ - start));
  }

  // A rule's body goes on over line ends until "name ::=" or the end.
  bool at_next_rule() {
    const std::size_t start = at_;
    const bool named = !read_name().empty();
    skip_space(true);
    const bool next = named && text_.substr(at_, 3) == "::=";
    at_ = start;
    return next;
  }

  Expr read_choice(int depth) {
    if (depth > kMaxDepth) fail("parentheses nest deeper than " + std::to_string(kMaxDepth));
    std::vector<Expr> ways;
    do {
      ways.push_back(read_sequence(depth));
      skip_space(true);
    } while (!error_ && take("|"));
    return ways.size() == 1 ? std::move(ways[0]) : Expr::choice(std::move(ways));
  }

  Expr read_sequence(int depth) {
    std::vector<Expr> parts;
    while (!error_) {
      skip_space(true);
      if (at_ >= text_.size() || peek() == '|' || peek() == ')' || at_next_rule()) break;
      Expr part = read_term(depth);
      parts.push_back(read_repeats(std::move(part)));
    }
    return Expr::sequence(std::move(parts));
  }

  Expr read_term(int depth) {
    if (take("\"")) return read_literal();
    if (take("[")) return read_class();
    if (take("(")) {
      Expr inner = read_choice(depth + 1);
      if (!error_ && !take(")")) fail("expected )");
      return inner;
    }
    std::string name = read_name();
    if (name.empty()) fail(std::string("expected a term, found '") + peek() + "'");
    return Expr::rule(std::move(name));
  }

  Expr read_literal() {
    std::string raw;
    while (!error_ && !take("\"")) {
      if (at_ >= text_.size() || peek() == '\n') {
        fail("a text without its closing quote");
        break;
      }
      if (peek() != '\\') {
        raw += text_[at_++];
        continue;
      }
      append(raw, read_escape());
    }
    return Expr::bytes(std::move(raw));
  }

  static void append(std::string& out, char32_t c) {
    if (c < 0x80) {
      out += static_cast<char>(c);
    } else if (c < 0x800) {
      out += static_cast<char>(0xC0 | (c >> 6));
      out += static_cast<char>(0x80 | (c & 0x3F));
    } else {
      out += static_cast<char>(0xE0 | (c >> 12));
      out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
      out += static_cast<char>(0x80 | (c & 0x3F));
    }
  }

  char32_t read_escape() {
    ++at_;  // the backslash
    const char c = peek();
    ++at_;
    switch (c) {
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 't':
        return '\t';
      case 'x':
        return read_hex(2);
      case 'u':
        return read_hex(4);
      case '"':
      case '\\':
      case ']':
      case '[':
      case '-':
      case '^':
        return static_cast<char32_t>(c);
      default:
        fail(std::string("unknown escape \\") + c);
        return 0;
    }
  }

  char32_t read_hex(int digits) {
    char32_t value = 0;
    for (int i = 0; i < digits; ++i) {
      const char c = peek();
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) {
        fail("expected " + std::to_string(digits) + " hex digits");
        return 0;
      }
      value = value * 16 + static_cast<char32_t>(digit);
      ++at_;
    }
    if (value >= 0xD800 && value <= 0xDFFF) fail("a surrogate is no character");
    return value;
  }

  // One character of a class: an escape, or one scalar of UTF-8.
  char32_t read_char() {
    if (peek() == '\\') return read_escape();
    const auto byte = [&](std::size_t i) {
      return at_ + i < text_.size() ? static_cast<unsigned char>(text_[at_ + i]) : 0u;
    };
    const unsigned lead = byte(0);
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    char32_t value = length == 1 ? lead : lead & (0x7Fu >> length);
    for (std::size_t i = 1; i < length; ++i) {
      if ((byte(i) & 0xC0) != 0x80) fail("invalid UTF-8");
      value = (value << 6) | (byte(i) & 0x3F);
    }
    at_ = std::min(at_ + length, text_.size());  // a last character may be cut off
    if (value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) fail("invalid UTF-8");
    return value;
  }

  Expr read_class() {
    const bool negated = take("^");
    std::vector<CharRange> ranges;
    while (!error_ && !take("]")) {
      if (at_ >= text_.size() || peek() == '\n') {
        fail("a class without its closing ]");
        break;
      }
      CharRange range;
      range.first = range.last = read_char();
      if (peek() == '-' && text_.substr(at_, 2) != "-]") {
        ++at_;
        range.last = read_char();
      }
      if (range.last < range.first) fail("a range of a class runs backwards");
      ranges.push_back(range);
    }
    return negated ? Expr::none_of(std::move(ranges)) : Expr::any_of(std::move(ranges));
  }

  Expr read_repeats(Expr part) {
    while (!error_) {
      skip_space(false);
      if (take("*")) {
        part = Expr::repeat(std::move(part), 0, Expr::kUnbounded);
      } else if (take("+")) {
        part = Expr::repeat(std::move(part), 1, Expr::kUnbounded);
      } else if (take("?")) {
        part = Expr::repeat(std::move(part), 0, 1);
      } else if (take("{")) {
        part = read_counts(std::move(part));
      } else {
        break;
      }
    }
    return part;
  }

  std::optional<int> read_count() {
    skip_space(false);
    if (peek() < '0' || peek() > '9') return std::nullopt;
    int value = 0;
    while (peek() >= '0' && peek() <= '9') {
      value = std::min(kMaxRepeat, value * 10 + (peek() - '0'));
      ++at_;
    }
    skip_space(false);
    return value;
  }

  Expr read_counts(Expr part) {
    const auto min = read_count();
    int max = min.value_or(0);
    if (take(",")) max = read_count().value_or(Expr::kUnbounded);
    if (!min || !take("}")) fail("expected {n}, {n,} or {n,m}");
    if (max < min.value_or(0)) fail("a repetition's most is below its least");
    return Expr::repeat(std::move(part), min.value_or(0), max);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::optional<Error> error_;
};

}  // namespace

Result<Grammar> Grammar::from_ebnf(std::string_view text) {
  DOCKET_TRY(const RuleMap rules, EbnfReader(text).read());
  DOCKET_TRY(Rules compiled, compile_rules(rules));
  return Grammar(std::make_shared<const Rules>(std::move(compiled)));
}

}  // namespace docket::reply
