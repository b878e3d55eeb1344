#include "rules/text.h"

#include <algorithm>
#include <numeric>

namespace docket::rules {
namespace {

struct Replacement {
  std::string_view from;
  char to;
};

// U+00A0, U+2000..U+200A, U+202F, U+205F, U+3000 as a space; U+2010..U+2015, U+2212, U+FE63, U+FF0D as a hyphen.
constexpr Replacement kReplacements[] = {
    {"\xC2\xA0", ' '},      {"\xE2\x80\x80", ' '}, {"\xE2\x80\x81", ' '}, {"\xE2\x80\x82", ' '}, {"\xE2\x80\x83", ' '},
    {"\xE2\x80\x84", ' '},  {"\xE2\x80\x85", ' '}, {"\xE2\x80\x86", ' '}, {"\xE2\x80\x87", ' '}, {"\xE2\x80\x88", ' '},
    {"\xE2\x80\x89", ' '},  {"\xE2\x80\x8A", ' '}, {"\xE2\x80\xAF", ' '}, {"\xE2\x81\x9F", ' '}, {"\xE3\x80\x80", ' '},
    {"\xE2\x80\x90", '-'},  {"\xE2\x80\x91", '-'}, {"\xE2\x80\x92", '-'}, {"\xE2\x80\x93", '-'}, {"\xE2\x80\x94", '-'},
    {"\xE2\x80\x95", '-'},  {"\xE2\x88\x92", '-'}, {"\xEF\xB9\xA3", '-'}, {"\xEF\xBC\x8D", '-'}, {"\xE2\x80\x98", '\''},
    {"\xE2\x80\x99", '\''}, {"\xE2\x80\x9C", '"'}, {"\xE2\x80\x9D", '"'},
};

bool word_char(char c) { return is_alpha(c) || is_digit(c); }

}  // namespace

bool has_flag(const Flags& flags, std::string_view flag) {
  return std::find(flags.begin(), flags.end(), flag) != flags.end();
}

std::string plain(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    if (static_cast<unsigned char>(text.front()) < 0x80) {
      out.push_back(is_space(text.front()) ? ' ' : text.front());
      text.remove_prefix(1);
      continue;
    }
    const auto* const hit = std::find_if(std::begin(kReplacements), std::end(kReplacements),
                                         [&](const Replacement& r) { return text.starts_with(r.from); });
    if (hit == std::end(kReplacements)) {
      out.push_back(text.front());
      text.remove_prefix(1);
    } else {
      out.push_back(hit->to);
      text.remove_prefix(hit->from.size());
    }
  }
  return out;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), to_lower);
  return out;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string digits_only(std::string_view text) {
  std::string out;
  std::copy_if(text.begin(), text.end(), std::back_inserter(out), is_digit);
  return out;
}

bool starts_with_word(std::string_view text, std::string_view word) {
  if (text.size() < word.size() || lower(text.substr(0, word.size())) != lower(word)) return false;
  return text.size() == word.size() || !is_alpha(text[word.size()]);
}

bool contains_word(std::string_view text, std::string_view phrase) {
  std::string joined = " ";
  std::string wanted = " ";
  for (const auto& word : words_of(text)) joined += word + " ";
  for (const auto& word : words_of(phrase)) wanted += word + " ";
  return wanted.size() > 1 && joined.find(wanted) != std::string::npos;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text) {
    if (word_char(c)) {
      word.push_back(to_lower(c));
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

std::optional<char> digit_for(char c) {
  if (is_digit(c)) return c;
  switch (c) {
    case 'O':
    case 'o':
    case 'D':
    case 'Q':
      return '0';
    case 'I':
    case 'i':
    case 'l':
    case '|':
      return '1';
    case 'Z':
    case 'z':
      return '2';
    case 'S':
    case 's':
      return '5';
    case 'G':
      return '6';
    case 'B':
      return '8';
    default:
      return std::nullopt;
  }
}

std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit) {
  if (a.size() > b.size() + limit || b.size() > a.size() + limit) return limit + 1;
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replace, row[j] + 1, row[j - 1] + 1});
    }
  }
  return std::min(row.back(), limit + 1);
}

}  // namespace docket::rules
