// TIFF through libtiff's RGBA interface, which knows the many photometric kinds and compressions.
#include <tiffio.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "page/formats.h"

namespace docket::page {
namespace {

constexpr tmsize_t kLargestBlock = tmsize_t{512} << 20;  // one strip or tile, as libtiff would allocate it
constexpr int kMostDirectories = 65536;                  // libtiff's own directory numbers are 16 bits

// The file as libtiff sees it, and the last thing that it complained of.
struct Stream {
  std::span<const std::uint8_t> bytes;
  std::size_t position = 0;
  std::string message;
};

Stream& stream_of(thandle_t handle) { return *static_cast<Stream*>(handle); }

tmsize_t take_bytes(thandle_t handle, void* to, tmsize_t count) {
  Stream& stream = stream_of(handle);
  if (count <= 0 || stream.position >= stream.bytes.size()) return 0;
  const std::size_t got = std::min(static_cast<std::size_t>(count), stream.bytes.size() - stream.position);
  std::copy_n(stream.bytes.data() + stream.position, got, static_cast<std::uint8_t*>(to));
  stream.position += got;
  return static_cast<tmsize_t>(got);
}

tmsize_t refuse_bytes(thandle_t, void*, tmsize_t) { return 0; }

toff_t move_to(thandle_t handle, toff_t offset, int whence) {
  Stream& stream = stream_of(handle);
  const toff_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? stream.position : stream.bytes.size();
  stream.position = static_cast<std::size_t>(base + offset);
  return stream.position;
}

int do_not_close(thandle_t) { return 0; }
toff_t size_of(thandle_t handle) { return stream_of(handle).bytes.size(); }
int do_not_map(thandle_t, void**, toff_t*) { return 0; }
void do_not_unmap(thandle_t, void*, toff_t) {}

int keep_message(TIFF*, void* user, const char*, const char* format, va_list values) {
  char text[256];
  std::vsnprintf(text, sizeof text, format, values);
  static_cast<Stream*>(user)->message = text;
  return 1;  // handled: nothing is printed
}

int keep_quiet(TIFF*, void*, const char*, const char*, va_list) { return 1; }

struct Close {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
  void operator()(TIFFOpenOptions* options) const { TIFFOpenOptionsFree(options); }
};
using File = std::unique_ptr<TIFF, Close>;

File open(Stream& stream) {
  const std::unique_ptr<TIFFOpenOptions, Close> options(TIFFOpenOptionsAlloc());
  if (!options) return nullptr;
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), kLargestBlock);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keep_message, &stream);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), keep_quiet, nullptr);
  return File(TIFFClientOpenExt("document", "rm", &stream, take_bytes, refuse_bytes, move_to, do_not_close, size_of,
                                do_not_map, do_not_unmap, options.get()));
}

Unexpected unreadable(const Input& input, int page, const std::string& reason) {
  return malformed(input, "is a TIFF whose page " + std::to_string(page) + " cannot be read (" + reason + ")");
}

double dpi_of(TIFF* tiff) {
  float x = 0;
  std::uint16_t unit = RESUNIT_INCH;
  if (TIFFGetField(tiff, TIFFTAG_XRESOLUTION, &x) == 0) return 0;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_RESOLUTIONUNIT, &unit);
  if (unit == RESUNIT_INCH) return x;
  return unit == RESUNIT_CENTIMETER ? x * 2.54 : 0;
}

struct Raster {
  std::vector<std::uint32_t> pixels;  // ABGR, as stored: the orientation is not applied
  bool complete = true;
};

Result<Raster> read_raster(const Input& input, TIFF* tiff, Stream& stream, int page, std::size_t pixels) {
  std::array<char, 1024> reason{};
  if (TIFFRGBAImageOK(tiff, reason.data()) == 0) {
    return make_error(ErrorCode::kUnsupported,
                      "page " + std::to_string(page) + " is a kind of TIFF that is not read (" + reason.data() + ")",
                      input.name);
  }
  TIFFRGBAImage image{};
  if (TIFFRGBAImageBegin(&image, tiff, 0, reason.data()) == 0) return unreadable(input, page, reason.data());
  const std::unique_ptr<TIFFRGBAImage, decltype(&TIFFRGBAImageEnd)> ended(&image, TIFFRGBAImageEnd);
  image.req_orientation = image.orientation;  // as stored: make_page turns it, all eight ways
  Raster raster;
  raster.pixels.assign(pixels, 0xFFFFFFFF);
  stream.message.clear();
  raster.complete = TIFFRGBAImageGet(&image, raster.pixels.data(), image.width, image.height) != 0;
  raster.complete = raster.complete && stream.message.empty();
  return raster;
}

