// A fingerprint of how a page looks, the same for a picture that was saved again or scaled.
#pragma once

#include <string>
#include <string_view>

#include "page/page.h"

namespace docket::record {

// 256 bits as 64 hex digits: the page shrunk to 17 x 16 grey cells, each bit whether a cell is brighter than its right
// neighbour. Empty for a page smaller than the grid.
std::string perceptual_hash(const page::Page& page);

// Bits that differ, 0..256. 256 when either is not 64 hex digits.
int hash_distance(std::string_view a, std::string_view b);

}  // namespace docket::record
