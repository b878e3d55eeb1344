// read_images with the document side: every kind of file that docket extract reads.
#include "apps/cli/engine_flags.h"
#include "core/base/file.h"
#include "page/read.h"

namespace docket::cli {

Result<std::vector<page::Page>> read_images(const std::vector<std::string>& files) {
  std::vector<page::Page> pages;
  const page::Limits limits;
  for (const std::string& file : files) {
    DOCKET_TRY(const Bytes bytes, read_file(file, limits.max_bytes));
    page::Options options;
    options.pages = {1};
    DOCKET_TRY(auto document, page::read_pages(bytes, file, limits, options));
    if (document.pages.empty()) return make_error(ErrorCode::kMalformed, "has no page", file);
    pages.push_back(std::move(document.pages[0]));
  }
  return pages;
}

}  // namespace docket::cli
