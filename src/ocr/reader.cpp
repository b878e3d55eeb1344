#include "ocr/reader.h"

#include <tesseract/baseapi.h>

#include <algorithm>
#include <map>
#include <opencv2/imgproc.hpp>

#include "ocr/light.h"
#include "ocr/mend.h"
#include "ocr/one_thread.h"
#include "ocr/prepare.h"
#include "ocr/reconcile.h"
#include "ocr/tesseract_engine.h"
#include "ocr/text_layer.h"

namespace docket::ocr {

namespace {

// Letters of kTextHeight pixels at the usual 8 point size.
constexpr int kPreparedDpi = 300;

}  // namespace

struct OcrReader::State {
  ReaderOptions options;
  TesseractEngine engine;
};

OcrReader::OcrReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
OcrReader::OcrReader(OcrReader&&) noexcept = default;
OcrReader& OcrReader::operator=(OcrReader&&) noexcept = default;
OcrReader::~OcrReader() = default;

Result<OcrReader> OcrReader::create(const ReaderOptions& options) {
  DOCKET_TRY(TesseractEngine engine, TesseractEngine::create(options.language, options.tessdata_dir));
  return OcrReader(std::make_unique<State>(State{options, std::move(engine)}));
}

namespace {

void summarize(Words& words) {
  if (words.words.empty()) {
    words.notes.emplace_back("no_text");
    return;
  }
  double letters = 0, weighted = 0;
  for (const Word& word : words.words) {
    const auto length = static_cast<double>(word.text.size());
    letters += length;
    weighted += length * static_cast<double>(word.confidence);
  }
  words.mean_confidence = static_cast<float>(weighted / letters);
  words.text_height = median_height(words.words);
}

// One way to read the prepared picture. Each fails on other words, so that together they know more than the best.
struct Pass {
  double zoom;            // of the prepared picture
  double stretch;         // of the width besides: brings the condensed letters of dockets nearer to those of books
  double smoothing;       // sigma of a Gaussian, pixels: closes the gaps in thermal and dot matrix print
  bool stretch_contrast;  // even_contrast: for faint print; what is between the lines gets stronger too
};

// In the order in which time is spent on them. What each brings: docs/decisions/0007-ocr-passes.md.
constexpr Pass kPasses[] = {{1, 1, 1.5, true}, {1, 1.25, 1.0, false}, {0.77, 1, 0, false}};

// Two passes that have this share of their words in common have read a page that is easy to read: a third would cost
// time and add little (docs/decisions/0007-ocr-passes.md).
constexpr double kAlike = 0.85;

double share_in_common(const std::vector<Word>& a, const std::vector<Word>& b) {
  std::map<std::string, int> count;
  for (const Word& word : a) ++count[word.text];
  double common = 0;
  for (const Word& word : b) {
    if (count[word.text]-- > 0) ++common;
  }
  return a.empty() && b.empty() ? 1 : 2 * common / static_cast<double>(a.size() + b.size());
}

bool enough(const std::vector<std::vector<Word>>& readings) {
  return readings.size() == 2 && share_in_common(readings[0], readings[1]) >= kAlike;
}

cv::Mat picture_for(const Pass& pass, const Prepared& prepared) {
  cv::Mat picture = prepared.even;
  if (pass.stretch_contrast)
    picture = even_contrast(picture, prepared.text_height > 0 ? prepared.text_height : kTextHeight);
  if (pass.smoothing > 0) {
    cv::Mat smooth;  // `even` is used again
    cv::GaussianBlur(picture, smooth, {}, pass.smoothing);
    picture = smooth;
  }
  if (pass.zoom * pass.stretch == 1) return picture;
  cv::Mat resized;
  cv::resize(picture, resized, {}, pass.zoom * pass.stretch, pass.zoom,
             pass.zoom < 1 ? cv::INTER_AREA : cv::INTER_CUBIC);
  return resized;
}

Result<std::vector<Word>> read_once(TesseractEngine& engine, const Prepared& prepared, const Pass& pass,
                                    Clock::time_point deadline) {
  const cv::Mat picture = picture_for(pass, prepared);
  engine.set_image(picture, kPreparedDpi);
  DOCKET_TRY(std::vector<Word> words,
             engine.recognize({0, 0, picture.cols, picture.rows}, Segmentation::kBlock, deadline));
  const auto across = static_cast<float>(prepared.even.cols) / static_cast<float>(picture.cols);
  const auto down = static_cast<float>(prepared.even.rows) / static_cast<float>(picture.rows);
  for (Word& word : words)
    word.box = {word.box.x0 * across, word.box.y0 * down, word.box.x1 * across, word.box.y1 * down};
  return words;
}

std::vector<Word> finished(std::vector<Word> words, const Prepared& prepared, const page::Page& page) {
  words = join_split_amounts(in_reading_order(std::move(words)));
  for (Word& word : words) word.box = to_page_box(prepared.to_page, word.box, page);
  return words;
}

Status read_picture(TesseractEngine& engine, const page::Page& page, Clock::time_point deadline, Words& words) {
  const Prepared prepared = prepare(page);
  words.notes.insert(words.notes.end(), prepared.notes.begin(), prepared.notes.end());
  for (const Pass& pass : kPasses) {
    auto reading = read_once(engine, prepared, pass, deadline);
    if (!reading && reading.error().code == ErrorCode::kLimitExceeded) {  // what was read before stays
      words.notes.emplace_back("time_budget");
      break;
    }
    if (!reading) return reading.failure();
    words.words = words.readings.empty() ? *reading : reconcile(words.words, *reading);
    words.readings.push_back(finished(*std::move(reading), prepared, page));
    if (enough(words.readings)) break;
  }
  words.words = finished(std::move(words.words), prepared, page);
  return {};
}

}  // namespace

Result<Words> OcrReader::read(const page::Page& page) {
  if (page.width < 1 || page.height < 1 ||
      page.rgb.size() != static_cast<std::size_t>(page.width) * static_cast<std::size_t>(page.height) * 3)
    return make_error(ErrorCode::kInvalidArgument, "expected width x height x 3 bytes of pixels");
  const OneThread one_thread;
  const auto deadline = Clock::now() + std::chrono::milliseconds(state_->options.time_budget_ms);

  Words words;
  words.page_number = page.number;
  words.receipt = page.receipt;
  if (!page.text_layer.empty()) {
    DOCKET_TRY(const bool agrees, text_layer_agrees(page, to_gray(page), state_->engine, deadline));
    if (agrees) {
      words.words = text_layer_words(page);
      summarize(words);
      return words;
    }
    words.notes.emplace_back("text_layer_disagrees");
  }
  DOCKET_TRY_VOID(read_picture(state_->engine, page, deadline, words));
  summarize(words);
  return words;
}

Support supported(const std::filesystem::path& tessdata_dir) {
  Support support;
  support.tesseract_version = tesseract::TessBaseAPI::Version();
  const auto dir = find_tessdata("eng", tessdata_dir);
  if (!dir) return support;
  support.tessdata_dir = *dir;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(*dir, error))
    if (entry.path().extension() == ".traineddata") support.languages.push_back(entry.path().stem().string());
  std::sort(support.languages.begin(), support.languages.end());
  return support;
}

}  // namespace docket::ocr
