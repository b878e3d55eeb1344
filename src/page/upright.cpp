#include "page/upright.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <string>
#include <utility>
#include <vector>

#include "page/line_probe.h"
#include "page/orientation.h"
#include "page/text_marks.h"

namespace docket::page {
namespace {

constexpr double kWorkingSide = 1600;   // pixels of the longer side when looking for marks
constexpr double kLargestZoom = 2;      // of small pictures
constexpr double kProbeHeight = 26;     // pixels of a character when a line is read
constexpr int kFewestMarks = 6;         // in a line worth reading
constexpr std::size_t kMostMarks = 26;  // of a line are read
constexpr double kLongestStrip = 1000;  // pixels, as read
constexpr int kMostLines = 6;
constexpr double kSteepest = 0.6;  // slope of a line that is still read
constexpr double kSure = 0.58;     // share of votes that settles the direction of the lines without reading
constexpr double kMargin = 1.25;   // how much better another turn must read than the page as it lies
constexpr double kLead = 3;        // ... and by how many characters besides
constexpr double kEnough = 12;     // characters' lead that settles it before all lines are read

cv::Mat gray_of(const Page& page) {
  const cv::Mat rgb(page.height, page.width, CV_8UC3, const_cast<std::uint8_t*>(page.rgb.data()));  // only read
  const double zoom = std::min(kWorkingSide / std::max(page.width, page.height), kLargestZoom);
  cv::Mat gray;
  cv::cvtColor(rgb, gray, cv::COLOR_RGB2GRAY);
  const cv::Size size(std::max(1, cvRound(page.width * zoom)), std::max(1, cvRound(page.height * zoom)));
  cv::resize(gray, gray, size, 0, 0, zoom < 1 ? cv::INTER_AREA : cv::INTER_CUBIC);
  return gray;
}

cv::Mat turned(const cv::Mat& gray, int degrees) {
  cv::Mat out;
  switch (degrees) {
    case 90:
      cv::rotate(gray, out, cv::ROTATE_90_CLOCKWISE);
      return out;
    case 180:
      cv::rotate(gray, out, cv::ROTATE_180);
      return out;
    case 270:
      cv::rotate(gray, out, cv::ROTATE_90_COUNTERCLOCKWISE);
      return out;
    default:
      return gray;
  }
}

double usual_height(const std::vector<cv::Rect>& marks) {
  std::vector<int> heights;
  for (const cv::Rect& mark : marks) {
    if (mark.height * 3 >= mark.width * 2) heights.push_back(mark.height);  // not dashes
  }
  if (heights.empty()) return 0;
  const auto middle = heights.begin() + static_cast<std::ptrdiff_t>(heights.size() / 2);
  std::nth_element(heights.begin(), middle, heights.end());
  return *middle;
}

// The longest lines of ordinary characters: rows of dashes are low, headings and logos tall.
std::vector<MarkLine> choose_lines(const std::vector<cv::Rect>& marks) {
  std::vector<MarkLine> lines = find_lines(marks, kFewestMarks);
  const double usual = usual_height(marks);
  std::erase_if(lines, [usual](const MarkLine& line) {
    return line.mark_height < 0.7 * usual || line.mark_height > 2 * usual || std::abs(line.slope) > kSteepest;
  });
  if (lines.size() > kMostLines) lines.resize(kMostLines);
  return lines;
}

// The line cut out level, its characters kProbeHeight high, with white space around it.
cv::Mat cut_level(const cv::Mat& gray, const MarkLine& line) {
  const double zoom = kProbeHeight / line.mark_height;
  const double from = line.marks.front().x;
  std::size_t count = std::min(line.marks.size(), kMostMarks);
  while (count > 1 && (line.marks[count - 1].br().x - from) * zoom > kLongestStrip) --count;
  const double to = line.marks[count - 1].br().x;
  const double pad = line.mark_height * 0.7;
  const double angle = std::atan(line.slope);
  const double length = (to - from) / std::cos(angle) + 2 * pad;
  const double height = line.mark_height * 2.2;
  const cv::Point2d middle{(from + to) / 2, line.middle.y + line.slope * ((from + to) / 2 - line.middle.x)};
  const double c = std::cos(angle) / zoom, s = std::sin(angle) / zoom;
  const int width_px = std::max(8, static_cast<int>(length * zoom));
  const int height_px = std::max(8, static_cast<int>(height * zoom));
  const cv::Matx23d from_strip(c, -s, middle.x - c * width_px / 2 + s * height_px / 2,  //
                               s, c, middle.y - s * width_px / 2 - c * height_px / 2);
  cv::Mat strip;
  cv::warpAffine(gray, strip, from_strip, {width_px, height_px}, cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
                 cv::BORDER_REPLICATE);
  return strip;
}

struct Reading {
  double as_cut = 0, turned_over = 0;  // characters
  int lines = 0;
};

// Reads lines both ways round until one is ahead for sure.
Result<Reading> read_both_ways(const cv::Mat& gray, const std::vector<MarkLine>& lines) {
  Reading sum;
  for (const MarkLine& line : lines) {
    const cv::Mat strip = cut_level(gray, line);
    DOCKET_TRY(const double as_cut, probe_line(strip));
    DOCKET_TRY(const double over, probe_line(turned(strip, 180)));
    sum.as_cut += as_cut;
    sum.turned_over += over;
    ++sum.lines;
    if (std::abs(sum.as_cut - sum.turned_over) > kEnough && sum.lines >= 3) break;
  }
  return sum;
}

bool settled(const std::array<double, 4>& scores) {
  return std::abs(scores[0] - scores[2]) > kEnough || std::abs(scores[1] - scores[3]) > kEnough;
}

// The turn that reads best, if it reads clearly better than the page as it lies.
void choose_turn(const std::array<double, 4>& scores, Uprightness& found) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < 4; ++i) {
    if (scores[i] > scores[best] && scores[i] > kMargin * scores[0] + kLead) best = i;
  }
  found.degrees = static_cast<int>(best) * 90;
  found.best = scores[best];
  for (std::size_t i = 0; i < 4; ++i) {
    if (i != best) found.second = std::max(found.second, scores[i]);
  }
}

