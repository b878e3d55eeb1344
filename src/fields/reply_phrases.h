// Where sentences end, which words they have, and which of those name fields.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "fields/reply_values.h"

namespace docket::fields {

struct Word {
  Span span;
  std::string text;  // lower case
};

// A label in a sentence.
struct Phrase {
  std::size_t first = 0, last = 0;  // words
  std::string_view key;
  bool direct = false;  // its value follows without a verb ("issued by Harbour Hardware")
};

inline bool any_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Sentences of a line: a full stop ends one unless it stands in a number or behind an abbreviation.
std::vector<Span> sentences_of(std::string_view text, Span within);

std::vector<Word> words_in(std::string_view text, Span span);

// The labels among `words`, left to right; of several that begin at one word the longest.
std::vector<Phrase> phrases_in(std::string_view text, const std::vector<Word>& words);

}  // namespace docket::fields
