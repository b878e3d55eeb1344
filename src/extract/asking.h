// extract: the asking plan: as few questions as settle the record.
//
// First everything at once, by the question that suits the document's kind. Then what the readers say is brought
// together; only fields that are missing, on which the readers contradict each other, or that are too unsure are asked
// again: on an enlarged part of the page where it is known where they stand, else several in one question. It ends when
// nothing is in doubt, nothing is left to ask, or the budget is spent.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "extract/talker.h"
#include "fields/fields.h"
#include "fields/read_fields.h"
#include "ocr/words.h"

namespace docket::extract {

struct AskingBudget {
  // Beyond a page's first one. 0: one general question a page, whatever the kind of document; only a reply that says
  // nothing is asked for once more.
  int questions = 4;
  int tokens = 1200;      // of replies, for one document
  double seconds = 20;    // for one document
  int pages = 3;          // that are asked about; of more, the first ones and the last
  double settled = 0.85;  // a field as sure as that is not asked again
};

// Something that went wrong on the way, for the record.
struct ReaderEvent {
  std::string id;       // "model_reply_looped", "model_refused", "reader_fallback", ...
  std::string message;  // one sentence
};

struct Asked {
  std::vector<fields::ModelReply> replies;
  std::vector<ReaderEvent> events;
  std::vector<std::string> questions;  // names of those put, in order
};

// A field that is worth another question.
struct Doubt {
  fields::FieldId field;
  enum class Why { kMissing, kContradicted, kUnsure } why;
  int page = 0;   // where a candidate stands; 0 when nobody knows
  page::Box box;  // empty when nobody knows
};

// Which of the fields that decide about a document are in doubt.
std::vector<Doubt> doubts_of(const fields::Fields& fields, double settled);

// Never fails: a model that does not answer leaves an event. `words` are what OCR read of the pages, possibly nothing.
Asked ask_about(Talker& talker, const fields::QuestionSet& questions, std::span<const page::Page> pages,
                const std::vector<ocr::Words>& words, const fields::Context& context, const AskingBudget& budget);

}  // namespace docket::extract
