#include "ocr/text_layer.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <string>

#include "ocr/ink.h"
#include "ocr/reconcile.h"

namespace docket::ocr {
namespace {

constexpr double kWordsWithInk = 0.9;
constexpr double kMarksUnderWords = 0.6;
constexpr double kWordsAlike = 0.5;  // of those read
constexpr double kAlike = 0.4;       // a difference below this, since OCR errs as well
constexpr std::size_t kWordsRead = 8;
constexpr std::size_t kFewestLetters = 4;  // of a word worth reading
constexpr double kInkContrast = 30;        // of 255
constexpr std::size_t kFewestMarks = 20;   // to judge how many lie under words

cv::Rect pixels(const page::Box& box, float margin, const cv::Mat& picture) {
  const cv::Point from(static_cast<int>(std::floor(box.x0 - margin)), static_cast<int>(std::floor(box.y0 - margin)));
  const cv::Point to(static_cast<int>(std::ceil(box.x1 + margin)), static_cast<int>(std::ceil(box.y1 + margin)));
  return cv::Rect(from, to) & cv::Rect(0, 0, picture.cols, picture.rows);
}

bool has_ink(const page::Box& box, const cv::Mat& gray) {
  const cv::Rect area = pixels(box, 0, gray);
  if (area.empty()) return false;
  double darkest = 0, brightest = 0;
  cv::minMaxLoc(gray(area), &darkest, &brightest);
  return brightest - darkest >= kInkContrast;
}

bool ink_under_words(const page::Page& page, const cv::Mat& gray) {
  const auto with_ink = std::count_if(page.text_layer.begin(), page.text_layer.end(),
                                      [&](const page::TextSpan& span) { return has_ink(span.box, gray); });
  return static_cast<double>(with_ink) >= kWordsWithInk * static_cast<double>(page.text_layer.size());
}

bool words_over_ink(const page::Page& page, const cv::Mat& gray) {
  const std::vector<cv::Rect> marks = find_ink(gray);
  if (marks.size() < kFewestMarks) return true;
  cv::Mat covered(gray.size(), CV_8UC1, cv::Scalar(0));
  for (const auto& span : page.text_layer) covered(pixels(span.box, 0.3F * span.box.height(), gray)).setTo(1);
  const auto under = std::count_if(marks.begin(), marks.end(), [&](const cv::Rect& mark) {
    return covered.at<std::uint8_t>(mark.y + mark.height / 2, mark.x + mark.width / 2) != 0;
  });
  return static_cast<double>(under) >= kMarksUnderWords * static_cast<double>(marks.size());
}

std::string letters_of(const std::string& text) {
  std::string letters;
  for (const char c : text)
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      letters += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return letters;
}

// Words worth reading, spread evenly over the layer.
std::vector<const page::TextSpan*> sample(const page::Page& page) {
  std::vector<const page::TextSpan*> worth, chosen;
  for (const auto& span : page.text_layer)
    if (letters_of(span.text).size() >= kFewestLetters && span.box.height() >= 6) worth.push_back(&span);
  const std::size_t count = std::min(kWordsRead, worth.size());
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(worth[i * worth.size() / count]);
  return chosen;
}

// What OCR reads in the box, its height brought to what Tesseract likes.
Result<std::string> read_box(const page::Box& box, const cv::Mat& gray, TesseractEngine& engine,
                             Clock::time_point deadline) {
  const cv::Rect area = pixels(box, 0.15F * box.height(), gray);
  cv::Mat word;
  const double scale = std::clamp(40.0 / area.height, 0.2, 4.0);
  cv::resize(gray(area), word, {}, scale, scale, scale > 1 ? cv::INTER_CUBIC : cv::INTER_AREA);
  cv::copyMakeBorder(word, word, 12, 12, 12, 12, cv::BORDER_REPLICATE);
  engine.set_image(word, 300);
  DOCKET_TRY(const auto words, engine.recognize({0, 0, word.cols, word.rows}, Segmentation::kLine, deadline));
  std::string text;
  for (const Word& part : words) text += part.text;
  return text;
}

}  // namespace

std::vector<Word> text_layer_words(const page::Page& page) {
  std::vector<Word> words;
  for (const auto& span : page.text_layer)
    if (!span.text.empty() && !span.box.empty()) words.push_back({span.text, span.box, 1.0F, Source::kTextLayer});
  return in_reading_order(std::move(words));
}

double difference(const std::string& a, const std::string& b) {
  const std::string x = letters_of(a), y = letters_of(b);
  if (x.empty() && y.empty()) return 0;
  std::vector<std::size_t> row(y.size() + 1);
  for (std::size_t j = 0; j <= y.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= x.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= y.size(); ++j) {
      const std::size_t changed = diagonal + (x[i - 1] == y[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return static_cast<double>(row[y.size()]) / static_cast<double>(std::max(x.size(), y.size()));
}

Result<bool> text_layer_agrees(const page::Page& page, const cv::Mat& gray, TesseractEngine& engine,
                               Clock::time_point deadline) {
  if (page.text_layer.empty() || !ink_under_words(page, gray) || !words_over_ink(page, gray)) return false;
  const auto chosen = sample(page);
  std::size_t alike = 0, read = 0;
  for (const page::TextSpan* span : chosen) {
    const auto text = read_box(span->box, gray, engine, deadline);
    if (!text && text.error().code == ErrorCode::kLimitExceeded) break;
    if (!text) return text.failure();
    ++read;
    if (difference(*text, span->text) < kAlike) ++alike;
  }
  return static_cast<double>(alike) >= kWordsAlike * static_cast<double>(read);
}

}  // namespace docket::ocr
