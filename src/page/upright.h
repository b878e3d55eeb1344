// Finds pages that lie on their side or upside down.
#pragma once

#include "core/base/result.h"
#include "page/page.h"

namespace docket::page {

// What was seen, for the notes of a report and for measuring.
struct Uprightness {
  int degrees = 0;    // clockwise turn that makes the page upright: 0, 90, 180 or 270
  double across = 0;  // share of the characters whose nearest neighbour lies beside them, not below: 0..1
  double best = 0;    // characters read at the turn chosen, weighted by confidence
  double second = 0;  // ... at the best of the other turns tried
  int lines = 0;      // text lines that were read at each turn
};

// The direction of the lines from the shape of the print, then a few of the lines read the possible ways round. A page
// without readable lines, or one that reads about as well as it lies, stays as it is. About 0.1 s on one core.
// Errors: kUnavailable without Tesseract's English data.
Result<Uprightness> find_upright(const Page& page);

// The page turned upright. A page with a text layer is left alone: its own words say which way is up.
Result<Page> upright(Page page);

}  // namespace docket::page
