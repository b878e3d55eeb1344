#include "extract/reader.h"

#include "core/base/log.h"
#include "extract/vlm_reader.h"

namespace docket::extract {
namespace {

class OcrPages final : public Reader {
 public:
  explicit OcrPages(ocr::OcrReader reader) : reader_(std::move(reader)) {}
  fields::Reader kind() const override { return fields::Reader::kOcr; }

  Result<Reading> read(std::span<const page::Page> pages) override {
    Reading out;
    std::optional<Error> last;
    std::size_t failed = 0;
    for (const page::Page& page : pages) {
      auto words = reader_.read(page);
      if (words) {
        out.pages.push_back(*std::move(words));
        continue;
      }
      log().warn("page {}: {}", page.number, words.error().text());
      last = words.error();
      ++failed;
      ocr::Words& none = out.pages.emplace_back();
      none.page_number = page.number;
      none.receipt = page.receipt;
      none.notes.emplace_back("page_not_read");
    }
    if (last && failed == pages.size()) return Unexpected{*last};
    return out;
  }

 private:
  ocr::OcrReader reader_;
};

}  // namespace

Result<std::vector<std::unique_ptr<Reader>>> make_readers(const Options& options) {
  std::vector<std::unique_ptr<Reader>> readers;
  const bool has_model = !options.vlm.model.empty();
  if (options.reader == ReaderChoice::kVlm && !has_model) {
    return make_error(ErrorCode::kUnavailable,
                      "no model is given, so there is no vision-language reader; give --model, or use ocr or auto",
                      "--reader vlm");
  }
  if (options.reader != ReaderChoice::kOcr && has_model) {
    DOCKET_TRY(readers.emplace_back(), make_vlm_reader(options.vlm));
  }
  if (options.reader == ReaderChoice::kVlm) return readers;
  DOCKET_TRY(ocr::OcrReader ocr, ocr::OcrReader::create(options.ocr));
  readers.push_back(std::make_unique<OcrPages>(std::move(ocr)));
  return readers;
}

}  // namespace docket::extract
