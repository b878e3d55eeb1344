// eval: a document's pages as small pictures that a web page can carry inside itself.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "page/page.h"
#include "page/read.h"

namespace docket::eval {

struct Picture {
  int page = 1;               // 1-based
  int width = 0, height = 0;  // of the page as a viewer shows it; boxes are in these pixels
  std::string data_uri;       // "data:image/webp;base64,...", scaled down
};

struct PictureOptions {
  int longest_side = 1100;  // pixels; smaller pages keep their size
  float quality = 62;       // WebP, 0..100
  page::Limits limits = {};
  page::Options read = {};  // pages and the PDF worker
};

// Errors: those of read_file and read_pages; kInternal when a page cannot be encoded.
Result<std::vector<Picture>> load_pictures(const std::filesystem::path& file, const PictureOptions& options);

// RFC 4648 base64 with padding.
std::string base64(const std::uint8_t* bytes, std::size_t size);

}  // namespace docket::eval
