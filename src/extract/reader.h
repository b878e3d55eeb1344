// extract: what the pipe asks of a reader. There are two kinds, OCR and a vision-language model; each sees all pages of
// one document and says what it read, and fields brings the readings together.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "extract/options.h"
#include "fields/fields.h"
#include "fields/model_reply.h"
#include "ocr/words.h"
#include "page/page.h"

namespace docket::extract {

struct Reading {
  std::vector<ocr::Words> pages;            // of OCR: one for each page given, in order
  std::vector<fields::ModelReply> replies;  // of the vision-language model: one a page
  std::vector<std::string> notes;           // ids that become findings of the record, e.g. "page_not_read"
};

class Reader {
 public:
  virtual ~Reader() = default;
  virtual fields::Reader kind() const = 0;
  // A page that cannot be read has no words and a note; an Error means that none could.
  virtual Result<Reading> read(std::span<const page::Page> pages) = 0;
};

// The readers that `options` asks for, best first, at least one. They belong to one thread.
// Errors: kUnavailable when a reader that was named is not there, or none is (says what is missing and how to get it).
Result<std::vector<std::unique_ptr<Reader>>> make_readers(const Options& options);

}  // namespace docket::extract
