// Words -> Lines: the words of the pages grouped by geometry alone, so that neither the order in which a reader gives
// its words nor the scale or place of the page on the picture matters.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "fields/fields.h"
#include "ocr/words.h"

namespace docket::fields {

// One word, or the part of one on either side of a colon or equals sign ("TOTAL:12.00" is two Tokens).
struct Token {
  std::string text;      // as printed, not empty
  page::Box box;         // in the Page's pixels
  float confidence = 0;  // the reader's own, 0..1
  Reader reader = Reader::kOcr;
};

// A part of a line between wide gaps: Tokens [first, last).
struct Cell {
  std::size_t first = 0, last = 0;
};

struct Line {
  int page = 1;                // 1-based
  std::vector<Token> tokens;   // left to right, at least one
  std::vector<Cell> cells;     // left to right, covering all tokens
  page::Box box;               // around all tokens
  double y = 0;                // of the middle after taking out the page's skew, pixels
  double height = 0;           // median height of the tokens, pixels
  double relative_height = 1;  // height / the page's median text height
  double gap_above = 0;        // from the line above on the page to this one, in units of the page's text height
  std::string text;            // the tokens joined by one space
};

struct Layout {
  std::vector<Line> lines;  // by page, then from the top down
  int pages = 0;
};

// Cost: about words x lines; 1,000 words take about a millisecond.
Layout lay_out(const std::vector<ocr::Words>& pages);

// The tokens [first, last) of a line joined by one space, and the box around them.
std::string text_of(const Line& line, std::size_t first, std::size_t last);
page::Box box_of(const Line& line, std::size_t first, std::size_t last);

// Evidence for the tokens [first, last) of a line.
Evidence evidence_of(const Line& line, std::size_t first, std::size_t last, std::string label = {});

// Mean confidence of the tokens [first, last), weighted by characters.
double confidence_of(const Line& line, std::size_t first, std::size_t last);

}  // namespace docket::fields
