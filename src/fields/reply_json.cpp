#include "fields/reply_json.h"

#include <algorithm>
#include <optional>

#include "rules/text.h"

namespace docket::fields {
namespace {

constexpr int kMostDepth = 32;

void append_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xE0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

class Scan {
 public:
  Scan(std::string_view text, std::size_t at) : text_(text), at_(at) {}
  std::size_t at() const { return at_; }
  std::vector<JsonLeaf>& leaves() { return leaves_; }
  bool object(int depth);

 private:
  bool value(int depth, int element);
  bool array(int depth);
  std::optional<std::string> string(Span& span);
  std::optional<std::string> name();
  void leaf(std::string text, Span span, int element, bool null);
  // What stands between members: white space, commas, comments.
  void skip() {
    while (at_ < text_.size()) {
      if (rules::is_space(text_[at_]) || text_[at_] == ',') {
        ++at_;
      } else if (text_.substr(at_).starts_with("//")) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else {
        return;
      }
    }
  }
  void space() {
    while (at_ < text_.size() && rules::is_space(text_[at_])) ++at_;
  }
  bool done() const { return at_ >= text_.size(); }

  std::string_view text_;
  std::size_t at_;
  std::vector<std::string> path_;
  std::vector<JsonLeaf> leaves_;
};

void Scan::leaf(std::string text, Span span, int element, bool null) {
  leaves_.push_back({path_, element, std::move(text), span, null});
}

// A quoted string from its quote on; nullopt when it does not end.
std::optional<std::string> Scan::string(Span& span) {
  const char quote = text_[at_];
  std::string out;
  span.begin = at_ + 1;
  for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
    const char c = text_[i];
    if (c == quote) {
      span.end = i;
      at_ = i + 1;
      return out;
    }
    if (c == '\n') break;
    if (c != '\\') {
      out += c;
      continue;
    }
    if (++i >= text_.size()) break;
    switch (text_[i]) {
      case 'n':
      case 'r':
      case 't':
        out += ' ';
        break;
      case 'u': {
        unsigned code = 0;
        std::size_t digits = 0;
        while (digits < 4 && i + 1 < text_.size()) {
          const std::size_t value = std::string_view("0123456789abcdef").find(rules::to_lower(text_[i + 1]));
          if (value == std::string_view::npos) break;
          code = code * 16 + static_cast<unsigned>(value);
          ++digits;
          ++i;
        }
        if (digits == 4) append_utf8(out, code);
        break;
      }
      default:
        out += text_[i];
    }
  }
  at_ = text_.size();
  return std::nullopt;
}

// A member's name with its colon.
std::optional<std::string> Scan::name() {
  std::string out;
  if (text_[at_] == '"' || text_[at_] == '\'') {
    Span span;
    auto quoted = string(span);
    if (!quoted) return std::nullopt;
    out = *std::move(quoted);
  } else {
    while (!done() && (rules::is_alpha(text_[at_]) || rules::is_digit(text_[at_]) || text_[at_] == '_' ||
                       text_[at_] == ' ' || text_[at_] == '-')) {
      out += text_[at_++];
    }
  }
  space();
  if (done() || text_[at_] != ':' || out.empty()) return std::nullopt;
  ++at_;
  space();
  return out;
}

bool Scan::object(int depth) {
  ++at_;
  for (;;) {
    skip();
    if (done()) return false;
    if (text_[at_] == '}') {
      ++at_;
      return true;
    }
    auto key = name();
    if (!key || done()) return false;
    path_.push_back(*std::move(key));
    const bool whole = value(depth, -1);
    path_.pop_back();
    if (!whole) return false;
  }
}

bool Scan::array(int depth) {
  ++at_;
  for (int element = 0;; ++element) {
    skip();
    if (done()) return false;
    if (text_[at_] == ']') {
      ++at_;
      return true;
    }
    const std::size_t first = leaves_.size(), before = at_;
    if (!value(depth, element)) return false;
    for (std::size_t i = first; i < leaves_.size(); ++i) {
      if (leaves_[i].element < 0) leaves_[i].element = element;
    }
    if (at_ == before) return false;
  }
}

bool Scan::value(int depth, int element) {
  if (depth >= kMostDepth) return false;
  if (text_[at_] == '{') return object(depth + 1);
  if (text_[at_] == '[') return array(depth + 1);
  Span span;
  if (text_[at_] == '"' || text_[at_] == '\'') {
    auto text = string(span);
    if (!text) return false;
    leaf(*std::move(text), span, element, false);
    return true;
  }
  span.begin = at_;
  while (!done() && text_[at_] != ',' && text_[at_] != '}' && text_[at_] != ']' && text_[at_] != '\n') {
    // A comma inside of a bare number parts thousands: 1,234.50
    ++at_;
    const bool thousands = !done() && text_[at_] == ',' && rules::is_digit(text_[at_ - 1]) && at_ + 3 < text_.size() &&
                           rules::is_digit(text_[at_ + 1]) && rules::is_digit(text_[at_ + 2]) &&
                           rules::is_digit(text_[at_ + 3]);
    if (thousands) ++at_;
  }
  if (done()) return false;  // it may go on behind the end
  span.end = at_;
  while (span.end > span.begin && rules::is_space(text_[span.end - 1])) --span.end;
  const std::string_view bare = text_.substr(span.begin, span.end - span.begin);
  if (bare.empty()) return text_[at_] == ',' || text_[at_] == '}' || text_[at_] == '\n';
  leaf(std::string(bare), span, element, bare == "null" || bare == "None");
  return true;
}

}  // namespace

JsonParts find_json(std::string_view text) {
  JsonParts parts;
  for (std::size_t at = text.find('{'); at != std::string_view::npos; at = text.find('{', at)) {
    Scan scan(text, at);
    scan.object(0);
    if (scan.leaves().empty()) {
      ++at;
      continue;
    }
    const std::size_t end = std::max(scan.at(), at + 1);
    parts.regions.push_back({at, end});
    parts.leaves.insert(parts.leaves.end(), scan.leaves().begin(), scan.leaves().end());
    at = end;
  }
  return parts;
}

}  // namespace docket::fields
