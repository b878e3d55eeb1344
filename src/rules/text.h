// Small text helpers that the parsers share. All work on bytes of UTF-8 and never fail on malformed input.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace docket::rules {

// What a parser noticed about a value, in the order it noticed it: "letters_repaired", "ambiguous", ...
using Flags = std::vector<std::string>;
bool has_flag(const Flags& flags, std::string_view flag);

// A value read from text, or nothing, with what was noticed on the way. Nothing always comes with a flag that says why.
template <typename T>
struct Parsed {
  std::optional<T> value;
  Flags flags;
};

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
inline bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
inline char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Printed variants as ASCII: every Unicode space as ' ', every dash and the minus sign as '-', curly quotes straight.
// Other bytes are kept. The result is never longer than the input.
std::string plain(std::string_view text);

std::string lower(std::string_view text);  // ASCII letters only
std::string_view trim(std::string_view text);
std::string digits_only(std::string_view text);
bool starts_with_word(std::string_view text, std::string_view word);  // case folded; a letter may not follow
bool contains_word(std::string_view text, std::string_view phrase);   // case folded, at word borders; one space = any
// Lower-case words of letters and digits; everything else separates. "Tax-Invoice 12" -> {"tax", "invoice", "12"}
std::vector<std::string> words_of(std::string_view text);

// The digit that a letter is often read for (spec 1.1 step 2), or nothing for any other letter.
// O o D Q -> 0, I i l | -> 1, Z z -> 2, S s -> 5, G -> 6, B -> 8. A digit is itself.
std::optional<char> digit_for(char c);

// Edits (insert, delete, replace) from a to b, or limit + 1 when there are more than `limit`.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit);

}  // namespace docket::rules
