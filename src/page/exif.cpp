#include <libexif/exif-data.h>

#include <algorithm>
#include <memory>

#include "page/formats.h"

namespace docket::page {
namespace {

constexpr std::uint8_t kPrefix[] = {'E', 'x', 'i', 'f', 0, 0};
constexpr std::size_t kLongestBlock = 65535;  // a JPEG segment; libexif's lengths are unsigned int

struct Unref {
  void operator()(ExifData* data) const { exif_data_unref(data); }
};

}  // namespace

int exif_orientation(std::span<const std::uint8_t> exif) {
  std::vector<std::uint8_t> block;  // libexif wants the prefix, which WebP and PNG leave out
  if (exif.size() < 6 || !std::equal(kPrefix, kPrefix + 6, exif.begin())) block.assign(kPrefix, kPrefix + 6);
  const std::size_t room = kLongestBlock - block.size();
  block.insert(block.end(), exif.begin(), exif.begin() + static_cast<std::ptrdiff_t>(std::min(exif.size(), room)));

  const std::unique_ptr<ExifData, Unref> data(exif_data_new());
  if (!data) return 1;
  exif_data_unset_option(data.get(), EXIF_DATA_OPTION_FOLLOW_SPECIFICATION);  // would add a default orientation
  exif_data_load_data(data.get(), block.data(), static_cast<unsigned>(block.size()));
  const ExifEntry* entry = exif_content_get_entry(data->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION);
  if (!entry || entry->format != EXIF_FORMAT_SHORT || entry->components < 1 || !entry->data || entry->size < 2)
    return 1;
  const int value = exif_get_short(entry->data, exif_data_get_byte_order(data.get()));
  return value >= 1 && value <= 8 ? value : 1;
}

}  // namespace docket::page
