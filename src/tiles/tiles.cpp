#include "tiles/tiles.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace docket::tiles {
namespace {

// normalized[channel][8-bit value]: rescaled in double and rounded to fp32, then normalized in fp32, as NumPy does.
std::array<std::array<float, 256>, 3> make_table(const Config& config) {
  std::array<std::array<float, 256>, 3> table{};
  for (std::size_t c = 0; c < 3; ++c) {
    const auto mean = static_cast<float>(config.image_mean[c]), std = static_cast<float>(config.image_std[c]);
    for (std::size_t v = 0; v < 256; ++v) {
      const auto rescaled = static_cast<float>(static_cast<double>(v) * config.rescale_factor);
      table[c][v] = (rescaled - mean) / std;
    }
  }
  return table;
}

// Fills one tile's three planes from the part of `image` under it; the rest is normalized black.
void fill_tile(const Rgb& image, int top, int left, int side, const std::array<std::array<float, 256>, 3>& table,
               float* tile) {
  const auto plane = static_cast<std::size_t>(side) * static_cast<std::size_t>(side);
  const int width = std::clamp(image.width - left, 0, side);
  for (std::size_t c = 0; c < 3; ++c) {
    float* out = tile + c * plane;
    for (int y = 0; y < side; ++y, out += side) {
      const int filled = top + y < image.height ? width : 0;
      const std::size_t at =
          static_cast<std::size_t>(top + y) * static_cast<std::size_t>(image.width) + static_cast<std::size_t>(left);
      for (int x = 0; x < filled; ++x) out[x] = table[c][image.data[(at + static_cast<std::size_t>(x)) * 3 + c]];
      std::fill(out + filled, out + side, table[c][0]);
    }
  }
}

}  // namespace

std::vector<AspectRatio> supported_aspect_ratios(int max_image_tiles) {
  std::vector<AspectRatio> out;
  for (int rows = 1; rows <= max_image_tiles; ++rows) {
    for (int cols = 1; cols * rows <= max_image_tiles; ++cols) {
      out.push_back({rows, cols, static_cast<int>(out.size()) + 1});
    }
  }
  return out;
}

AspectRatio choose_canvas(int image_height, int image_width, const Config& config) {
  const std::vector<AspectRatio> ratios = supported_aspect_ratios(config.max_image_tiles);
  std::vector<double> scales;
  scales.reserve(ratios.size());
  for (const AspectRatio& r : ratios) {
    scales.push_back(std::min(static_cast<double>(r.rows * config.tile_size) / image_height,
                              static_cast<double>(r.cols * config.tile_size) / image_width));
  }
  double enlarging = INFINITY, reducing = 0;
  for (const double s : scales) {
    if (s >= 1) enlarging = std::min(enlarging, s);
    if (s < 1) reducing = std::max(reducing, s);
  }
  const double selected = std::isfinite(enlarging) ? enlarging : reducing;
  const AspectRatio* best = nullptr;
  for (std::size_t i = 0; i < ratios.size(); ++i) {
    if (scales[i] != selected) continue;
    if (best == nullptr || ratios[i].rows * ratios[i].cols < best->rows * best->cols) best = &ratios[i];
  }
  return *best;
}

Size fit_size(int image_height, int image_width, const AspectRatio& canvas, int tile_size) {
  const int target_width = std::clamp(image_width, tile_size, canvas.cols * tile_size);
  const int target_height = std::clamp(image_height, tile_size, canvas.rows * tile_size);
  const double scale_height = static_cast<double>(target_height) / image_height;
  const double scale_width = static_cast<double>(target_width) / image_width;
  if (scale_width < scale_height) {
    const int height = static_cast<int>(std::floor(image_height * scale_width));
    return {std::min(std::max(height, 1), target_height), target_width};
  }
  const int width = static_cast<int>(std::floor(image_width * scale_height));
  return {target_height, std::min(std::max(width, 1), target_width)};
}

Result<Tiles> make_tiles(const page::Page& page, const Config& config) {
  const std::size_t bytes =
      static_cast<std::size_t>(std::max(page.width, 0)) * static_cast<std::size_t>(std::max(page.height, 0)) * 3;
  if (bytes == 0 || page.rgb.size() != bytes) {
    return make_error(ErrorCode::kInvalidArgument,
                      "expected a page of width x height x 3 bytes, found " + std::to_string(page.width) + " x " +
                          std::to_string(page.height) + " with " + std::to_string(page.rgb.size()) + " bytes");
  }
  Tiles out;
  out.tile_size = config.tile_size;
  out.aspect_ratio = choose_canvas(page.height, page.width, config);
  const Size size = fit_size(page.height, page.width, out.aspect_ratio, config.tile_size);
  const Rgb image = resize_bilinear(page.rgb, {page.height, page.width}, size);
  const auto table = make_table(config);
  const auto tile = static_cast<std::size_t>(config.tile_size) * static_cast<std::size_t>(config.tile_size) * 3;
  out.pixels.resize(static_cast<std::size_t>(out.num_tiles()) * tile);
  for (int i = 0; i < out.num_tiles(); ++i) {
    const int top = i / out.aspect_ratio.cols * config.tile_size, left = i % out.aspect_ratio.cols * config.tile_size;
    fill_tile(image, top, left, config.tile_size, table, out.pixels.data() + static_cast<std::size_t>(i) * tile);
  }
  return out;
}

}  // namespace docket::tiles
