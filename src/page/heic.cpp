// HEIC and AVIF through libheif, which applies the file's own rotation and mirroring; EXIF orientation is then not to
// be applied again (ISO/IEC 23008-12, 6.5.10).
#include <libheif/heif.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "page/formats.h"

namespace docket::page {
namespace {

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using Context = std::unique_ptr<heif_context, Deleter<heif_context_free>>;
using Handle = std::unique_ptr<heif_image_handle, Deleter<heif_image_handle_release>>;
using Image = std::unique_ptr<heif_image, Deleter<heif_image_release>>;

Unexpected give_up(const Input& input, const heif_error& error) {
  const bool unknown = error.code == heif_error_Unsupported_filetype || error.code == heif_error_Unsupported_feature ||
                       error.code == heif_error_Plugin_loading_error;
  return make_error(unknown ? ErrorCode::kUnsupported : ErrorCode::kMalformed,
                    std::string("is not a readable HEIC (") + (error.message ? error.message : "no reason given") + ")",
                    input.name);
}

Result<Picture> copy_pixels(const Input& input, const heif_image* image, bool alpha) {
  int stride = 0;
  const std::uint8_t* plane = heif_image_get_plane_readonly(image, heif_channel_interleaved, &stride);
  Picture picture;
  picture.width = heif_image_get_width(image, heif_channel_interleaved);
  picture.height = heif_image_get_height(image, heif_channel_interleaved);
  DOCKET_TRY_VOID(check_size(input, picture.width, picture.height));
  const int channels = alpha ? 4 : 3;
  if (!plane || stride < picture.width * channels) return malformed(input, "is a HEIC without pixels");
  const auto width = static_cast<std::size_t>(picture.width);
  picture.rgb.resize(width * static_cast<std::size_t>(picture.height) * 3);
  for (int y = 0; y < picture.height; ++y) {
    const std::uint8_t* from = plane + static_cast<std::ptrdiff_t>(y) * stride;
    std::uint8_t* to = picture.rgb.data() + static_cast<std::size_t>(y) * width * 3;
    if (alpha) {
      blend_over_white(from, width, to);
    } else {
      std::copy_n(from, width * 3, to);
    }
  }
  return picture;
}

}  // namespace

Result<Document> read_heic(const Input& input) {
  const Context context(heif_context_alloc());
  if (!context) return make_error(ErrorCode::kInternal, "libheif cannot start", input.name);
  const auto widest = std::min<std::int64_t>(input.limits.max_pixels, 32768);  // libheif's own ceiling
  heif_context_set_maximum_image_size_limit(context.get(), static_cast<int>(widest));
  heif_error error =
      heif_context_read_from_memory_without_copy(context.get(), input.bytes.data(), input.bytes.size(), nullptr);
  if (error.code != heif_error_Ok) return give_up(input, error);
  heif_image_handle* raw_handle = nullptr;
  error = heif_context_get_primary_image_handle(context.get(), &raw_handle);
  if (error.code != heif_error_Ok) return give_up(input, error);
  const Handle handle(raw_handle);
  DOCKET_TRY_VOID(
      check_size(input, heif_image_handle_get_width(handle.get()), heif_image_handle_get_height(handle.get())));

  const bool alpha = heif_image_handle_has_alpha_channel(handle.get()) != 0;
  heif_image* raw_image = nullptr;
  error = heif_decode_image(handle.get(), &raw_image, heif_colorspace_RGB,
                            alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB, nullptr);
  if (error.code != heif_error_Ok) return give_up(input, error);
  const Image image(raw_image);
  DOCKET_TRY(Picture picture, copy_pixels(input, image.get(), alpha));
  return single_page(input, std::move(picture));
}

FormatSupport heic_support() {
  FormatSupport support{"HEIC", std::string("libheif ") + heif_get_version(), true, ""};
  support.available = heif_have_decoder_for_format(heif_compression_HEVC) != 0;
  if (!support.available) support.problem = "libheif has no HEVC decoder; install libheif1 with libde265";
  return support;
}

}  // namespace docket::page
