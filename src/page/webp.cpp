#include <webp/decode.h>
#include <webp/demux.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "page/formats.h"

namespace docket::page {
namespace {

template <auto Delete>
struct Deleter {
  template <typename T>
  void operator()(T* pointer) const {
    Delete(pointer);
  }
};
using Demuxer = std::unique_ptr<WebPDemuxer, Deleter<WebPDemuxDelete>>;
using Animation = std::unique_ptr<WebPAnimDecoder, Deleter<WebPAnimDecoderDelete>>;
using Incremental = std::unique_ptr<WebPIDecoder, Deleter<WebPIDelete>>;

int orientation_of(const Input& input) {
  const WebPData data = {input.bytes.data(), input.bytes.size()};
  WebPDemuxState state = WEBP_DEMUX_PARSE_ERROR;
  const Demuxer demuxer(WebPDemuxPartial(&data, &state));
  if (!demuxer) return 1;
  WebPChunkIterator chunk{};
  int orientation = 1;
  if (WebPDemuxGetChunk(demuxer.get(), "EXIF", 1, &chunk) != 0) {
    orientation = exif_orientation({chunk.chunk.bytes, chunk.chunk.size});
  }
  WebPDemuxReleaseChunkIterator(&chunk);
  return orientation;
}

// Decodes the first frame of an animation into rgba [height, width, 4].
Status read_first_frame(const Input& input, std::vector<std::uint8_t>& rgba) {
  const WebPData data = {input.bytes.data(), input.bytes.size()};
  const Animation animation(WebPAnimDecoderNew(&data, nullptr));  // RGBA by default
  WebPAnimInfo info{};
  if (!animation || WebPAnimDecoderGetInfo(animation.get(), &info) == 0) {
    return malformed(input, "is an animated WebP that cannot be opened");
  }
  DOCKET_TRY_VOID(check_size(input, info.canvas_width, info.canvas_height));
  std::uint8_t* frame = nullptr;
  int timestamp = 0;
  if (std::size_t{info.canvas_width} * info.canvas_height * 4 != rgba.size() ||
      WebPAnimDecoderGetNext(animation.get(), &frame, &timestamp) == 0) {
    return malformed(input, "is an animated WebP whose first frame cannot be read");
  }
  std::copy_n(frame, rgba.size(), rgba.data());
  return {};
}

// Decodes a still picture into rgba as far as the bytes go. Returns the number of whole rows.
Result<int> read_still(const Input& input, int width, int height, std::vector<std::uint8_t>& rgba) {
  const Incremental decoder(WebPINewRGB(MODE_RGBA, rgba.data(), rgba.size(), width * 4));
  if (!decoder) return make_error(ErrorCode::kInternal, "libwebp cannot start", input.name);
  const VP8StatusCode status = WebPIUpdate(decoder.get(), input.bytes.data(), input.bytes.size());
  if (status == VP8_STATUS_OK) return height;
  int rows = 0;
  if (WebPIDecGetRGB(decoder.get(), &rows, nullptr, nullptr, nullptr) == nullptr || rows <= 0) {
    return malformed(input, "is a WebP whose picture cannot be read");
  }
  return std::min(rows, height);
}

}  // namespace

Result<Document> read_webp(const Input& input) {
  WebPBitstreamFeatures features{};
  const VP8StatusCode status = WebPGetFeatures(input.bytes.data(), input.bytes.size(), &features);
  if (status != VP8_STATUS_OK) return malformed(input, "is not a readable WebP");
  DOCKET_TRY_VOID(check_size(input, features.width, features.height));

  Picture picture;
  picture.width = features.width;
  picture.height = features.height;
  const std::size_t pixels = static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height);
  picture.rgb.assign(pixels * 4, 255);
  bool animated = features.has_animation != 0;
  if (animated) {
    DOCKET_TRY_VOID(read_first_frame(input, picture.rgb));
  } else {
    DOCKET_TRY(const int rows, read_still(input, picture.width, picture.height, picture.rgb));
    if (rows < picture.height) picture.notes.emplace_back(kTruncatedImage);
  }
  blend_over_white(picture.rgb.data(), pixels, picture.rgb.data());
  picture.rgb.resize(pixels * 3);
  picture.orientation = orientation_of(input);
  DOCKET_TRY(Document document, single_page(input, std::move(picture)));
  if (animated) document.notes.emplace_back("animated_image_first_frame");
  return document;
}

std::string webp_library() {
  const int version = WebPGetDecoderVersion();
  return "libwebp " + std::to_string(version >> 16) + "." + std::to_string((version >> 8) & 0xFF) + "." +
         std::to_string(version & 0xFF);
}

}  // namespace docket::page
