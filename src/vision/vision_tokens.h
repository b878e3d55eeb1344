// vision: normalized tiles in, vision tokens out: the keys and values that the text attends to.
#pragma once

#include <cstdint>

#include "core/tensor/matrix.h"

namespace docket::vision {

// The tokens of one image in the width of the text. A view into the encoder's state: valid until its next encode().
//
// Rows before `num_visible` are the image's own tiles, tile by tile, num_patches (class token first) rows each. The
// rows after them are missing tiles, which only text rows that see no image attend to (spec 5.5, case 2); equal ones
// stand once, and key_bias holds ln(how many).
struct VisionTokens {
  Matrix tokens;                    // [num_tokens, text hidden_size]
  std::int64_t num_visible = 0;     // num_tiles * num_patches
  const float* key_bias = nullptr;  // [num_tokens]; 0 for visible tokens
  int num_tiles = 0;

  std::int64_t num_tokens() const { return tokens.rows; }
};

}  // namespace docket::vision
