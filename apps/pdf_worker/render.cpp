#include "apps/pdf_worker/render.h"

#include <poppler/cpp/poppler-global.h>
#include <poppler/cpp/poppler-image.h>
#include <poppler/cpp/poppler-page-renderer.h>
#include <poppler/cpp/poppler-page.h>
#include <poppler/cpp/poppler-version.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <utility>

namespace docket::pdf_worker {
namespace {

using page::TextSpan;
using page::pdf::Message;
using page::pdf::Reason;
using page::pdf::Refused;
using page::pdf::Render;
using page::pdf::Rendered;

constexpr double kPointsPerInch = 72;

struct Size {
  double width, height;  // points, as the page is seen
};

Size size_of(const poppler::page& page) {
  const poppler::rectf box = page.page_rect(poppler::crop_box);
  const auto turned = page.orientation();
  const bool sideways = turned == poppler::page::landscape || turned == poppler::page::seascape;
  const double width = std::max(std::abs(box.width()), 1.0);
  const double height = std::max(std::abs(box.height()), 1.0);
  return sideways ? Size{height, width} : Size{width, height};
}

// The resolution wanted, or what keeps the page under the pixels allowed.
double choose_dpi(const Size& size, const Render& request) {
  const double square_inches = (size.width / kPointsPerInch) * (size.height / kPointsPerInch);
  const double most = std::sqrt(static_cast<double>(request.max_pixels) / square_inches);
  return std::min(request.dpi, most * 0.999);  // room for rounding both sides up
}

std::vector<TextSpan> words_of(const poppler::page& page, double dpi) {
  std::vector<TextSpan> words;
  std::size_t bytes = 0;
  const double scale = dpi / kPointsPerInch;
  for (const poppler::text_box& box : page.text_list()) {
    const poppler::byte_array utf8 = box.text().to_utf8();
    if (utf8.empty() || utf8.size() > page::pdf::kLongestWord) continue;
    bytes += utf8.size() + 18;
    if (words.size() >= page::pdf::kMostWords || bytes > page::pdf::kMostWordBytes) break;
    const poppler::rectf at = box.bbox();
    words.push_back({std::string(utf8.begin(), utf8.end()),
                     {static_cast<float>(at.left() * scale), static_cast<float>(at.top() * scale),
                      static_cast<float>(at.right() * scale), static_cast<float>(at.bottom() * scale)}});
  }
  return words;
}

Refused unreadable(int number) { return {Reason::kPageUnreadable, "page " + std::to_string(number)}; }

}  // namespace

PdfFile::PdfFile(std::span<const std::uint8_t> bytes) {
  poppler::set_debug_error_function([](const std::string&, void*) {}, nullptr);
  document_.reset(poppler::document::load_from_raw_data(reinterpret_cast<const char*>(bytes.data()),
                                                        static_cast<int>(bytes.size())));
}

Message PdfFile::greeting() const {
  if (!document_) return Refused{Reason::kMalformed, "its structure is damaged beyond repair"};
  if (document_->is_locked()) return Refused{Reason::kEncrypted, "it needs a password"};
  return page::pdf::Opened{std::max(document_->pages(), 0), "poppler " + poppler::version_string()};
}

Message PdfFile::render(const Render& request) const {
  const std::unique_ptr<poppler::page> page(document_->create_page(request.number - 1));
  if (!page) return unreadable(request.number);
  const Size size = size_of(*page);
  const double dpi = choose_dpi(size, request);
  poppler::page_renderer renderer;
  renderer.set_image_format(poppler::image::format_rgb24);
  renderer.set_render_hint(poppler::page_renderer::antialiasing);
  renderer.set_render_hint(poppler::page_renderer::text_antialiasing);
  const poppler::image image = renderer.render_page(page.get(), dpi, dpi);
  if (!image.is_valid() || image.format() != poppler::image::format_rgb24) return unreadable(request.number);
  // Out of memory, poppler gives a picture of one pixel.
  if (image.width() + 2 < size.width * dpi / kPointsPerInch) return unreadable(request.number);

  Rendered out;
  out.number = request.number;
  out.width = image.width();
  out.height = image.height();
  out.dpi = dpi;
  const std::size_t row_bytes = static_cast<std::size_t>(out.width) * 3;
  out.rgb.resize(row_bytes * static_cast<std::size_t>(out.height));
  for (int y = 0; y < out.height; ++y) {
    std::memcpy(out.rgb.data() + static_cast<std::size_t>(y) * row_bytes,
                image.const_data() + static_cast<std::ptrdiff_t>(y) * image.bytes_per_row(), row_bytes);
  }
  out.words = words_of(*page, dpi);
  return out;
}

}  // namespace docket::pdf_worker
