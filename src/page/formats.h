// Inside of page: what the readers of one format share. Each reader takes an Input whose bytes it has been told are of
// its kind, checks sizes against the limits before it allocates, and turns its library's failures into an Error.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "page/read.h"

namespace docket::page {

struct Input {
  std::span<const std::uint8_t> bytes;
  const std::string& name;
  const Limits& limits;
  const Options& options;
  std::chrono::steady_clock::time_point deadline;

  bool late() const { return std::chrono::steady_clock::now() > deadline; }
};

// One decoded picture, not yet turned by its EXIF orientation.
struct Picture {
  int width = 0, height = 0;
  std::vector<std::uint8_t> rgb;  // [height, width, 3]
  int orientation = 1;            // EXIF 1..8
  double dpi = 0;                 // 0 when unknown
  std::vector<std::string> notes;
};

// Note ids: the bytes ended early (the rest is blank or grey); the library repaired or skipped some of the data.
inline constexpr const char* kTruncatedImage = "truncated_image";
inline constexpr const char* kDamagedImage = "damaged_image";

Result<Document> read_jpeg(const Input& input);
Result<Document> read_png(const Input& input);
Result<Document> read_webp(const Input& input);
Result<Document> read_tiff(const Input& input);
Result<Document> read_heic(const Input& input);
Result<Document> read_pdf(const Input& input);

// "libpng 1.6.39" as found at run time.
std::string jpeg_library();
std::string png_library();
std::string webp_library();
std::string tiff_library();
FormatSupport heic_support();
FormatSupport pdf_support(const Options& options);

// Errors: kMalformed for a size that no picture has, kLimitExceeded past max_pixels.
Status check_size(const Input& input, std::int64_t width, std::int64_t height);
// Adds to the pixels read so far. Error: kLimitExceeded past max_total_pixels.
Status add_pixels(const Input& input, std::int64_t width, std::int64_t height, std::int64_t& total);
// The 1-based pages to read of a file that has page_count. Errors: kInvalidArgument, kLimitExceeded.
Result<std::vector<int>> choose_pages(const Input& input, int page_count);
Unexpected too_late(const Input& input);
Unexpected malformed(const Input& input, const std::string& message);

// The document of a format that holds one picture.
Result<Document> single_page(const Input& input, Picture picture);
// Applies the orientation.
Page make_page(Picture picture, int number);

// Composites `count` RGBA pixels over white into `rgb`, which may be the same memory.
void blend_over_white(const std::uint8_t* rgba, std::size_t count, std::uint8_t* rgb);

// The orientation (1..8) of an EXIF block, with or without its "Exif\0\0" prefix; 1 when it has none or is damaged.
int exif_orientation(std::span<const std::uint8_t> exif);

}  // namespace docket::page
