#include "ocr/reader.h"

#include <tesseract/baseapi.h>

#include <algorithm>

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

// Adds what one more reading of `picture` finds. Running out of time is no error: what was read before stays.
Status read_again(TesseractEngine& engine, const cv::Mat& picture, Segmentation segmentation,
                  Clock::time_point deadline, Words& words) {
  engine.set_image(picture, kPreparedDpi);
  auto more = engine.recognize({0, 0, picture.cols, picture.rows}, segmentation, deadline);
  if (more) {
    words.words = words.words.empty() ? *std::move(more) : reconcile(words.words, *more);
  } else if (more.error().code == ErrorCode::kLimitExceeded) {
    words.notes.emplace_back("time_budget");
  } else {
    return more.failure();
  }
  return {};
}

Status read_picture(TesseractEngine& engine, const page::Page& page, Clock::time_point deadline, Words& words) {
  const Prepared prepared = prepare(page);
  words.notes.insert(words.notes.end(), prepared.notes.begin(), prepared.notes.end());
  DOCKET_TRY_VOID(read_again(engine, prepared.even, Segmentation::kBlock, deadline, words));
  DOCKET_TRY_VOID(read_again(engine, prepared.plain, Segmentation::kColumn, deadline, words));
  words.words = join_split_amounts(in_reading_order(std::move(words.words)));
  for (Word& word : words.words) word.box = to_page_box(prepared.to_page, word.box, page);
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
