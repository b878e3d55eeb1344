#include "page/formats.h"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <utility>

#include "page/orientation.h"

namespace docket::page {
namespace {

constexpr std::int64_t kLongestSide = 1 << 20;  // keeps width x 4 within an int everywhere

std::string of_size(std::int64_t width, std::int64_t height) {
  return std::to_string(width) + " x " + std::to_string(height);
}

}  // namespace

Status check_size(const Input& input, std::int64_t width, std::int64_t height) {
  if (width <= 0 || height <= 0 || width > INT32_MAX || height > INT32_MAX) {
    return malformed(input, "says that it is " + of_size(width, height) + " pixels");
  }
  if (width * height > input.limits.max_pixels || width > kLongestSide || height > kLongestSide) {
    return make_error(ErrorCode::kLimitExceeded,
                      "is " + of_size(width, height) + " = " + std::to_string(width * height) +
                          " pixels, more than the limit of " + std::to_string(input.limits.max_pixels),
                      input.name);
  }
  return {};
}

Status add_pixels(const Input& input, std::int64_t width, std::int64_t height, std::int64_t& total) {
  total += width * height;
  if (total <= input.limits.max_total_pixels) return {};
  return make_error(ErrorCode::kLimitExceeded,
                    "its pages hold " + std::to_string(total) + " pixels or more together, more than the limit of " +
                        std::to_string(input.limits.max_total_pixels) + "; read some of the pages at a time",
                    input.name);
}

Result<std::vector<int>> choose_pages(const Input& input, int page_count) {
  std::vector<int> chosen = input.options.pages;
  if (!std::is_sorted(chosen.begin(), chosen.end(), std::less_equal<>())) {
    return make_error(ErrorCode::kInvalidArgument, "the pages asked for must rise, each named once", input.name);
  }
  for (const int page : chosen) {
    if (page >= 1 && page <= page_count) continue;
    return make_error(ErrorCode::kInvalidArgument,
                      "page " + std::to_string(page) + " was asked for, and the file has " + std::to_string(page_count),
                      input.name);
  }
  const int count = chosen.empty() ? page_count : static_cast<int>(chosen.size());
  if (count > input.limits.max_pages) {
    return make_error(ErrorCode::kLimitExceeded,
                      std::to_string(count) + " pages to read, more than the limit of " +
                          std::to_string(input.limits.max_pages) + "; read some of them at a time",
                      input.name);
  }
  if (chosen.empty()) {
    for (int page = 1; page <= page_count; ++page) chosen.push_back(page);
  }
  return chosen;
}

Unexpected too_late(const Input& input) {
  char text[96];
  std::snprintf(text, sizeof text, "took more than the limit of %g seconds to read", input.limits.max_seconds);
  return make_error(ErrorCode::kLimitExceeded, text, input.name);
}

Unexpected malformed(const Input& input, const std::string& message) {
  return make_error(ErrorCode::kMalformed, message, input.name);
}

Page make_page(Picture picture, int number) {
  apply_orientation(picture.orientation, picture.width, picture.height, picture.rgb);
  Page page;
  page.width = page.source_width = picture.width;
  page.height = page.source_height = picture.height;
  page.rgb = std::move(picture.rgb);
  page.number = number;
  page.dpi = picture.dpi;
  page.notes = std::move(picture.notes);
  return page;
}

Result<Document> single_page(const Input& input, Picture picture) {
  Document document;
  document.page_count = 1;
  DOCKET_TRY(const std::vector<int> chosen, choose_pages(input, 1));
  std::int64_t total = 0;
  DOCKET_TRY_VOID(add_pixels(input, picture.width, picture.height, total));
  document.pages.push_back(make_page(std::move(picture), chosen.front()));
  return document;
}

void blend_over_white(const std::uint8_t* rgba, std::size_t count, std::uint8_t* rgb) {
  for (std::size_t i = 0; i < count; ++i, rgba += 4, rgb += 3) {
    const unsigned alpha = rgba[3];
    for (int c = 0; c < 3; ++c) {
      rgb[c] = static_cast<std::uint8_t>((rgba[c] * alpha + 255 * (255 - alpha) + 127) / 255);
    }
  }
}

}  // namespace docket::page
