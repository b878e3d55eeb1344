#include "page/line_probe.h"

#include <tesseract/baseapi.h>
#include <tesseract/resultiterator.h>

#include <cctype>
#include <memory>

// Declared here because clang does not bring <omp.h> on Debian 12; the names are those of the OpenMP API, section 3.2.
extern "C" {
void omp_set_max_active_levels(int);
int omp_get_max_active_levels(void);
}

namespace docket::page {
namespace {

using Engine = std::unique_ptr<tesseract::TessBaseAPI>;

Engine start_engine() {
  auto engine = std::make_unique<tesseract::TessBaseAPI>();
  engine->SetVariable("debug_file", "/dev/null");
  if (engine->Init(nullptr, "eng", tesseract::OEM_LSTM_ONLY) != 0) return nullptr;
  engine->SetPageSegMode(tesseract::PSM_RAW_LINE);
  return engine;
}

// Keeps Tesseract's own threads out: one line is not worth four of them.
class OneThread {
 public:
  OneThread() : before_(omp_get_max_active_levels()) { omp_set_max_active_levels(0); }
  ~OneThread() { omp_set_max_active_levels(before_); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

double score_words(tesseract::TessBaseAPI& engine) {
  const std::unique_ptr<tesseract::ResultIterator> word(engine.GetIterator());
  if (!word) return 0;
  double score = 0;
  do {
    const std::unique_ptr<char[]> text(word->GetUTF8Text(tesseract::RIL_WORD));
    if (!text) continue;
    int count = 0;
    for (const char* c = text.get(); *c != '\0'; ++c) count += std::isalnum(static_cast<unsigned char>(*c)) != 0;
    score += count * static_cast<double>(word->Confidence(tesseract::RIL_WORD)) / 100;
  } while (word->Next(tesseract::RIL_WORD));
  return score;
}

}  // namespace

Result<double> probe_line(const cv::Mat& strip) {
  CHECK(strip.type() == CV_8UC1 && !strip.empty(), "type %d", strip.type());
  thread_local const Engine engine = start_engine();
  if (!engine) {
    return make_error(ErrorCode::kUnavailable,
                      "Tesseract's English data is missing; install the Debian package tesseract-ocr-eng");
  }
  const OneThread one_thread;
  engine->SetImage(strip.data, strip.cols, strip.rows, 1, static_cast<int>(strip.step));
  engine->SetSourceResolution(200);
  const bool recognized = engine->Recognize(nullptr) == 0;
  const double score = recognized ? score_words(*engine) : 0;
  engine->Clear();
  return score;
}

}  // namespace docket::page
