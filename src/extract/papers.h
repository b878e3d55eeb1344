// extract: which pages belong to one document.
#pragma once

#include <vector>

#include "page/page.h"

namespace docket::extract {

// The pages of one paper document, in order; at least one.
struct Paper {
  std::vector<page::Page> pages;
  int receipt = 0;  // 0-based among the papers of the file
};

// `pages`: every page of a file in order, each split into the receipts it shows (Page::receipt counts them). A page
// that shows several gives a paper for each; all the others belong together as one document.
std::vector<Paper> group_papers(std::vector<page::Page> pages);

}  // namespace docket::extract
