// A PDF through poppler: its page count, and one page at a time as pixels and words.
#pragma once

#include <poppler/cpp/poppler-document.h>

#include <cstdint>
#include <memory>
#include <span>
#include <variant>

#include "page/pdf_protocol.h"

namespace docket::pdf_worker {

class PdfFile {
 public:
  // Keeps a view of `bytes`. What it says first: Opened, or Refused.
  explicit PdfFile(std::span<const std::uint8_t> bytes);

  page::pdf::Message greeting() const;
  // Rendered, or Refused with kPageUnreadable.
  page::pdf::Message render(const page::pdf::Render& request) const;

 private:
  std::unique_ptr<poppler::document> document_;
};

}  // namespace docket::pdf_worker
