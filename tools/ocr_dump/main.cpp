// ocr_dump FILE...: one JSON line a picture on stdout: {"file", "ms" (of processor time), "words": [{"text", "box":
// [x0,y0,x1,y1], "confidence"}],
// "readings" (the words of each pass), "notes"}. A development tool: how the OCR reader is measured; not shipped.
#include <leptonica/allheaders.h>

#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>
#include <optional>

#include "ocr/reader.h"

namespace {

using docket::page::Page;

std::optional<Page> load(const char* file) {
  PIX* raw = pixRead(file);
  if (raw == nullptr) return std::nullopt;
  PIX* pix = pixConvertTo32(raw);
  pixDestroy(&raw);
  Page page;
  page.width = pixGetWidth(pix);
  page.height = pixGetHeight(pix);
  for (int y = 0; y < page.height; ++y) {
    for (int x = 0; x < page.width; ++x) {
      l_int32 r = 0, g = 0, b = 0;
      pixGetRGBPixel(pix, x, y, &r, &g, &b);
      for (const l_int32 value : {r, g, b}) page.rgb.push_back(static_cast<std::uint8_t>(value));
    }
  }
  pixDestroy(&pix);
  page.source_width = page.width;
  page.source_height = page.height;
  return page;
}

nlohmann::json to_json(const std::vector<docket::ocr::Word>& words) {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& word : words)
    list.push_back({{"text", word.text},
                    {"box", {word.box.x0, word.box.y0, word.box.x1, word.box.y1}},
                    {"confidence", word.confidence}});
  return list;
}

}  // namespace

int main(int argc, char** argv) {
  docket::ocr::ReaderOptions options;
  options.time_budget_ms = 300'000;  // a figure must not depend on what else the machine does
  auto reader = docket::ocr::OcrReader::create(options);
  if (!reader) {
    std::fprintf(stderr, "%s\n", reader.error().text().c_str());
    return 1;
  }
  int failed = 0;
  for (int i = 1; i < argc; ++i) {
    const auto page = load(argv[i]);
    if (!page) {
      std::fprintf(stderr, "%s: not a picture that this tool reads\n", argv[i]);
      ++failed;
      continue;
    }
    const std::clock_t start = std::clock();
    const auto words = reader->read(*page);
    const double cpu_ms = 1000.0 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    if (!words) {
      std::fprintf(stderr, "%s: %s\n", argv[i], words.error().text().c_str());
      ++failed;
      continue;
    }
    nlohmann::json readings = nlohmann::json::array();
    for (const auto& reading : words->readings) readings.push_back(to_json(reading));
    const nlohmann::json line = {{"file", argv[i]},
                                 {"ms", cpu_ms},
                                 {"words", to_json(words->words)},
                                 {"readings", readings},
                                 {"notes", words->notes}};
    std::printf("%s\n", line.dump().c_str());
    std::fflush(stdout);
  }
  return failed == 0 ? 0 : 1;
}
