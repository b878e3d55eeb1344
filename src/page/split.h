// Several receipts on one photo become a Page each.
#pragma once

#include <vector>

#include "page/page.h"

namespace docket::page {

// The papers of a photo that shows several, in reading order; empty when it shows one, or when that is not certain.
// Boxes in the page's pixels, with a little of the ground around each paper. About 30 ms.
//
// A paper is a region whose colour is that of the ground right around the print and unlike that far from any print. Two
// or more are taken for receipts when each fills a rectangle, holds several lines of text, and together they hold
// nearly all of the print; a receipt that a fold or shadow parts in two is one.
std::vector<Box> find_receipts(const Page& page);

// One Page a receipt, cut without resampling; `receipt` counts from 0 and to_source maps back to the whole photo. The
// page itself when it shows one receipt. A page with a text layer is never split.
std::vector<Page> split(Page page);

}  // namespace docket::page
