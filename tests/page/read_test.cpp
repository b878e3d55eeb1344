#include "page/read.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/page/support.h"

namespace docket::page {
namespace {

using ::testing::HasSubstr;

// Pixels of an independent reader (Pillow), written by training/make_page_fixtures.py.
TEST(ReadPages, GivesPillowsPixels) {
  std::ifstream golden("tests/page/data/golden.tsv");
  std::string line;
  int checked = 0;
  while (std::getline(golden, line)) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream fields(line);
    std::string file, sha;
    int page = 0, width = 0, height = 0;
    fields >> file >> page >> width >> height >> sha;
    SCOPED_TRACE(file + " page " + std::to_string(page));
    auto document = read_fixture(file);
    ASSERT_TRUE(document.has_value()) << document.error().text();
    ASSERT_GE(document->page_count, page);
    const Page& read = document->pages.at(static_cast<std::size_t>(page) - 1);
    EXPECT_EQ(read.width, width);
    EXPECT_EQ(read.height, height);
    EXPECT_EQ(read.number, page);
    EXPECT_EQ(sha256_hex(read.rgb), sha);
    EXPECT_TRUE(read.notes.empty());
    ++checked;
  }
  EXPECT_EQ(checked, 37);
}

TEST(ReadPages, AllEightExifOrientationsShowTheSamePicture) {
  const auto upright = read_fixture("exif_1.jpg");
  ASSERT_TRUE(upright.has_value());
  for (int orientation = 2; orientation <= 8; ++orientation) {
    const auto turned = read_fixture("exif_" + std::to_string(orientation) + ".jpg");
    ASSERT_TRUE(turned.has_value());
    const Page& a = upright->pages[0];
    const Page& b = turned->pages[0];
    ASSERT_EQ(a.width, b.width);
    ASSERT_EQ(a.height, b.height);
    int worst = 0;  // JPEG blocks fall elsewhere on a turned picture, so its values differ a little
    for (std::size_t i = 0; i < a.rgb.size(); ++i) worst = std::max(worst, std::abs(a.rgb[i] - b.rgb[i]));
    EXPECT_LE(worst, 48) << orientation;
    EXPECT_NE(a.rgb, Bytes(a.rgb.size(), a.rgb[0]));
  }
}

TEST(ReadPages, AllEightTiffOrientationsShowTheSamePicture) {
  const auto upright = read_fixture("orientation_1.tiff");
  ASSERT_TRUE(upright.has_value());
  for (int orientation = 2; orientation <= 8; ++orientation) {
    const auto turned = read_fixture("orientation_" + std::to_string(orientation) + ".tiff");
    ASSERT_TRUE(turned.has_value());
    EXPECT_EQ(turned->pages[0].width, 20);
    EXPECT_EQ(turned->pages[0].height, 33);
    EXPECT_EQ(upright->pages[0].rgb, turned->pages[0].rgb) << orientation;
  }
}

TEST(ReadPages, KeepsTheResolution) {
  EXPECT_DOUBLE_EQ(read_fixture("baseline_420.jpg")->pages[0].dpi, 200);
  EXPECT_NEAR(read_fixture("rgb.png")->pages[0].dpi, 300, 0.1);
  EXPECT_DOUBLE_EQ(read_fixture("three_pages.tiff")->pages[0].dpi, 150);
  EXPECT_DOUBLE_EQ(read_fixture("palette.png")->pages[0].dpi, 0);
}

TEST(ReadPages, ReadsHeic) {
  const auto document = read_fixture("picture.heic");
  ASSERT_TRUE(document.has_value()) << document.error().text();
  const Page& page = document->pages[0];
  ASSERT_EQ(page.width, 64);
  ASSERT_EQ(page.height, 64);
  const std::uint8_t* mark = page.row(5) + 8 * 3;  // the red mark, (200, 10, 30) before compression
  EXPECT_NEAR(mark[0], 200, 30);
  EXPECT_NEAR(mark[1], 10, 30);
  EXPECT_NEAR(mark[2], 30, 40);
}

TEST(ReadPages, ReadsThePagesAskedFor) {
  Options options;
  options.pages = {1, 3};
  const auto document = read_fixture("three_pages.tiff", {}, options);
  ASSERT_TRUE(document.has_value());
  EXPECT_EQ(document->page_count, 3);
  ASSERT_EQ(document->pages.size(), 2U);
  EXPECT_EQ(document->pages[0].number, 1);
  EXPECT_EQ(document->pages[1].number, 3);
  EXPECT_EQ(document->pages[1].width, 45);
}

TEST(ReadPages, RefusesPagesThatAreNotThere) {
  Options options;
  options.pages = {4};
  const auto document = read_fixture("three_pages.tiff", {}, options);
  ASSERT_FALSE(document.has_value());
  EXPECT_EQ(document.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(document.error().text(), HasSubstr("three_pages.tiff: page 4 was asked for, and the file has 3"));
  options.pages = {2, 2};
  EXPECT_EQ(read_fixture("three_pages.tiff", {}, options).error().code, ErrorCode::kInvalidArgument);
}

TEST(ReadPages, SaysThatAnAnimationIsCutToItsFirstFrame) {
  EXPECT_THAT(read_fixture("animated.webp")->notes, ::testing::ElementsAre("animated_image_first_frame"));
}

TEST(ReadPages, EachLimitNamesTheFileAndBothNumbers) {
  const auto refused = [](const std::string& file, const Limits& limits) {
    const auto document = read_fixture(file, limits);
    EXPECT_FALSE(document.has_value()) << file;
    if (document) return std::string();
    EXPECT_EQ(document.error().code, ErrorCode::kLimitExceeded);
    EXPECT_THAT(document.error().text(), HasSubstr(file + ": "));
    return document.error().message;
  };
  Limits bytes;
  bytes.max_bytes = 100;
  EXPECT_THAT(refused("grey.jpg", bytes), HasSubstr(std::to_string(fixture("grey.jpg").size()) + " bytes"));
  Limits pixels;
  pixels.max_pixels = 45 * 31 - 1;
  for (const char* file : {"grey.jpg", "progressive.jpg", "rgb.png", "lossy.webp", "animated.webp", "fax.tiff"}) {
    EXPECT_THAT(refused(file, pixels), HasSubstr("45 x 31 = 1395 pixels, more than the limit of 1394")) << file;
  }
  EXPECT_THAT(refused("picture.heic", pixels), HasSubstr("64 x 64 = 4096 pixels"));
  Limits pages;
  pages.max_pages = 2;
  EXPECT_THAT(refused("three_pages.tiff", pages), HasSubstr("3 pages to read, more than the limit of 2"));
  Limits total;
  total.max_total_pixels = 2000;
  EXPECT_THAT(refused("three_pages.tiff", total), HasSubstr("more than the limit of 2000"));
  Limits seconds;
  seconds.max_seconds = 0;
  EXPECT_THAT(refused("progressive.jpg", seconds), HasSubstr("limit of 0 seconds"));
  EXPECT_THAT(refused("rgb.png", seconds), HasSubstr("limit of 0 seconds"));
  EXPECT_THAT(refused("three_pages.tiff", seconds), HasSubstr("limit of 0 seconds"));
}

TEST(ReadPages, SaysWhatItFoundInstead) {
  const auto message = [](const std::string& content) {
    const Bytes bytes(content.begin(), content.end());
    const auto document = read_pages(bytes, "x");
    EXPECT_EQ(document.error().code, ErrorCode::kUnsupported);
    return document.error().text();
  };
  EXPECT_EQ(message(""), "x: expected a JPEG, PNG, WebP, TIFF, HEIC or PDF, found an empty file");
  EXPECT_THAT(message("total 12.50\n"), HasSubstr("found text"));
  EXPECT_THAT(message("GIF89a......"), HasSubstr("found a GIF"));
  EXPECT_THAT(message(std::string("\0\1\2\3", 4)), HasSubstr("found bytes of an unknown kind"));
}

// Every prefix of every fixture gives a page with a note, a whole page (only bytes after the picture are missing) or an
// error; the sanitizer builds watch the memory.
TEST(ReadPages, SurvivesTruncationAtEveryLength) {
  for (const char* file :
       {"baseline_420.jpg", "progressive.jpg", "cmyk_adobe.jpg", "exif_6.jpg", "palette.png", "interlaced.png",
        "exif_6.png", "lossless.webp", "lossy.webp", "animated.webp", "three_pages.tiff", "fax.tiff", "picture.heic"}) {
    const Bytes whole = fixture(file);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const auto document = read_pages(std::span(whole).first(size), file);
      if (!document) {
        EXPECT_FALSE(document.error().message.empty());
        continue;
      }
      for (const Page& page : document->pages) {
        ASSERT_EQ(page.rgb.size(), static_cast<std::size_t>(page.width) * static_cast<std::size_t>(page.height) * 3);
      }
    }
  }
}

TEST(ReadPages, KeepsTheTopOfATruncatedPicture) {
  for (const char* file : {"baseline_444.jpg", "sixteen_bit.png", "lossy.webp"}) {
    const Bytes whole = fixture(file);
    const auto complete = read_pages(whole, file);
    const auto cut = read_pages(std::span(whole).first(whole.size() * 3 / 4), file);
    ASSERT_TRUE(cut.has_value()) << file << " " << cut.error().text();
    EXPECT_TRUE(has_note(cut->pages[0], "truncated_image")) << file;
    const std::size_t top = 45 * 3 * 4;
    EXPECT_TRUE(std::equal(cut->pages[0].rgb.begin(), cut->pages[0].rgb.begin() + top, complete->pages[0].rgb.begin()))
        << file;
  }
}

TEST(ReadPages, ACutThatLosesEveryRowIsAnError) {
  const Bytes whole = fixture("baseline_420.jpg");
  const auto scan = std::search(whole.begin(), whole.end(), std::begin("\xFF\xDA"), std::end("\xFF\xDA") - 1,
                                [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); });
  const auto header = static_cast<std::size_t>(scan - whole.begin()) + 14;
  const auto document = read_pages(std::span(whole).first(header), "cut.jpg");
  ASSERT_FALSE(document.has_value());
  EXPECT_EQ(document.error().code, ErrorCode::kMalformed);
}

TEST(SupportedFormats, NamesEachLibraryWithItsVersion) {
  for (const FormatSupport& format : supported_formats()) {
    EXPECT_TRUE(format.available) << format.name << ": " << format.problem;
    EXPECT_THAT(format.library, ::testing::MatchesRegex(".+ [0-9]+\\.[0-9].*")) << format.name;
  }
}

}  // namespace
}  // namespace docket::page
