// Any bytes from the PDF worker are frames or an Error; what was decoded obeys page/pdf_protocol.h and survives being
// sent again.
#include <cstddef>
#include <cstdint>
#include <span>

#include "page/pdf_protocol.h"

namespace {

namespace pdf = docket::page::pdf;

void check(const pdf::Message& message) {
  if (const auto* page = std::get_if<pdf::Rendered>(&message)) {
    CHECK(page->rgb.size() == static_cast<std::size_t>(page->width) * static_cast<std::size_t>(page->height) * 3);
    for (const docket::page::TextSpan& word : page->words) {
      CHECK(!word.text.empty() && !word.box.empty());
      CHECK(word.box.x0 >= 0 && word.box.y0 >= 0);
      CHECK(word.box.x1 <= static_cast<float>(page->width) && word.box.y1 <= static_cast<float>(page->height));
    }
  }
  if (const auto* refused = std::get_if<pdf::Refused>(&message)) {
    for (const char c : refused->message) CHECK(static_cast<unsigned char>(c) >= 32);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::span<const std::uint8_t> left(data, size);
  while (left.size() >= pdf::kHeaderBytes) {
    const auto header = pdf::decode_header(left.first<pdf::kHeaderBytes>(), left.size() - pdf::kHeaderBytes);
    if (!header) return 0;
    const auto body = left.subspan(pdf::kHeaderBytes, header->body_bytes);
    left = left.subspan(pdf::kHeaderBytes + header->body_bytes);
    const auto message = pdf::decode_body(header->type, body);
    if (!message) continue;
    check(*message);
    if (std::holds_alternative<pdf::Rendered>(*message) || std::holds_alternative<pdf::Render>(*message)) {
      const docket::Bytes again = pdf::encode(*message);
      const auto twice = pdf::decode_body(again[3], std::span(again).subspan(pdf::kHeaderBytes));
      CHECK(twice && pdf::encode(*twice) == again);
    }
  }
  return 0;
}
