#include <png.h>

#include <algorithm>
#include <csetjmp>
#include <string>
#include <utility>

#include "page/formats.h"

namespace docket::page {
namespace {

constexpr png_alloc_size_t kLongestChunk = 8 << 20;  // text and profiles; picture data is not held whole
constexpr int kMostCachedChunks = 128;
constexpr std::size_t kInputPiece = 512;  // bytes asked for at a time: what a truncated file loses at its end

struct Decoder {
  png_structp png = nullptr;
  png_infop info = nullptr;
  const Input* input = nullptr;
  std::size_t position = 0;
  bool out_of_time = false;
  png_uint_32 rows_done = 0;  // of the last pass that was begun
  int passes_done = 0;
  std::string message;

  Decoder() = default;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  ~Decoder() { png_destroy_read_struct(&png, &info, nullptr); }
};

[[noreturn]] void failed(png_structp png, png_const_charp message) {
  auto* decoder = static_cast<Decoder*>(png_get_error_ptr(png));
  decoder->message = message;
  png_longjmp(png, 1);
}

void keep_quiet(png_structp, png_const_charp) {}

void take_bytes(png_structp png, png_bytep to, std::size_t count) {
  auto* decoder = static_cast<Decoder*>(png_get_io_ptr(png));
  const auto& bytes = decoder->input->bytes;
  if (count > bytes.size() - decoder->position) {
    png_error(png, "the file ends early");
  }
  std::copy_n(bytes.data() + decoder->position, count, to);
  decoder->position += count;
}

// Runs `work`, which must hold nothing with a destructor; false when libpng gave up in it.
template <typename Work>
bool guarded(Decoder& decoder, Work work) {
  if (setjmp(png_jmpbuf(decoder.png)) != 0) return false;
  work();
  return true;
}

bool open(Decoder& decoder, const Input& input) {
  decoder.input = &input;
  decoder.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &decoder, failed, keep_quiet);
  if (!decoder.png) return false;
  decoder.info = png_create_info_struct(decoder.png);
  if (!decoder.info) return false;
  png_set_read_fn(decoder.png, &decoder, take_bytes);
  png_set_user_limits(decoder.png, 0x7FFFFFFF, 0x7FFFFFFF);  // check_size says it better
  png_set_chunk_malloc_max(decoder.png, kLongestChunk);
  png_set_chunk_cache_max(decoder.png, kMostCachedChunks);
  png_set_compression_buffer_size(decoder.png, kInputPiece);
  return true;
}

// Asks for 8-bit RGB or RGBA rows whatever the file holds. Returns the number of interlace passes.
int set_transforms(Decoder& decoder) {
  png_set_expand(decoder.png);  // palette, 1-2-4 bit grey and tRNS
  png_set_scale_16(decoder.png);
  png_set_gray_to_rgb(decoder.png);
  const int passes = png_set_interlace_handling(decoder.png);
  png_read_update_info(decoder.png, decoder.info);
  return passes;
}

bool read_rows(Decoder& decoder, int passes, std::uint8_t* pixels, std::size_t stride, png_uint_32 height) {
  return guarded(decoder, [&] {
    for (int pass = 0; pass < passes; ++pass) {
      for (png_uint_32 y = 0; y < height; ++y) {
        png_read_row(decoder.png, pixels + y * stride, nullptr);
        decoder.rows_done = y + 1;
        if (y % 64 == 0 && decoder.input->late()) {
          decoder.out_of_time = true;
          png_error(decoder.png, "out of time");
        }
      }
      decoder.passes_done = pass + 1;
    }
    png_read_end(decoder.png, decoder.info);
  });
}

int orientation_of(Decoder& decoder) {
  png_bytep data = nullptr;
  png_uint_32 size = 0;
  if (png_get_eXIf_1(decoder.png, decoder.info, &size, &data) == 0 || !data) return 1;
  return exif_orientation({data, size});
}

double dpi_of(Decoder& decoder) {
  png_uint_32 x = 0, y = 0;
  int unit = 0;
  if (png_get_pHYs(decoder.png, decoder.info, &x, &y, &unit) == 0 || unit != PNG_RESOLUTION_METER) return 0;
  return x * 0.0254;
}

Unexpected give_up(const Decoder& decoder) {
  if (decoder.out_of_time) return too_late(*decoder.input);
  return malformed(*decoder.input, "is not a readable PNG (" + decoder.message + ")");
}

}  // namespace

Result<Document> read_png(const Input& input) {
  Decoder decoder;
  if (!open(decoder, input)) return make_error(ErrorCode::kInternal, "libpng cannot start", input.name);
  if (!guarded(decoder, [&] { png_read_info(decoder.png, decoder.info); })) return give_up(decoder);
  const png_uint_32 width = png_get_image_width(decoder.png, decoder.info);
  const png_uint_32 height = png_get_image_height(decoder.png, decoder.info);
  DOCKET_TRY_VOID(check_size(input, width, height));

  int passes = 0;
  if (!guarded(decoder, [&] { passes = set_transforms(decoder); })) return give_up(decoder);
  const std::size_t channels = png_get_channels(decoder.png, decoder.info);
  const std::size_t stride = png_get_rowbytes(decoder.png, decoder.info);
  CHECK(channels * width == stride && (channels == 3 || channels == 4), "%zu channels, %zu bytes a row", channels,
        stride);

  Picture picture;
  picture.width = static_cast<int>(width);
  picture.height = static_cast<int>(height);
  picture.rgb.assign(stride * height, 255);
  const bool complete = read_rows(decoder, passes, picture.rgb.data(), stride, height);
  if (decoder.out_of_time || decoder.rows_done == 0) return give_up(decoder);
  if (!complete && decoder.passes_done < passes) picture.notes.emplace_back(kTruncatedImage);
  picture.orientation = orientation_of(decoder);
  picture.dpi = dpi_of(decoder);
  if (channels == 4) {
    const std::size_t pixels = std::size_t{width} * height;
    blend_over_white(picture.rgb.data(), pixels, picture.rgb.data());
    picture.rgb.resize(pixels * 3);
  }
  return single_page(input, std::move(picture));
}

std::string png_library() { return std::string("libpng ") + png_get_libpng_ver(nullptr); }

}  // namespace docket::page
