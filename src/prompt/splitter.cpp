#define PCRE2_CODE_UNIT_WIDTH 8
#include "prompt/splitter.h"

#include <pcre2.h>

namespace docket::prompt {

struct Splitter::Code {
  pcre2_code* code = nullptr;
  Code() = default;
  Code(const Code&) = delete;
  Code& operator=(const Code&) = delete;
  ~Code() { pcre2_code_free(code); }
};

namespace {

std::string reason_of(int error) {
  PCRE2_UCHAR text[256] = {};
  pcre2_get_error_message(error, text, sizeof text);
  return reinterpret_cast<const char*>(text);
}

// Writes \s and \S out as White_Space, inside and outside of character classes.
std::string with_unicode_spaces(const std::string& pattern) {
  const std::string spaces = "\\x{9}-\\x{d}\\x{20}\\x{85}\\p{Z}";
  std::string out;
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c != '\\' || i + 1 == pattern.size()) {
      if (c == '[') in_class = true;
      if (c == ']') in_class = false;
      out += c;
      continue;
    }
    const char next = pattern[++i];
    if (next == 's') {
      out += in_class ? spaces : "[" + spaces + "]";
    } else if (next == 'S' && !in_class) {
      out += "[^" + spaces + "]";
    } else {
      out += c;
      out += next;
    }
  }
  return out;
}

}  // namespace

Result<Splitter> Splitter::compile(const std::string& pattern, const std::string& where) {
  const std::string text = with_unicode_spaces(pattern);
  int error = 0;
  PCRE2_SIZE offset = 0;
  auto owner = std::make_shared<Code>();
  owner->code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                              PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C, &error, &offset, nullptr);
  if (owner->code == nullptr) {
    return make_error(ErrorCode::kMalformed, "regular expression " + pattern + ": " + reason_of(error), where);
  }
  // Without it (no JIT on this machine, or memory refused) the interpreter runs; the matches are the same.
  pcre2_jit_compile(owner->code, PCRE2_JIT_COMPLETE);
  Splitter out;
  out.code_ = std::move(owner);
  return out;
}

Result<std::vector<std::string_view>> Splitter::split(std::string_view text) const {
  std::vector<std::string_view> pieces;
  const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> match(
      pcre2_match_data_create_from_pattern(code_->code, nullptr), pcre2_match_data_free);
  std::size_t done = 0, from = 0;
  while (from <= text.size()) {
    const int found = pcre2_match(code_->code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), from,
                                  PCRE2_NO_UTF_CHECK, match.get(), nullptr);
    if (found == PCRE2_ERROR_NOMATCH) break;
    if (found < 0) return make_error(ErrorCode::kLimitExceeded, "splitting the text: " + reason_of(found));
    const PCRE2_SIZE* span = pcre2_get_ovector_pointer(match.get());
    if (span[1] == span[0]) {  // an empty match cuts nothing; go on behind the next character
      for (++from; from < text.size() && (static_cast<unsigned char>(text[from]) & 0xC0) == 0x80;) ++from;
      continue;
    }
    if (span[0] > done) pieces.push_back(text.substr(done, span[0] - done));
    pieces.push_back(text.substr(span[0], span[1] - span[0]));
    done = from = span[1];
  }
  if (done < text.size()) pieces.push_back(text.substr(done));
  return pieces;
}

}  // namespace docket::prompt
