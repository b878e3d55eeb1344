#include "ocr/tesseract_engine.h"

#include <leptonica/allheaders.h>
#include <tesseract/baseapi.h>
#include <tesseract/ocrclass.h>
#include <tesseract/resultiterator.h>

#include <algorithm>
#include <ctime>
#include <mutex>

namespace docket::ocr {
namespace {

namespace fs = std::filesystem;

// Debian 12, Debian 11, other distributions.
constexpr const char* kTessdataDirs[] = {"/usr/share/tesseract-ocr/5/tessdata",
                                         "/usr/share/tesseract-ocr/4.00/tessdata", "/usr/share/tessdata"};

std::vector<std::string> split_languages(const std::string& language) {
  std::vector<std::string> parts(1);
  for (const char c : language) {
    if (c == '+')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

bool holds(const fs::path& dir, const std::vector<std::string>& languages) {
  std::error_code ignored;
  return std::all_of(languages.begin(), languages.end(), [&](const std::string& name) {
    return fs::is_regular_file(dir / (name + ".traineddata"), ignored);
  });
}

// Tesseract reports on stderr through a process-wide setting; docket's errors are Results.
void silence(tesseract::TessBaseAPI& api) {
  static std::once_flag once;
  std::call_once(once, [&api] {
    api.SetVariable("debug_file", "/dev/null");
    setMsgSeverity(L_SEVERITY_NONE);  // Leptonica's
  });
}

std::string without_space(const char* text) {
  std::string kept;
  for (const char* c = text; *c != '\0'; ++c)
    if (static_cast<unsigned char>(*c) > ' ') kept += *c;
  return kept;
}

std::vector<Word> collect(tesseract::TessBaseAPI& api) {
  std::vector<Word> words;
  const std::unique_ptr<tesseract::ResultIterator> it(api.GetIterator());
  if (!it) return words;
  do {
    const std::unique_ptr<char[]> text(it->GetUTF8Text(tesseract::RIL_WORD));
    int left = 0, top = 0, right = 0, bottom = 0;
    if (!text || !it->BoundingBox(tesseract::RIL_WORD, &left, &top, &right, &bottom)) continue;
    Word word;
    word.text = without_space(text.get());
    if (word.text.empty()) continue;
    word.box = {static_cast<float>(left), static_cast<float>(top), static_cast<float>(right),
                static_cast<float>(bottom)};
    word.confidence = std::clamp(it->Confidence(tesseract::RIL_WORD) / 100.0F, 0.0F, 1.0F);
    words.push_back(std::move(word));
  } while (it->Next(tesseract::RIL_WORD));
  return words;
}

}  // namespace

Clock::time_point Clock::now() noexcept {
  timespec spent{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return time_point(std::chrono::seconds(spent.tv_sec) + std::chrono::nanoseconds(spent.tv_nsec));
}

Result<fs::path> find_tessdata(const std::string& language, const fs::path& wanted) {
  const std::vector<std::string> languages = split_languages(language);
  if (!wanted.empty()) {
    if (holds(wanted, languages)) return wanted;
  } else {
    for (const char* dir : kTessdataDirs)
      if (holds(dir, languages)) return fs::path(dir);
  }
  return make_error(ErrorCode::kUnavailable,
                    "no Tesseract data for language '" + language + "'; install the Debian package tesseract-ocr-" +
                        languages.front() + " or name the folder that holds " + languages.front() + ".traineddata",
                    wanted.empty() ? kTessdataDirs[0] : wanted.string());
}

Result<TesseractEngine> TesseractEngine::create(const std::string& language, const fs::path& tessdata_dir) {
  DOCKET_TRY(const fs::path dir, find_tessdata(language, tessdata_dir));
  auto api = std::make_unique<tesseract::TessBaseAPI>();
  silence(*api);
  if (api->Init(dir.c_str(), language.c_str(), tesseract::OEM_LSTM_ONLY) != 0)
    return make_error(ErrorCode::kMalformed, "Tesseract cannot read its data for language '" + language + "'",
                      dir.string());
  // Lines read badly would be read once more with black and white exchanged; light print is dealt with before.
  api->SetVariable("invert_threshold", "0");
  return TesseractEngine(std::move(api));
}

TesseractEngine::TesseractEngine(std::unique_ptr<tesseract::TessBaseAPI> api) : api_(std::move(api)) {}
TesseractEngine::TesseractEngine(TesseractEngine&&) noexcept = default;
TesseractEngine& TesseractEngine::operator=(TesseractEngine&&) noexcept = default;
TesseractEngine::~TesseractEngine() = default;

void TesseractEngine::set_image(const cv::Mat& gray, int dpi) {
  CHECK(gray.type() == CV_8UC1 && !gray.empty(), "expected an 8-bit gray picture, type %d", gray.type());
  api_->SetImage(gray.data, gray.cols, gray.rows, 1, static_cast<int>(gray.step));
  api_->SetSourceResolution(dpi);
}

Result<std::vector<Word>> TesseractEngine::recognize(const cv::Rect& region, Segmentation segmentation,
                                                     Clock::time_point deadline) {
  if (Clock::now() >= deadline) return make_error(ErrorCode::kLimitExceeded, "no time left to read the page");
  api_->SetPageSegMode(static_cast<tesseract::PageSegMode>(segmentation));
  api_->SetRectangle(region.x, region.y, region.width, region.height);
  tesseract::ETEXT_DESC monitor;
  monitor.cancel_this = &deadline;
  monitor.cancel = [](void* until, int) { return Clock::now() >= *static_cast<const Clock::time_point*>(until); };
  if (api_->Recognize(&monitor) != 0) {
    if (Clock::now() >= deadline) return make_error(ErrorCode::kLimitExceeded, "the page took longer than its time");
    return make_error(ErrorCode::kInternal, "Tesseract failed to read the page");
  }
  return collect(*api_);
}

}  // namespace docket::ocr
