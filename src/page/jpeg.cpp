// JPEG through libjpeg-turbo, with its default inverse DCT (islow) and smooth chroma upsampling: bit-equal to Pillow,
// on whose pixels the vision model's golden values rest.
#include <array>
#include <csetjmp>
#include <cstring>
#include <string>
#include <utility>

// clang-format off: jpeglib.h uses FILE and size_t and includes neither.
#include <jpeglib.h>

#include <cstddef>
#include <cstdio>
// clang-format on

#include "page/formats.h"

namespace docket::page {
namespace {

constexpr std::array<JOCTET, 2> kEndOfImage = {0xFF, JPEG_EOI};

// Everything that libjpeg calls back into. `failed` does not return: it jumps to the setjmp in `guarded`.
struct Decoder {
  jpeg_decompress_struct info{};
  jpeg_error_mgr errors{};
  jpeg_source_mgr source{};
  jpeg_progress_mgr progress{};
  std::jmp_buf jump{};
  std::array<char, JMSG_LENGTH_MAX> message{};
  const Input* input = nullptr;
  bool ended_early = false;  // the bytes ran out before the end marker
  bool ended_empty = false;  // ... and before the first row of the first scan
  bool damaged = false;      // libjpeg warned about the data
  bool out_of_time = false;

  Decoder() = default;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  ~Decoder() { jpeg_destroy_decompress(&info); }
};

Decoder& decoder_of(j_common_ptr info) { return *static_cast<Decoder*>(info->client_data); }
Decoder& decoder_of(j_decompress_ptr info) { return *static_cast<Decoder*>(info->client_data); }

[[noreturn]] void failed(j_common_ptr info) {
  Decoder& decoder = decoder_of(info);
  info->err->format_message(info, decoder.message.data());
  std::longjmp(decoder.jump, 1);
}

void keep_quiet(j_common_ptr) {}

void warned(j_common_ptr info, int level) {
  if (level < 0) decoder_of(info).damaged = true;
}

void check_time(j_common_ptr info) {
  Decoder& decoder = decoder_of(info);
  if (!decoder.input->late()) return;
  decoder.out_of_time = true;
  std::longjmp(decoder.jump, 1);
}

void source_noop(j_decompress_ptr) {}

boolean source_ran_out(j_decompress_ptr info) {
  Decoder& decoder = decoder_of(info);
  if (!decoder.ended_early) {
    decoder.ended_early = true;
    decoder.ended_empty = info->input_scan_number <= 1 && info->input_iMCU_row == 0;
  }
  info->src->next_input_byte = kEndOfImage.data();
  info->src->bytes_in_buffer = kEndOfImage.size();
  return TRUE;
}

void source_skip(j_decompress_ptr info, long count) {
  if (count <= 0) return;
  auto left = static_cast<std::size_t>(count);
  if (left >= info->src->bytes_in_buffer) {
    source_ran_out(info);
    return;
  }
  info->src->next_input_byte += left;
  info->src->bytes_in_buffer -= left;
}

// Runs `work`, which must hold nothing with a destructor; false when libjpeg gave up in it.
template <typename Work>
bool guarded(Decoder& decoder, Work work) {
  if (setjmp(decoder.jump) != 0) return false;
  work();
  return true;
}

void open(Decoder& decoder, const Input& input) {
  decoder.input = &input;
  decoder.info.err = jpeg_std_error(&decoder.errors);
  decoder.errors.error_exit = failed;
  decoder.errors.output_message = keep_quiet;
  decoder.errors.emit_message = warned;
  decoder.info.client_data = &decoder;
}

void read_header(Decoder& decoder) {
  jpeg_create_decompress(&decoder.info);
  decoder.info.client_data = &decoder;
  decoder.source.init_source = source_noop;
  decoder.source.fill_input_buffer = source_ran_out;
  decoder.source.skip_input_data = source_skip;
  decoder.source.resync_to_restart = jpeg_resync_to_restart;
  decoder.source.term_source = source_noop;
  decoder.source.next_input_byte = decoder.input->bytes.data();
  decoder.source.bytes_in_buffer = decoder.input->bytes.size();
  decoder.info.src = &decoder.source;
  decoder.progress.progress_monitor = check_time;
  decoder.info.progress = &decoder.progress;
  jpeg_save_markers(&decoder.info, JPEG_APP0 + 1, 0xFFFF);
  jpeg_read_header(&decoder.info, TRUE);
}

Unexpected give_up(const Decoder& decoder) {
  if (decoder.out_of_time) return too_late(*decoder.input);
  return malformed(*decoder.input, std::string("is not a readable JPEG (") + decoder.message.data() + ")");
}

int orientation_of(const jpeg_decompress_struct& info) {
  for (const jpeg_marker_struct* marker = info.marker_list; marker; marker = marker->next) {
    if (marker->data_length < 6 || std::memcmp(marker->data, "Exif\0", 6) != 0) continue;
    return exif_orientation({marker->data, marker->data_length});
  }
  return 1;
}

double dpi_of(const jpeg_decompress_struct& info) {
  if (!info.saw_JFIF_marker) return 0;
  if (info.density_unit == 1) return info.X_density;
  return info.density_unit == 2 ? info.X_density * 2.54 : 0;
}

// The formula of Pillow's CMYK to RGB. Adobe stores the four inks inverted and says so by its marker.
void cmyk_row_to_rgb(const std::uint8_t* cmyk, int width, bool inverted, std::uint8_t* rgb) {
  const auto multiply = [](unsigned a, unsigned b) {  // a b / 255, rounded
    const unsigned t = a * b + 128;
    return ((t >> 8) + t) >> 8;
  };
  for (int x = 0; x < width; ++x, cmyk += 4, rgb += 3) {
    const unsigned flip = inverted ? 255 : 0;
    const unsigned light = 255 - (cmyk[3] ^ flip);
    for (int c = 0; c < 3; ++c) rgb[c] = static_cast<std::uint8_t>(light - multiply(cmyk[c] ^ flip, light));
  }
}

bool four_inks(const jpeg_decompress_struct& info) {
  return info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
}

// Reads rows into rgb (and cmyk_row, when the file has four inks). False when libjpeg gave up on the way.
bool read_rows(Decoder& decoder, std::uint8_t* rgb, std::uint8_t* cmyk_row) {
  return guarded(decoder, [&] {
    jpeg_decompress_struct& info = decoder.info;
    info.out_color_space = cmyk_row ? JCS_CMYK : JCS_RGB;
    jpeg_start_decompress(&info);
    const std::size_t stride = std::size_t{info.output_width} * 3;
    while (info.output_scanline < info.output_height) {
      std::uint8_t* row = rgb + info.output_scanline * stride;
      JSAMPROW target = cmyk_row ? cmyk_row : row;
      if (jpeg_read_scanlines(&info, &target, 1) != 1) break;
      if (cmyk_row) cmyk_row_to_rgb(cmyk_row, static_cast<int>(info.output_width), info.saw_Adobe_marker, row);
    }
  });
}

}  // namespace

Result<Document> read_jpeg(const Input& input) {
  Decoder decoder;
  open(decoder, input);
  if (!guarded(decoder, [&] { read_header(decoder); })) return give_up(decoder);
  const jpeg_decompress_struct& info = decoder.info;
  DOCKET_TRY_VOID(check_size(input, info.image_width, info.image_height));

  Picture picture;
  picture.width = static_cast<int>(info.image_width);
  picture.height = static_cast<int>(info.image_height);
  picture.dpi = dpi_of(info);
  picture.orientation = orientation_of(info);
  const std::size_t pixels = std::size_t{info.image_width} * info.image_height;
  picture.rgb.assign(pixels * 3, 255);
  std::vector<std::uint8_t> cmyk_row(four_inks(info) ? std::size_t{info.image_width} * 4 : 0);

  const bool complete = read_rows(decoder, picture.rgb.data(), cmyk_row.empty() ? nullptr : cmyk_row.data());
  if (decoder.out_of_time || (!complete && info.output_scanline == 0)) return give_up(decoder);
  if (decoder.ended_empty) return malformed(input, "is a JPEG that ends before its picture begins");
  if (decoder.ended_early || !complete) {
    picture.notes.emplace_back(kTruncatedImage);
  } else if (decoder.damaged) {
    picture.notes.emplace_back(kDamagedImage);
  }
  return single_page(input, std::move(picture));
}

std::string jpeg_library() {
#ifdef LIBJPEG_TURBO_VERSION
#define DOCKET_TEXT_(x) #x
#define DOCKET_TEXT(x) DOCKET_TEXT_(x)
  return "libjpeg-turbo " DOCKET_TEXT(LIBJPEG_TURBO_VERSION);
#else
  return "libjpeg " + std::to_string(JPEG_LIB_VERSION);
#endif
}

}  // namespace docket::page
