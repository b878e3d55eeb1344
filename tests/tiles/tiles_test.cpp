#include "tiles/tiles.h"

#include <gtest/gtest.h>

#include "core/base/file.h"
#include "page/read.h"
#include "tests/support/golden.h"

namespace docket::tiles {
namespace {

using golden::kData;

struct Vector {
  int height, width;
  Size canvas;
  int id;
  Size resized;
};

// transformers' rules worked out for tiles of 560 pixels.
constexpr Vector kVectors[] = {
    {560, 560, {560, 560}, 1, {560, 560}},       {100, 100, {560, 560}, 1, {560, 560}},
    {224, 220, {560, 560}, 1, {560, 550}},       {128, 512, {560, 560}, 1, {140, 560}},
    {480, 640, {560, 1120}, 2, {480, 640}},      {640, 480, {1120, 560}, 5, {640, 480}},
    {720, 1280, {1120, 1120}, 6, {630, 1120}},   {1080, 1920, {1120, 1120}, 6, {630, 1120}},
    {1920, 1080, {1120, 1120}, 6, {1120, 630}},  {600, 2400, {560, 2240}, 4, {560, 2240}},
    {2400, 600, {2240, 560}, 8, {2240, 560}},    {1000, 1000, {1120, 1120}, 6, {1000, 1000}},
    {1121, 1121, {1120, 1120}, 6, {1120, 1120}}, {3000, 4000, {1120, 1120}, 6, {840, 1120}},
    {10, 5000, {560, 2240}, 4, {4, 2240}},       {561, 560, {1120, 560}, 5, {561, 560}},
    {2339, 1654, {1120, 1120}, 6, {1120, 791}},  {1, 3000, {560, 2240}, 4, {1, 2240}},
};

TEST(Canvas, EqualsTheReferenceVectors) {
  const Config config;
  for (const Vector& v : kVectors) {
    const AspectRatio canvas = choose_canvas(v.height, v.width, config);
    EXPECT_EQ(canvas.id, v.id) << v.height << 'x' << v.width;
    EXPECT_EQ((Size{canvas.rows * 560, canvas.cols * 560}), v.canvas) << v.height << 'x' << v.width;
    const Size size = fit_size(v.height, v.width, canvas, 560);
    EXPECT_EQ(size, v.resized) << v.height << 'x' << v.width << " gave " << size.height << 'x' << size.width;
  }
}

TEST(Canvas, EveryResizedImageFitsItsCanvas) {
  Config config;
  config.tile_size = 28;
  for (int height = 1; height <= 200; height += 3) {
    for (int width = 1; width <= 200; width += 3) {
      const AspectRatio canvas = choose_canvas(height, width, config);
      const Size size = fit_size(height, width, canvas, 28);
      EXPECT_TRUE(size.height >= 1 && size.height <= canvas.rows * 28) << height << 'x' << width;
      EXPECT_TRUE(size.width >= 1 && size.width <= canvas.cols * 28) << height << 'x' << width;
    }
  }
}

page::Page read_picture(const std::string& name) {
  const std::string path = kData + "pictures/" + name + (name == "photo" ? ".jpg" : ".png");
  auto bytes = read_file(path, 1 << 24);
  EXPECT_TRUE(bytes.has_value());
  auto document = page::read_pages(*bytes, path);
  EXPECT_TRUE(document.has_value());
  return document->pages.at(0);
}

// The tensor that the reference hands its model: the tiles, then zeros for the missing ones.
std::string digest(const Tiles& tiles, std::size_t count) {
  std::vector<float> all = tiles.pixels;
  all.resize(count);
  return sha256_hex({reinterpret_cast<const std::uint8_t*>(all.data()), all.size() * sizeof(float)});
}

TEST(Tiles, PixelValuesEqualTheReferenceBitForBit) {
  for (const char* model : {"tiny", "odd"}) {
    const auto about = golden::read_json(kData + model + ".golden.json");
    const auto tensors = golden::read_tensors(kData + model + ".golden.safetensors");
    for (const char* name : {"wide", "tall", "one_pixel_high", "alpha", "grey", "palette", "photo", "exact", "large"}) {
      SCOPED_TRACE(std::string(model) + " " + name);
      const auto& expected = about["cases"][name];
      Config config;
      config.tile_size = expected["pixel_values_shape"].back();
      const auto tiles = make_tiles(read_picture(name), config);
      ASSERT_TRUE(tiles.has_value());
      EXPECT_EQ(tiles->aspect_ratio.id, expected["aspect_ratio_ids"][0][0].get<int>());
      int valid = 0;
      for (const int m : expected["aspect_ratio_mask"][0][0]) valid += m;
      EXPECT_EQ(tiles->num_tiles(), valid);
      const std::string key = std::string(name) + ".pixel_values";
      const std::size_t stride = about["tensors"][key]["stride"];
      std::vector<float> all = tiles->pixels;
      const std::size_t count = std::size_t{12} * static_cast<std::size_t>(config.tile_size * config.tile_size);
      all.resize(count);
      EXPECT_EQ(golden::thin(all, stride), tensors.at(key).floats());
      EXPECT_EQ(digest(*tiles, count), expected["pixel_values_sha256"]);
    }
  }
}

TEST(Tiles, PaddingIsNormalizedBlack) {
  page::Page page;
  page.width = page.height = 1;
  page.rgb = {255, 255, 255};
  Config config;
  config.tile_size = 28;
  const auto tiles = make_tiles(page, config);
  ASSERT_TRUE(tiles.has_value());
  EXPECT_EQ(tiles->pixels[0], 1.9303361177444458f);
  page.width = 2;
  page.rgb.resize(6);
  EXPECT_EQ(make_tiles(page, config)->pixels.back(), -1.480219841003418f);
}

TEST(Tiles, APageWithoutPixelsIsAnError) {
  page::Page page;
  EXPECT_EQ(make_tiles(page, {}).error().code, ErrorCode::kInvalidArgument);
  page.width = 2;
  page.height = 2;
  page.rgb.resize(11);
  EXPECT_EQ(make_tiles(page, {}).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace docket::tiles
