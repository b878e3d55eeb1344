// Where the printed characters of a picture lie, found by shape alone: no model, a few milliseconds. Enough to tell
// which way its lines run and to cut some of them out.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

namespace docket::page {

// Character-like dark marks on a lighter ground; boxes in pixels of the picture given. Marks far from the usual size of
// the picture's characters are left out. `gray` is 8-bit; best with characters of 8 to 60 pixels.
std::vector<cv::Rect> find_marks(const cv::Mat& gray);

// How the nearest neighbours of the marks lie: beside each other along a line, closer than to the next line.
struct NeighbourVotes {
  int across = 0;  // marks whose nearest neighbour is to the right
  int down = 0;    // ... is below
};
NeighbourVotes vote_on_direction(const std::vector<cv::Rect>& marks);

// A run of marks from left to right, which may climb or fall.
struct MarkLine {
  std::vector<cv::Rect> marks;
  double slope = 0;        // of the line through their middles, pixels down per pixel right
  cv::Point2d middle;      // of that line
  double mark_height = 0;  // median
  double length = 0;       // from first to last mark, pixels
};
// Runs of at least `fewest` marks, longest (in marks) first.
std::vector<MarkLine> find_lines(const std::vector<cv::Rect>& marks, int fewest);

}  // namespace docket::page
