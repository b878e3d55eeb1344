// extract: "1-3,7": which pages of a document to read.
#pragma once

#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace docket::extract {

// 1-based page numbers, rising, each once; empty text is an empty list, which means all pages.
// Errors: kInvalidArgument naming the text; kLimitExceeded for a page above kMostPages.
inline constexpr int kMostPages = 10'000;
Result<std::vector<int>> parse_page_ranges(std::string_view text);

}  // namespace docket::extract
