// Splitter: cuts text into pieces at the matches of one regular expression ("Split", behaviour "Isolated"): each match
// is a piece, and so is each stretch between two matches.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace docket::prompt {

class Splitter {
 public:
  // `pattern` as tokenizer.json carries it (Oniguruma syntax, of which tokenizers use what PCRE2 shares). \s and \S are
  // given Unicode's White_Space, which PCRE2 alone would widen by U+180E. Errors: kMalformed with PCRE2's reason.
  static Result<Splitter> compile(const std::string& pattern, const std::string& where);

  // `text` must be valid UTF-8. The pieces join to `text` and none is empty. Errors: kLimitExceeded when the expression
  // backtracks beyond PCRE2's limit. Safe from several threads.
  Result<std::vector<std::string_view>> split(std::string_view text) const;

 private:
  struct Code;
  std::shared_ptr<const Code> code_;
};

}  // namespace docket::prompt
