#include "eval/picture.h"

#include <webp/encode.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <opencv2/imgproc.hpp>

#include "core/base/file.h"

namespace docket::eval {
namespace {

cv::Mat scaled(const page::Page& page, int longest_side) {
  const cv::Mat rgb(page.height, page.width, CV_8UC3, const_cast<std::uint8_t*>(page.rgb.data()));  // only read
  const double scale = std::min(1.0, longest_side / static_cast<double>(std::max(page.width, page.height)));
  const cv::Size size(std::max(1, static_cast<int>(std::lround(page.width * scale))),
                      std::max(1, static_cast<int>(std::lround(page.height * scale))));
  cv::Mat out;
  cv::resize(rgb, out, size, 0, 0, cv::INTER_AREA);
  return out;
}

Result<Picture> make_picture(const page::Page& page, const PictureOptions& options, const std::string& where) {
  const cv::Mat small = scaled(page, options.longest_side);
  std::uint8_t* encoded = nullptr;
  const std::size_t size =
      WebPEncodeRGB(small.data, small.cols, small.rows, static_cast<int>(small.step), options.quality, &encoded);
  const std::unique_ptr<std::uint8_t, decltype(&WebPFree)> owner(encoded, &WebPFree);
  if (size == 0) return make_error(ErrorCode::kInternal, "the picture could not be encoded", where);
  return Picture{page.number, page.width, page.height, "data:image/webp;base64," + base64(encoded, size)};
}

}  // namespace

Result<std::vector<Picture>> load_pictures(const std::filesystem::path& file, const PictureOptions& options) {
  DOCKET_TRY(const Bytes bytes, read_file(file, options.limits.max_bytes));
  DOCKET_TRY(const page::Document document, page::read_pages(bytes, file.string(), options.limits, options.read));
  std::vector<Picture> out;
  for (const page::Page& page : document.pages) {
    DOCKET_TRY(Picture picture, make_picture(page, options, file.string()));
    out.push_back(std::move(picture));
  }
  return out;
}

std::string base64(const std::uint8_t* bytes, std::size_t size) {
  static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((size + 2) / 3 * 4);
  for (std::size_t i = 0; i < size; i += 3) {
    const std::size_t have = std::min<std::size_t>(3, size - i);
    std::uint32_t group = static_cast<std::uint32_t>(bytes[i]) << 16;
    if (have > 1) group |= static_cast<std::uint32_t>(bytes[i + 1]) << 8;
    if (have > 2) group |= bytes[i + 2];
    for (std::size_t k = 0; k < 4; ++k) out.push_back(k <= have ? kAlphabet[group >> (18 - 6 * k) & 63] : '=');
  }
  return out;
}

}  // namespace docket::eval
