// read_images without the document side: binary PPM (P6, 8 bits), which needs no library.
#include <cctype>

#include "apps/cli/engine_flags.h"
#include "core/base/file.h"

namespace docket::cli {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{1} << 30;
constexpr int kMaxSide = 1 << 15;

// The next number of the header, behind white space and comments; -1 for none.
int next_number(const Bytes& bytes, std::size_t& at) {
  while (at < bytes.size() && (std::isspace(bytes[at]) != 0 || bytes[at] == '#')) {
    if (bytes[at] == '#') {
      while (at < bytes.size() && bytes[at] != '\n') ++at;
    } else {
      ++at;
    }
  }
  int number = -1;
  for (; at < bytes.size() && std::isdigit(bytes[at]) != 0 && number < kMaxSide; ++at)
    number = (number < 0 ? 0 : number) * 10 + (bytes[at] - '0');
  return number;
}

Result<page::Page> read_ppm(const std::string& file) {
  DOCKET_TRY(const Bytes bytes, read_file(file, kMaxBytes));
  std::size_t at = 2;
  const bool named = bytes.size() > 2 && bytes[0] == 'P' && bytes[1] == '6';
  const int width = named ? next_number(bytes, at) : -1, height = named ? next_number(bytes, at) : -1;
  const int largest = named ? next_number(bytes, at) : -1;
  ++at;  // one white space
  const auto size = static_cast<std::size_t>(std::max(width, 0)) * static_cast<std::size_t>(std::max(height, 0)) * 3;
  if (size == 0 || width > kMaxSide || height > kMaxSide || largest != 255 || at > bytes.size() ||
      bytes.size() - at != size) {
    return make_error(ErrorCode::kUnsupported, "is not a binary PPM (P6) of 8 bits, all that this build reads", file);
  }
  page::Page page;
  page.width = width;
  page.height = height;
  page.rgb.assign(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.end());
  return page;
}

}  // namespace

Result<std::vector<page::Page>> read_images(const std::vector<std::string>& files) {
  std::vector<page::Page> pages;
  for (const std::string& file : files) {
    DOCKET_TRY(pages.emplace_back(), read_ppm(file));
  }
  return pages;
}

}  // namespace docket::cli
