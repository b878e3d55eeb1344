// ocr: keeps a foreign library's OpenMP to the calling thread.
#pragma once

namespace docket::ocr {

// While it lives, OpenMP regions that this thread enters run on this thread alone, also those that ask for a number of
// threads themselves (Tesseract's LSTM asks for 4; with one reader a core that costs more than it brings).
// Works through the thread's own max-active-levels setting, so other threads are not touched.
class OneThread {
 public:
  OneThread();
  ~OneThread();
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int levels_before_;
};

}  // namespace docket::ocr
