// tiles: a Page in, the normalized square tiles that the vision encoder reads out.
//
// Exact to the "slow" PIL and NumPy processor of transformers 4.45 (MllamaImageProcessor): every pixel value has the
// same bits. A page is fitted into the best canvas of rows x cols tiles, resized with PIL's fixed-point bilinear
// filter, padded at the bottom and right with black, normalized, and cut into tiles, left to right and top to bottom.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/base/result.h"
#include "page/page.h"

namespace docket::tiles {

// preprocessor_config.json.
struct Config {
  int tile_size = 560;  // pixels of a side, 1..4096
  int max_image_tiles = 4;
  double rescale_factor = 1.0 / 255.0;
  std::array<double, 3> image_mean = {0.48145466, 0.4578275, 0.40821073};
  std::array<double, 3> image_std = {0.26862954, 0.26130258, 0.27577711};
};

// Rows x cols of tiles; `id` is its 1-based place in the list of all grids with rows * cols <= max_image_tiles, rows
// outermost. Id 0 stands for "no image".
struct AspectRatio {
  int rows = 1, cols = 1, id = 1;
  bool operator==(const AspectRatio&) const = default;
};
std::vector<AspectRatio> supported_aspect_ratios(int max_image_tiles);

struct Tiles {
  AspectRatio aspect_ratio;
  int tile_size = 0;
  std::vector<float> pixels;  // [num_tiles, 3, tile_size, tile_size], row-major
  int num_tiles() const { return aspect_ratio.rows * aspect_ratio.cols; }
};

// The canvas for an image of this size: the smallest enlargement that fills a canvas, or the least reduction; ties go
// to the smaller area, then to the earlier in the list. Spec: get_optimal_tiled_canvas.
AspectRatio choose_canvas(int image_height, int image_width, const Config& config);

struct Size {
  int height = 0, width = 0;
  bool operator==(const Size&) const = default;
};
// What the image is resized to inside its canvas, each side at least 1. Spec: get_image_size_fit_to_canvas.
Size fit_size(int image_height, int image_width, const AspectRatio& canvas, int tile_size);

// Errors: kInvalidArgument for a page without pixels, or whose rgb is not height * width * 3 bytes.
// Cost at 560 pixels and four tiles: about 15 ms; memory: the result, and two 8-bit copies of the resized page.
Result<Tiles> make_tiles(const page::Page& page, const Config& config);

// An 8-bit RGB image, [height, width, 3].
struct Rgb {
  int height = 0, width = 0;
  std::vector<std::uint8_t> data;
};
// PIL's Image.resize(BILINEAR): horizontal pass, 8-bit intermediate, vertical pass; a pass that changes no size is left
// out. Every side must be at least 1.
Rgb resize_bilinear(std::span<const std::uint8_t> rgb, Size from, Size to);

}  // namespace docket::tiles
