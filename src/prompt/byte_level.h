// GPT-2's byte-level alphabet: every byte as one printable character, so that a vocabulary is valid text.
// Bytes 33..126, 161..172 and 174..255 stand for themselves; the other 68, in order, for U+0100..U+0143.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace docket::prompt {

// Bytes -> characters (UTF-8), and back. `to_bytes` gives nullopt when a character is not in the alphabet.
std::string to_alphabet(std::string_view bytes);
std::optional<std::string> to_bytes(std::string_view characters);

// Replaces each maximal ill-formed part by U+FFFD, as Rust's from_utf8_lossy and Python's errors="replace" do.
std::string decode_lossy(std::string_view bytes);

// How many bytes at the end of `bytes` begin a character that is not complete yet: 0..3. For streaming.
std::size_t incomplete_tail(std::string_view bytes);

}  // namespace docket::prompt
