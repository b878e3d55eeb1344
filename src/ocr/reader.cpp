#include "ocr/reader.h"

#include <tesseract/baseapi.h>

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "ocr/one_thread.h"
#include "ocr/tesseract_engine.h"

namespace docket::ocr {

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
  double letters = 0, weighted = 0;
  std::vector<float> heights;
  for (const Word& word : words.words) {
    const auto length = static_cast<double>(word.text.size());
    letters += length;
    weighted += length * static_cast<double>(word.confidence);
    heights.push_back(word.box.height());
  }
  if (words.words.empty()) {
    words.notes.emplace_back("no_text");
    return;
  }
  words.mean_confidence = static_cast<float>(weighted / letters);
  const auto middle = heights.begin() + static_cast<std::ptrdiff_t>(heights.size() / 2);
  std::nth_element(heights.begin(), middle, heights.end());
  words.text_height = static_cast<double>(*middle);
}

}  // namespace

Result<Words> OcrReader::read(const page::Page& page) {
  if (page.width < 1 || page.height < 1 ||
      page.rgb.size() != static_cast<std::size_t>(page.width) * static_cast<std::size_t>(page.height) * 3)
    return make_error(ErrorCode::kInvalidArgument, "expected width x height x 3 bytes of pixels");
  const OneThread one_thread;
  const auto deadline = Clock::now() + std::chrono::milliseconds(state_->options.time_budget_ms);

  const cv::Mat rgb(page.height, page.width, CV_8UC3, const_cast<std::uint8_t*>(page.rgb.data()));  // only read
  cv::Mat gray;
  cv::cvtColor(rgb, gray, cv::COLOR_RGB2GRAY);
  state_->engine.set_image(gray, 300);

  Words words;
  words.page_number = page.number;
  words.receipt = page.receipt;
  auto read = state_->engine.recognize({0, 0, gray.cols, gray.rows}, Segmentation::kColumn, deadline);
  if (read)
    words.words = *std::move(read);
  else if (read.error().code == ErrorCode::kLimitExceeded)
    words.notes.emplace_back("time_budget");
  else
    return read.failure();
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
