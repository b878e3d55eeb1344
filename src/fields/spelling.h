// Readings of one name that differ in a few letters: each says something of how it is spelt.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "fields/choose.h"

namespace docket::fields {

// The spelling that most of the weight stands behind, letter by letter: each of `spellings` {text, weight} is aligned
// to the first, and every letter of it (and every gap) goes by vote; a tie keeps the first. Bytes are the letters.
std::string vote_on_letters(const std::vector<std::pair<std::string, double>>& spellings);

// Puts the spelling that the readings of the best supported name agree on in front. A value that differs from it in a
// few letters alone lends it half of its probability. `beliefs` are one for each spelling.
std::vector<Belief> settle_spelling(std::vector<Belief> beliefs);

}  // namespace docket::fields
