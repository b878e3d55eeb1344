// ocr: Tesseract's C++ API behind Result: one handle, one picture at a time, words with boxes in that picture.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "ocr/words.h"

namespace tesseract {
class TessBaseAPI;
}

namespace docket::ocr {

// Processor time of the calling thread: what a page yields must not depend on what else the machine does.
struct Clock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<Clock>;
  static constexpr bool is_steady = true;
  static time_point now() noexcept;
};

// How Tesseract looks for lines; the values are its page segmentation modes.
enum class Segmentation { kColumn = 4, kBlock = 6, kLine = 7, kSparse = 11 };

// The folder that holds <language>.traineddata for every part of "a+b": `wanted` if given, else Debian's.
// Errors: kUnavailable, naming the Debian package.
Result<std::filesystem::path> find_tessdata(const std::string& language, const std::filesystem::path& wanted);

class TesseractEngine {
 public:
  // Errors: kUnavailable (data missing), kMalformed (data not readable).
  static Result<TesseractEngine> create(const std::string& language, const std::filesystem::path& tessdata_dir);

  TesseractEngine(TesseractEngine&&) noexcept;
  TesseractEngine& operator=(TesseractEngine&&) noexcept;
  ~TesseractEngine();

  // The picture to read: 8-bit gray, dark text on light; copied. `dpi` sets only Tesseract's idea of the scale.
  void set_image(const cv::Mat& gray, int dpi);

  // The words inside `region` (of the picture that was set), line by line, boxes in that picture's pixels. Stops soon
  // after `deadline` with nothing. Errors: kLimitExceeded (deadline), kInternal.
  Result<std::vector<Word>> recognize(const cv::Rect& region, Segmentation segmentation, Clock::time_point deadline);

 private:
  explicit TesseractEngine(std::unique_ptr<tesseract::TessBaseAPI> api);
  std::unique_ptr<tesseract::TessBaseAPI> api_;
};

}  // namespace docket::ocr
