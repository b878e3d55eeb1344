// extract: who reads. OCR gives words, a vision-language model answers questions; fields brings both together. What
// cannot be had is replaced by what can, and the reason goes into the record: the model, the fallback model, OCR, the
// text that a PDF brings along.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "extract/asking.h"
#include "extract/options.h"
#include "extract/talker.h"
#include "fields/questions.h"
#include "ocr/words.h"
#include "page/page.h"

namespace docket::extract {

// Gives the words of pages.
class WordReader {
 public:
  virtual ~WordReader() = default;
  // One for each page, in order. A page that cannot be read has no words and a note; an Error means that none could.
  virtual Result<std::vector<ocr::Words>> read(std::span<const page::Page> pages) = 0;
};

struct Readers {
  std::unique_ptr<WordReader> words;  // null only when the model was asked for alone and could be had
  std::unique_ptr<Talker> talker;     // null: no model
  fields::QuestionSet questions;
  std::vector<ReaderEvent> events;  // what could not be had, for every record
};

// The readers that `options` asks for. They belong to one thread. Errors: kUnavailable when a model was asked for and
// none is named, or when nobody at all can read (says what is missing and how to get it); QuestionSet::load's.
Result<Readers> make_readers(const Options& options);

// What every reader said about the pages of one paper.
struct Readings {
  std::vector<ocr::Words> words;
  std::vector<fields::ModelReply> replies;
  std::vector<std::string> notes;      // ids that become findings, e.g. "page_not_read"
  std::vector<ReaderEvent> events;     // the same with a sentence
  std::vector<std::string> questions;  // that were put to the model
};

// Errors: the last reader's when none could read.
Result<Readings> read_paper(Readers& readers, std::span<const page::Page> pages, const Options& options,
                            const fields::Context& context);

}  // namespace docket::extract
