#include "page/orientation.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "core/base/check.h"

namespace docket::page {
namespace {

// Where output pixel (x, y) comes from in the stored picture: stored = (x_from_x x + x_from_y y + x0, ...). All entries
// are -1, 0 or 1 save the offsets. EXIF 2.3, tag 274.
struct Placement {
  int x_from_x, x_from_y, x0;
  int y_from_x, y_from_y, y0;
};

Placement placement_of(int orientation, int width, int height) {
  switch (orientation) {
    case 2:
      return {-1, 0, width - 1, 0, 1, 0};
    case 3:
      return {-1, 0, width - 1, 0, -1, height - 1};
    case 4:
      return {1, 0, 0, 0, -1, height - 1};
    case 5:
      return {0, 1, 0, 1, 0, 0};
    case 6:
      return {0, 1, 0, -1, 0, height - 1};
    case 7:
      return {0, -1, width - 1, -1, 0, height - 1};
    case 8:
      return {0, -1, width - 1, 1, 0, 0};
    default:
      return {1, 0, 0, 0, 1, 0};
  }
}

// Orientation whose correction is a clockwise turn by `degrees`.
int orientation_of_turn(int degrees) {
  switch (degrees) {
    case 90:
      return 6;
    case 180:
      return 3;
    case 270:
      return 8;
    default:
      return 1;
  }
}

Transform multiply(const Transform& a, const Transform& b) {
  Transform out{};
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 3; ++column) {
      for (std::size_t k = 0; k < 3; ++k) out[row * 3 + column] += a[row * 3 + k] * b[k * 3 + column];
    }
  }
  return out;
}

// Pixel edges, not centres: x = 0 is the left edge of the first pixel, so an offset of width - 1 becomes width.
Transform edges_of(const Placement& p) {
  const double x0 = p.x0 == 0 ? 0 : p.x0 + 1;
  const double y0 = p.y0 == 0 ? 0 : p.y0 + 1;
  return {double(p.x_from_x), double(p.x_from_y), x0, double(p.y_from_x), double(p.y_from_y), y0, 0, 0, 1};
}

Transform inverse_of_turn(int degrees, int turned_width, int turned_height) {
  const int back = (360 - degrees) % 360;
  return edges_of(placement_of(orientation_of_turn(back), turned_width, turned_height));
}

}  // namespace

void apply_orientation(int orientation, int& width, int& height, std::vector<std::uint8_t>& rgb) {
  if (orientation <= 1 || orientation > 8) return;
  const Placement p = placement_of(orientation, width, height);
  const int out_width = orientation >= 5 ? height : width;
  const int out_height = orientation >= 5 ? width : height;
  std::vector<std::uint8_t> out(rgb.size());
  const std::ptrdiff_t step = (static_cast<std::ptrdiff_t>(p.y_from_x) * width + p.x_from_x) * 3;
  std::uint8_t* to = out.data();
  for (int y = 0; y < out_height; ++y) {
    const std::ptrdiff_t stored_x = static_cast<std::ptrdiff_t>(p.x_from_y) * y + p.x0;
    const std::ptrdiff_t stored_y = static_cast<std::ptrdiff_t>(p.y_from_y) * y + p.y0;
    std::ptrdiff_t from = (stored_y * width + stored_x) * 3;
    for (int x = 0; x < out_width; ++x, from += step, to += 3) {
      const std::uint8_t* pixel = rgb.data() + from;
      to[0] = pixel[0];
      to[1] = pixel[1];
      to[2] = pixel[2];
    }
  }
  width = out_width;
  height = out_height;
  rgb = std::move(out);
}

Page turn(Page page, int degrees) {
  CHECK(degrees == 0 || degrees == 90 || degrees == 180 || degrees == 270, "%d", degrees);
  if (degrees == 0) return page;
  const int old_width = page.width;
  const int old_height = page.height;
  const Transform to_old = edges_of(placement_of(orientation_of_turn(degrees), old_width, old_height));
  apply_orientation(orientation_of_turn(degrees), page.width, page.height, page.rgb);
  const Transform to_turned = inverse_of_turn(degrees, page.width, page.height);
  for (TextSpan& span : page.text_layer) span.box = apply(to_turned, span.box);
  page.to_source = multiply(page.to_source, to_old);
  page.turned_degrees = (page.turned_degrees + degrees) % 360;
  page.notes.push_back("turned_" + std::to_string(degrees));
  return page;
}

Page crop(const Page& page, const Box& box) {
  const int x0 = std::clamp(static_cast<int>(std::floor(box.x0)), 0, page.width - 1);
  const int y0 = std::clamp(static_cast<int>(std::floor(box.y0)), 0, page.height - 1);
  const int x1 = std::clamp(static_cast<int>(std::ceil(box.x1)), x0 + 1, page.width);
  const int y1 = std::clamp(static_cast<int>(std::ceil(box.y1)), y0 + 1, page.height);
  Page out;
  out.width = x1 - x0;
  out.height = y1 - y0;
  out.rgb.reserve(static_cast<std::size_t>(out.width) * static_cast<std::size_t>(out.height) * 3);
  for (int y = y0; y < y1; ++y) {
    const std::uint8_t* from = page.row(y) + static_cast<std::ptrdiff_t>(x0) * 3;
    out.rgb.insert(out.rgb.end(), from, from + static_cast<std::ptrdiff_t>(out.width) * 3);
  }
  out.number = page.number;
  out.receipt = page.receipt;
  out.dpi = page.dpi;
  out.turned_degrees = page.turned_degrees;
  out.source_width = page.source_width;
  out.source_height = page.source_height;
  out.notes = page.notes;
  out.to_source = multiply(page.to_source, {1, 0, double(x0), 0, 1, double(y0), 0, 0, 1});
  const auto shift_x = static_cast<float>(x0);
  const auto shift_y = static_cast<float>(y0);
  for (TextSpan span : page.text_layer) {
    if (span.box.center_x() < shift_x || span.box.center_x() >= static_cast<float>(x1)) continue;
    if (span.box.center_y() < shift_y || span.box.center_y() >= static_cast<float>(y1)) continue;
    span.box = {span.box.x0 - shift_x, span.box.y0 - shift_y, span.box.x1 - shift_x, span.box.y1 - shift_y};
    out.text_layer.push_back(std::move(span));
  }
  return out;
}

}  // namespace docket::page
