#include "page/split.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <optional>
#include <utility>

#include "page/orientation.h"
#include "page/paper_mask.h"
#include "page/text_marks.h"

namespace docket::page {
namespace {

constexpr double kMarkSide = 1600;       // pixels of the longer side when looking for print
constexpr double kPaperSide = 800;       // ... and when looking for paper: half of the above
constexpr double kLeastArea = 0.01;      // of the picture: a receipt
constexpr double kLeastFill = 0.75;      // of its own smallest rectangle
constexpr double kLeastShare = 0.85;     // of all print lies on the papers found
constexpr double kLeastRelative = 0.12;  // area against the largest paper
constexpr int kLeastMarks = 25;
constexpr int kLeastLines = 3;
constexpr double kInLine = 0.12;   // how far the edges of one paper's two parts may miss each other, of their length
constexpr double kFold = 0.3;      // gap at a fold between lines of print, of the narrowest side
constexpr double kCrease = 0.05;   // ... between columns, where two receipts may well lie side by side
constexpr double kShadow = 0.4;    // ... when there is print in the gap
constexpr int kPrintBetween = 3;   // marks
constexpr double kMargin = 0.012;  // of the longer side, kept around a paper

cv::Mat resized(const cv::Mat& picture, double side) {
  const double zoom = std::min(1.0, side / std::max(picture.cols, picture.rows));
  cv::Mat out;
  const cv::Size size(std::max(1, cvRound(picture.cols * zoom)), std::max(1, cvRound(picture.rows * zoom)));
  cv::resize(picture, out, size, 0, 0, cv::INTER_AREA);
  return out;
}

struct Paper {
  std::vector<cv::Point> outline;
  cv::RotatedRect rectangle;
  cv::Rect box;
  double area = 0;
  int marks = 0;
};

int count_inside(const std::vector<cv::Point>& outline, const cv::Rect& box, const std::vector<cv::Rect>& marks) {
  return static_cast<int>(std::count_if(marks.begin(), marks.end(), [&](const cv::Rect& mark) {
    const cv::Point middle = (mark.tl() + mark.br()) / 2;
    return box.contains(middle) && cv::pointPolygonTest(outline, middle, false) >= 0;
  }));
}

std::vector<Paper> find_papers(const cv::Mat& mask, const std::vector<cv::Rect>& marks) {
  std::vector<std::vector<cv::Point>> outlines;
  cv::findContours(mask, outlines, cv::RETR_EXTERNAL, cv::CHAIN_APPROX_SIMPLE);
  std::vector<Paper> papers;
  for (std::vector<cv::Point>& outline : outlines) {
    Paper paper;
    paper.area = cv::contourArea(outline);
    if (paper.area < kLeastArea * static_cast<double>(mask.total())) continue;
    paper.box = cv::boundingRect(outline);
    paper.marks = count_inside(outline, paper.box, marks);
    if (paper.marks < kLeastMarks) continue;
    paper.rectangle = cv::minAreaRect(outline);
    paper.outline = std::move(outline);
    papers.push_back(std::move(paper));
  }
  return papers;
}

// Lines of print inside a box, whichever way they run.
int count_lines(const std::vector<cv::Rect>& marks, const cv::Rect& box) {
  std::vector<cv::Rect> inside;
  for (const cv::Rect& mark : marks) {
    if ((mark & box).area() == mark.area()) inside.push_back(mark);
  }
  const NeighbourVotes votes = vote_on_direction(inside);
  if (votes.down > votes.across) {
    for (cv::Rect& mark : inside) mark = {mark.y, mark.x, mark.height, mark.width};
  }
  return static_cast<int>(find_lines(inside, 4).size());
}

// Print in the strip between two boxes that stand in line.
int print_between(const cv::Rect& a, const cv::Rect& b, const std::vector<cv::Rect>& marks) {
  const cv::Rect both = a | b;
  return static_cast<int>(std::count_if(marks.begin(), marks.end(), [&](const cv::Rect& mark) {
    const cv::Point middle = (mark.tl() + mark.br()) / 2;
    return both.contains(middle) && !a.contains(middle) && !b.contains(middle);
  }));
}

// Two papers that are one, parted by a fold or a shadow: edges in line, and little between them, or print between them.
bool continues(const Paper& a, const Paper& b, const std::vector<cv::Rect>& marks) {
  const cv::Rect both = a.box | b.box;
  const int apart_x = both.width - a.box.width - b.box.width;
  const int apart_y = both.height - a.box.height - b.box.height;
  const bool stacked = apart_y > apart_x;
  const double a_begin = stacked ? a.box.x : a.box.y, a_end = stacked ? a.box.br().x : a.box.br().y;
  const double b_begin = stacked ? b.box.x : b.box.y, b_end = stacked ? b.box.br().x : b.box.br().y;
  const double breadth = std::max(a_end - a_begin, b_end - b_begin);
  if (std::abs(a_begin - b_begin) > kInLine * breadth || std::abs(a_end - b_end) > kInLine * breadth) return false;
  const int apart = std::max(apart_x, apart_y);
  const int narrow = std::min({a.box.width, a.box.height, b.box.width, b.box.height});
  const NeighbourVotes votes = vote_on_direction(marks);
  const bool below = stacked == (votes.across >= votes.down);  // paper folds across its length, between lines
  if (apart < (below ? kFold : kCrease) * narrow) return true;
  return apart < kShadow * narrow && print_between(a.box, b.box, marks) >= kPrintBetween;
}

Paper join(const Paper& a, const Paper& b) {
  std::vector<cv::Point> points = a.outline;
  points.insert(points.end(), b.outline.begin(), b.outline.end());
  Paper both;
  cv::convexHull(points, both.outline);
  both.rectangle = cv::minAreaRect(both.outline);
  both.box = a.box | b.box;
  both.area = a.area + b.area;
  both.marks = a.marks + b.marks;
  return both;
}

// Puts together what a fold or a shadow has parted.
void join_continued(std::vector<Paper>& papers, const std::vector<cv::Rect>& marks) {
  for (std::size_t i = 0; i < papers.size(); ++i) {
    for (std::size_t j = i + 1; j < papers.size();) {
      if (continues(papers[i], papers[j], marks)) {
        papers[i] = join(papers[i], papers[j]);
        papers.erase(papers.begin() + static_cast<std::ptrdiff_t>(j));
        j = i + 1;
      } else {
        ++j;
      }
    }
  }
}

bool all_are_receipts(const std::vector<Paper>& papers, const std::vector<cv::Rect>& marks) {
  if (papers.size() < 2) return false;
  double largest = 0;
  int on_paper = 0;
  for (const Paper& paper : papers) {
    largest = std::max(largest, paper.area);
    on_paper += paper.marks;
  }
  if (on_paper < kLeastShare * static_cast<double>(marks.size())) return false;
  for (const Paper& paper : papers) {
    if (paper.area < kLeastRelative * largest) return false;
    if (paper.area < kLeastFill * paper.rectangle.size.area()) return false;
    if (count_lines(marks, paper.box) < kLeastLines) return false;
  }
  return true;
}

// Rows from the top, each from the left: a paper belongs to the row whose first paper it overlaps by half its height.
std::vector<Box> in_reading_order(std::vector<Paper> papers, double grow, const Page& page) {
  std::sort(papers.begin(), papers.end(), [](const Paper& a, const Paper& b) { return a.box.y < b.box.y; });
  std::vector<Box> boxes;
  const double margin = kMargin * std::max(page.width, page.height);
  while (!papers.empty()) {
    const cv::Rect first = papers.front().box;
    const auto row_end = std::stable_partition(papers.begin(), papers.end(), [&first](const Paper& paper) {
      const int shared = std::min(first.br().y, paper.box.br().y) - std::max(first.y, paper.box.y);
      return 2 * shared >= std::min(first.height, paper.box.height);
    });
    std::sort(papers.begin(), row_end, [](const Paper& a, const Paper& b) { return a.box.x < b.box.x; });
    for (auto paper = papers.begin(); paper != row_end; ++paper) {
      boxes.push_back({static_cast<float>(std::max(0.0, paper->box.x * grow - margin)),
                       static_cast<float>(std::max(0.0, paper->box.y * grow - margin)),
                       static_cast<float>(std::min<double>(page.width, paper->box.br().x * grow + margin)),
                       static_cast<float>(std::min<double>(page.height, paper->box.br().y * grow + margin))});
    }
    papers.erase(papers.begin(), row_end);
  }
  return boxes;
}

}  // namespace

std::vector<Box> find_receipts(const Page& page) {
  const cv::Mat rgb(page.height, page.width, CV_8UC3, const_cast<std::uint8_t*>(page.rgb.data()));  // only read
  const cv::Mat large = resized(rgb, kMarkSide);
  const cv::Mat small = resized(large, kPaperSide);
  cv::Mat gray;
  cv::cvtColor(large, gray, cv::COLOR_RGB2GRAY);
  std::vector<cv::Rect> marks = find_marks(gray);
  const double shrink = static_cast<double>(small.cols) / large.cols;
  for (cv::Rect& mark : marks) {
    mark = {cvRound(mark.x * shrink), cvRound(mark.y * shrink), std::max(1, cvRound(mark.width * shrink)),
            std::max(1, cvRound(mark.height * shrink))};
  }
  if (marks.size() < 2 * kLeastMarks) return {};
  const std::optional<cv::Mat> mask = find_paper(small, marks);
  if (!mask) return {};
  std::vector<Paper> papers = find_papers(*mask, marks);
  join_continued(papers, marks);
  if (!all_are_receipts(papers, marks)) return {};
  const double grow = static_cast<double>(page.width) / small.cols;
  return in_reading_order(papers, grow, page);
}

namespace {

// OpenCV reports by throwing; a photo that it cannot handle is then one page, as it came.
std::vector<Box> found_or_none(const Page& page) {
  try {
    return find_receipts(page);
  } catch (const cv::Exception&) {
    return {};
  }
}

}  // namespace

std::vector<Page> split(Page page) {
  std::vector<Page> receipts;
  if (page.text_layer.empty()) {
    for (const Box& box : found_or_none(page)) {
      receipts.push_back(crop(page, box));
      receipts.back().receipt = static_cast<int>(receipts.size()) - 1;
      receipts.back().notes.emplace_back("split_receipt");
    }
  }
  if (receipts.empty()) receipts.push_back(std::move(page));
  return receipts;
}

}  // namespace docket::page