Result<Uprightness> look(const Page& page) {
  const cv::Mat gray = gray_of(page);
  const NeighbourVotes votes = vote_on_direction(find_marks(gray));
  Uprightness found;
  const int all = votes.across + votes.down;
  found.across = all > 0 ? static_cast<double>(votes.across) / all : 0.5;

  std::array<double, 4> scores{};  // by degrees / 90
  const int likely = found.across < 0.5 ? 90 : 0;
  for (const int base : {likely, 90 - likely}) {
    if (base != likely && (std::abs(found.across - 0.5) > kSure - 0.5 || settled(scores))) break;
    const cv::Mat seen = turned(gray, base);
    const std::vector<MarkLine> lines = choose_lines(find_marks(seen));
    DOCKET_TRY(const Reading reading, read_both_ways(seen, lines));
    const auto index = static_cast<std::size_t>(base / 90);
    scores[index] = reading.as_cut;
    scores[index + 2] = reading.turned_over;
    found.lines = std::max(found.lines, reading.lines);
  }
  choose_turn(scores, found);
  return found;
}

}  // namespace

Result<Uprightness> find_upright(const Page& page) {
  try {
    return look(page);
  } catch (const cv::Exception& error) {
    return make_error(ErrorCode::kInternal,
                      std::string("OpenCV failed on page ") + std::to_string(page.number) + ": " + error.what());
  }
}

Result<Page> upright(Page page) {
  if (!page.text_layer.empty()) return page;
  DOCKET_TRY(const Uprightness found, find_upright(page));
  return turn(std::move(page), found.degrees);
}

}  // namespace docket::page