Result<Picture> read_picture(const Input& input, TIFF* tiff, Stream& stream, int page) {
  std::uint32_t width = 0, height = 0;
  std::uint16_t orientation = ORIENTATION_TOPLEFT;
  TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &width);
  TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &height);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_ORIENTATION, &orientation);
  DOCKET_TRY_VOID(check_size(input, width, height));

  Picture picture;
  picture.width = static_cast<int>(width);
  picture.height = static_cast<int>(height);
  picture.dpi = dpi_of(tiff);
  picture.orientation = orientation >= 1 && orientation <= 8 ? orientation : 1;
  const std::size_t pixels = std::size_t{width} * height;
  DOCKET_TRY(const Raster raster, read_raster(input, tiff, stream, page, pixels));
  if (!raster.complete) picture.notes.emplace_back(kTruncatedImage);
  picture.rgb.resize(pixels * 3);
  std::uint8_t* to = picture.rgb.data();
  for (const std::uint32_t pixel : raster.pixels) {
    const std::uint32_t white = 255 - TIFFGetA(pixel);  // libtiff has multiplied the colours by alpha
    *to++ = static_cast<std::uint8_t>(std::min<std::uint32_t>(255, TIFFGetR(pixel) + white));
    *to++ = static_cast<std::uint8_t>(std::min<std::uint32_t>(255, TIFFGetG(pixel) + white));
    *to++ = static_cast<std::uint8_t>(std::min<std::uint32_t>(255, TIFFGetB(pixel) + white));
  }
  return picture;
}

// Directories that hold pages, not the reduced-size previews that some writers add. Bounded, since a file of a few
// bytes a directory can hold very many, and in time, since libtiff reads each from the first.
Result<std::vector<tdir_t>> find_pages(const Input& input, TIFF* tiff) {
  std::vector<tdir_t> pages;
  for (int directory = 0; directory < kMostDirectories; ++directory) {
    std::uint32_t kind = 0;
    const bool reduced = TIFFGetField(tiff, TIFFTAG_SUBFILETYPE, &kind) != 0 && (kind & FILETYPE_REDUCEDIMAGE) != 0;
    if (!reduced) pages.push_back(TIFFCurrentDirectory(tiff));
    if (input.late()) return too_late(input);
    if (TIFFReadDirectory(tiff) == 0) break;
  }
  if (pages.empty()) return malformed(input, "is a TIFF without a page");
  return pages;
}

}  // namespace

Result<Document> read_tiff(const Input& input) {
  Stream stream{input.bytes, 0, {}};
  const File tiff = open(stream);
  if (!tiff) return malformed(input, "is not a readable TIFF (" + stream.message + ")");
  DOCKET_TRY(const std::vector<tdir_t> directories, find_pages(input, tiff.get()));
  Document document;
  document.page_count = static_cast<int>(directories.size());
  DOCKET_TRY(const std::vector<int> chosen, choose_pages(input, document.page_count));
  std::int64_t total = 0;
  for (const int number : chosen) {
    if (input.late()) return too_late(input);
    if (TIFFSetDirectory(tiff.get(), directories[static_cast<std::size_t>(number) - 1]) == 0) {
      return unreadable(input, number, stream.message);
    }
    DOCKET_TRY(Picture picture, read_picture(input, tiff.get(), stream, number));
    DOCKET_TRY_VOID(add_pixels(input, picture.width, picture.height, total));
    document.pages.push_back(make_page(std::move(picture), number));
  }
  return document;
}

std::string tiff_library() {
  std::string version = TIFFGetVersion();  // "LIBTIFF, Version 4.5.0\nCopyright ..."
  version = version.substr(0, version.find('\n'));
  return "libtiff " + version.substr(version.find_last_of(' ') + 1);
}

}  // namespace docket::page
