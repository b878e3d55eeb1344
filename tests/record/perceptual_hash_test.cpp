#include "record/perceptual_hash.h"

#include <gtest/gtest.h>

#include <random>

namespace docket::record {
namespace {

// Grey blocks, the same scene at any scale.
page::Page scene(unsigned seed, int scale, int noise) {
  std::mt19937 random(seed);
  std::array<int, 34 * 32> grey{};
  for (int& cell : grey) cell = static_cast<int>(random() % 200) + 20;
  page::Page page;
  page.width = 34 * scale;
  page.height = 32 * scale;
  std::mt19937 jitter(7);
  for (int y = 0; y < page.height; ++y) {
    for (int x = 0; x < page.width; ++x) {
      const int level = grey[static_cast<std::size_t>(y / scale * 34 + x / scale)];
      const int value = level + (noise > 0 ? static_cast<int>(jitter() % static_cast<unsigned>(noise)) : 0);
      page.rgb.insert(page.rgb.end(), 3, static_cast<std::uint8_t>(value));
    }
  }
  return page;
}

TEST(PerceptualHash, IsTheSameAtAnotherScaleAndWithNoise) {
  const auto hash = perceptual_hash(scene(1, 4, 0));
  EXPECT_EQ(hash.size(), 64U);
  EXPECT_EQ(hash_distance(hash, perceptual_hash(scene(1, 9, 0))), 0);
  EXPECT_LE(hash_distance(hash, perceptual_hash(scene(1, 9, 12))), 6);
}

TEST(PerceptualHash, OfOtherPicturesIsFarAway) {
  EXPECT_GT(hash_distance(perceptual_hash(scene(1, 4, 0)), perceptual_hash(scene(2, 4, 0))), 64);
}

TEST(PerceptualHash, WithoutAPictureMatchesNothing) {
  page::Page small;
  small.width = small.height = 4;
  small.rgb.resize(48);
  EXPECT_EQ(perceptual_hash(small), "");
  EXPECT_EQ(hash_distance("", ""), 256);
  EXPECT_EQ(hash_distance(std::string(64, 'g'), std::string(64, 'g')), 256);
  EXPECT_EQ(hash_distance(std::string(64, '0'), std::string(64, 'f')), 256);
}

}  // namespace
}  // namespace docket::record
