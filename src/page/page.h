// page: the bytes of an image or PDF in, upright RGB pixels out.
//
// A file holds one or more pages (PDF, TIFF); a photographed page may show several receipts, which `split` turns into
// one Page each. Everything after this stage works on a Page and never sees the file again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace docket::page {

// Axis-aligned, in pixels, x right and y down, half-open: x0 <= x < x1. Empty when x1 <= x0 or y1 <= y0.
struct Box {
  float x0 = 0, y0 = 0, x1 = 0, y1 = 0;
  float width() const { return x1 - x0; }
  float height() const { return y1 - y0; }
  float center_x() const { return (x0 + x1) / 2; }
  float center_y() const { return (y0 + y1) / 2; }
  bool empty() const { return x1 <= x0 || y1 <= y0; }
};

// The smallest Box around both; an empty one adds nothing.
Box unite(const Box& a, const Box& b);

// One word of a PDF's own text layer, in the Page's pixels.
struct TextSpan {
  std::string text;  // UTF-8, no white space
  Box box;
};

// Row-major 3x3 homography from the Page's pixels to the pixels of the picture as a viewer shows it (EXIF applied,
// before docket turned, cropped or split it). Identity for a page that was not touched.
using Transform = std::array<double, 9>;
inline constexpr Transform kIdentity = {1, 0, 0, 0, 1, 0, 0, 0, 1};

// The bounding box of `box` after `transform`.
Box apply(const Transform& transform, const Box& box);

struct Page {
  int width = 0;                  // pixels
  int height = 0;                 // pixels
  std::vector<std::uint8_t> rgb;  // [height, width, 3], row-major, 0..255, upright

  int number = 1;          // 1-based page in the file
  int receipt = 0;         // 0-based receipt on that page, when several were found and split
  double dpi = 0;          // as the file says or as it was rendered; 0 when unknown
  int turned_degrees = 0;  // 0, 90, 180, 270: clockwise turn that made it upright, after EXIF
  Transform to_source = kIdentity;
  int source_width = 0, source_height = 0;  // of the picture that to_source maps to
  std::vector<TextSpan> text_layer;         // empty for pictures
  std::vector<std::string> notes;           // ids of what was repaired or noticed, e.g. "truncated_image", "turned_90"

  const std::uint8_t* row(int y) const { return rgb.data() + static_cast<std::ptrdiff_t>(y) * width * 3; }
};

}  // namespace docket::page
