// Turns and mirrors of whole pictures, without loss.
#pragma once

#include <cstdint>
#include <vector>

#include "page/page.h"

namespace docket::page {

// Rearranges rgb [height, width, 3] so that a picture stored with this EXIF orientation (1..8) stands upright, and
// swaps width and height for 5..8.
void apply_orientation(int orientation, int& width, int& height, std::vector<std::uint8_t>& rgb);

// The page turned clockwise by 0, 90, 180 or 270 degrees: pixels, text layer, to_source and turned_degrees with it.
Page turn(Page page, int degrees);

// The page cut to `box` (clipped to the page, at least 1 x 1), with text layer and to_source.
Page crop(const Page& page, const Box& box);

}  // namespace docket::page
