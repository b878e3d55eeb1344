// The fixed tables of bitsandbytes' formats.
#pragma once

#include <array>

#include "core/quant/block4.h"

namespace docket::quant {

// The 16 values of NF4 (ascending) or FP4 (bit 3 is the sign), as `quant_map` holds them.
const std::array<float, 16>& codebook(Code4 code);

// The signed dynamic 8-bit map that absmax is quantised with, ascending. Index 0 is -0.99297, 127 is 0, 255 is 1.
// bitsandbytes' create_dynamic_map(signed, 7 exponent bits): for i in 0..6, 2^i midpoints of 2^i + 1 equally spaced
// points from 0.1 to 1, times 10^(i-6), with both signs; then 0 and 1.
const std::array<float, 256>& dynamic_map();

}  // namespace docket::quant
