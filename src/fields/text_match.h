// Comparing printed words as OCR misreads them: case, punctuation and the usual confusions of shape count for little.
#pragma once

#include <string>
#include <string_view>

namespace docket::fields {

// The ASCII letters and digits of `text`, upper case; everything else is dropped. "Sub-Total:" -> "SUBTOTAL".
std::string fold(std::string_view text);

// fold() with the digits that stand for letters read as letters (0 O, 1 I, 5 S, 6 G, 8 B), for comparing words of
// letters. "T0TAL" -> "TOTAL".
std::string fold_letters(std::string_view text);

// Weighted edit distance between two folded strings: 1 for an insertion, deletion or substitution, 0.5 for a
// substitution of letters of like shape (O/Q, I/L/T, B/R/E, M/N/H, ...). Gives up above `limit`, returning limit + 1.
double edit_distance(std::string_view a, std::string_view b, double limit);

// How far a printed word of that length may be from a label and still be taken for it: nothing up to 3 letters, one
// like-shape substitution at 4, one edit at 5 or 6, 1.5 up to 9, 2 above.
double tolerance(std::size_t length);

bool is_digit(char c);
bool is_letter(char c);  // ASCII
int count_digits(std::string_view text);
int count_letters(std::string_view text);

}  // namespace docket::fields
