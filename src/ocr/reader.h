// ocr: the OCR reader: a Page in, Words out, by Tesseract's LSTM and docket's own preparation of the picture.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "ocr/words.h"
#include "page/page.h"

namespace docket::ocr {

struct ReaderOptions {
  std::string language = "eng";        // Tesseract's name; "eng+msa" for several
  std::filesystem::path tessdata_dir;  // holds <language>.traineddata; empty: the first of Debian's folders that does
  // For one Page, processor time of the calling thread, so that a busy machine reads the same; a longer read gives what
  // it has by then and notes "time_budget".
  int time_budget_ms = 12000;
};

// Owns the Tesseract handle (about 30 MB). Not to be shared between threads: one reader a thread; any number of readers
// may work at the same time. A read uses one thread whatever OMP_NUM_THREADS says.
class OcrReader {
 public:
  // Loads the language data (about 50 ms).
  // Errors: kUnavailable when it is missing (names the Debian package), kMalformed when Tesseract cannot read it.
  static Result<OcrReader> create(const ReaderOptions& options = {});

  OcrReader(OcrReader&&) noexcept;
  OcrReader& operator=(OcrReader&&) noexcept;
  ~OcrReader();

  // The page's words in its own pixels. A page without text has no words and the note "no_text".
  // Errors: kInvalidArgument for a page whose rgb does not fit its size, kInternal when Tesseract fails.
  Result<Words> read(const page::Page& page);

 private:
  struct State;
  explicit OcrReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// What `docket doctor` shows.
struct Support {
  std::string tesseract_version;
  std::filesystem::path tessdata_dir;  // empty when no folder with language data was found
  std::vector<std::string> languages;  // found there, sorted
};
Support supported(const std::filesystem::path& tessdata_dir = {});

}  // namespace docket::ocr
