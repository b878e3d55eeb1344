#include "extract/papers.h"

#include <map>
#include <utility>

namespace docket::extract {

std::vector<Paper> group_papers(std::vector<page::Page> pages) {
  std::map<int, int> receipts_on_page;
  for (const page::Page& page : pages) ++receipts_on_page[page.number];

  std::vector<Paper> papers;
  Paper whole;
  std::size_t place_of_whole = 0;
  for (page::Page& page : pages) {
    if (receipts_on_page[page.number] == 1) {
      if (whole.pages.empty()) place_of_whole = papers.size();
      whole.pages.push_back(std::move(page));
    } else {
      papers.emplace_back().pages.push_back(std::move(page));
    }
  }
  if (!whole.pages.empty()) {
    papers.insert(papers.begin() + static_cast<std::ptrdiff_t>(place_of_whole), std::move(whole));
  }
  for (std::size_t i = 0; i < papers.size(); ++i) papers[i].receipt = static_cast<int>(i);
  return papers;
}

}  // namespace docket::extract
