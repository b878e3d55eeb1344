// Any bytes are pages of pixels or an Error; pages can be searched for receipts. PDF goes to a process of its own and
// is left out here.
#include <cstddef>
#include <cstdint>

#include "page/read.h"
#include "page/split.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace page = docket::page;
  const std::span<const std::uint8_t> bytes(data, size);
  if (page::detect_kind(bytes) == page::Kind::kPdf) return 0;
  page::Limits limits;
  limits.max_pixels = 1'000'000;
  limits.max_total_pixels = 4'000'000;
  limits.max_pages = 8;
  limits.max_seconds = 5;
  const auto document = page::read_pages(bytes, "input", limits);
  if (!document) {
    CHECK(!document.error().message.empty() && document.error().where == "input");
    return 0;
  }
  CHECK(!document->pages.empty() && document->page_count >= static_cast<int>(document->pages.size()));
  for (const page::Page& each : document->pages) {
    CHECK(each.width > 0 && each.height > 0);
    CHECK(each.rgb.size() == static_cast<std::size_t>(each.width) * static_cast<std::size_t>(each.height) * 3);
    if (each.rgb.size() > 300'000) continue;
    for (const page::Page& receipt : page::split(each)) {
      CHECK(receipt.rgb.size() ==
            static_cast<std::size_t>(receipt.width) * static_cast<std::size_t>(receipt.height) * 3);
    }
  }
  return 0;
}
