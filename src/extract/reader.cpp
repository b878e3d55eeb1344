#include "extract/reader.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <optional>

#include "core/base/log.h"
#include "core/base/thread_pool.h"
#include "extract/conversation.h"
#include "extract/guard.h"

namespace docket::extract {
namespace {

ocr::Words no_words(const page::Page& page, const char* note) {
  ocr::Words none;
  none.page_number = page.number;
  none.receipt = page.receipt;
  none.notes.emplace_back(note);
  return none;
}

// The words that a PDF brings along, for want of somebody who looks at the page.
ocr::Words words_of_text_layer(const page::Page& page) {
  ocr::Words words = no_words(page, "text_layer_only");
  for (const page::TextSpan& span : page.text_layer) {
    words.words.push_back({span.text, span.box, 1, ocr::Source::kTextLayer});
  }
  words.mean_confidence = 1;
  return words;
}

// Pages side by side, each by a reader of its own; more readers than one are made when a document has more pages.
class OcrPages final : public WordReader {
 public:
  OcrPages(ocr::OcrReader reader, ocr::ReaderOptions options, int threads) : options_(std::move(options)) {
    readers_.push_back(std::move(reader));
    if (threads > 1) threads_ = std::make_unique<ThreadPool>(threads, /*pin=*/false);
  }

  Result<std::vector<ocr::Words>> read(std::span<const page::Page> pages) override {
    std::vector<Result<ocr::Words>> read(pages.size(), no_words({}, ""));
    const std::size_t side_by_side = make_readers_for(pages.size());
    std::atomic<std::size_t> next{0};
    const auto take_pages = [&](std::int64_t reader, int) {
      for (std::size_t i = next++; i < pages.size(); i = next++) {
        read[i] = readers_[static_cast<std::size_t>(reader)].read(pages[i]);
      }
    };
    if (side_by_side > 1) {
      threads_->for_each(static_cast<std::int64_t>(side_by_side), take_pages);
    } else {
      take_pages(0, 0);
    }
    return settle(pages, std::move(read));
  }

 private:
  std::size_t make_readers_for(std::size_t pages) {
    const std::size_t wanted = std::min(pages, threads_ ? static_cast<std::size_t>(threads_->size()) : 1);
    while (readers_.size() < wanted) {
      auto another = ocr::OcrReader::create(options_);
      if (!another) break;
      readers_.push_back(*std::move(another));
    }
    return std::max<std::size_t>(1, std::min(wanted, readers_.size()));
  }

  static Result<std::vector<ocr::Words>> settle(std::span<const page::Page> pages,
                                                std::vector<Result<ocr::Words>> read) {
    std::vector<ocr::Words> out;
    std::optional<Error> last;
    std::size_t failed = 0;
    for (std::size_t i = 0; i < pages.size(); ++i) {
      const page::Page& page = pages[i];
      if (read[i]) {
        out.push_back(*std::move(read[i]));
        continue;
      }
      log().warn("page {}: {}", page.number, read[i].error().text());
      if (!page.text_layer.empty()) {
        out.push_back(words_of_text_layer(page));
        continue;
      }
      last = read[i].error();
      ++failed;
      out.push_back(no_words(page, "page_not_read"));
    }
    if (last && failed == pages.size()) return Unexpected{*last};
    return out;
  }

  ocr::ReaderOptions options_;
  std::vector<ocr::OcrReader> readers_;
  std::unique_ptr<ThreadPool> threads_;  // null: one page after the other
};

class TextLayerPages final : public WordReader {
 public:
  explicit TextLayerPages(Error why) : why_(std::move(why)) {}

  Result<std::vector<ocr::Words>> read(std::span<const page::Page> pages) override {
    std::vector<ocr::Words> out;
    bool any = false;
    for (const page::Page& page : pages) {
      any = any || !page.text_layer.empty();
      out.push_back(page.text_layer.empty() ? no_words(page, "page_not_read") : words_of_text_layer(page));
    }
    if (!any) return Unexpected{why_};
    return out;
  }

 private:
  Error why_;
};

// The first of the models that can be used; null when none can, with the reasons in `events`.
std::unique_ptr<Talker> open_model(const VlmOptions& options, std::vector<ReaderEvent>& events) {
  for (const std::string& folder : {options.model, options.fallback_model}) {
    if (folder.empty()) continue;
    VlmOptions one = options;
    one.model = folder;
    if (folder != options.model) one.adapter.clear();  // an adapter fits one model alone
    auto conversation = Conversation::open(one);
    if (conversation) {
      if (!events.empty()) events.back().message += " " + (*conversation)->name() + " read in its place.";
      return *std::move(conversation);
    }
    const std::string reason = conversation.error().text();
    log().warn("the model {} cannot be used: {}", folder, reason);
    if (events.empty()) events.push_back({"reader_fallback", ""});
    std::string& message = events.back().message;
    message.append("The model ").append(folder).append(" could not be used (").append(reason).append(").");
  }
  return nullptr;
}

}  // namespace

Result<Readers> make_readers(const Options& options) {
  Readers readers;
  const bool has_model = !options.vlm.model.empty() || !options.vlm.fallback_model.empty();
  const bool needs_model = options.reader == ReaderChoice::kVlm || options.reader == ReaderChoice::kBoth;
  if (needs_model && !has_model) {
    return make_error(ErrorCode::kUnavailable,
                      "no model is given, so there is no vision-language reader; give --model, or use ocr or auto",
                      options.reader == ReaderChoice::kVlm ? "--reader vlm" : "--reader both");
  }
  if (options.prompts.empty()) {
    readers.questions = fields::QuestionSet::built_in();
  } else {
    DOCKET_TRY(readers.questions, fields::QuestionSet::load(options.prompts));
  }
  if (options.reader != ReaderChoice::kOcr && has_model) readers.talker = open_model(options.vlm, readers.events);
  if (options.reader == ReaderChoice::kVlm && readers.talker) return readers;
  auto ocr = ocr::OcrReader::create(options.ocr);
  if (ocr) {
    readers.words = std::make_unique<OcrPages>(*std::move(ocr), options.ocr, options.threads);
    if (!readers.talker && !readers.events.empty()) readers.events.back().message += " OCR read in its place.";
    return readers;
  }
  if (!readers.talker) return ocr.failure();
  readers.events.push_back({"ocr_unavailable", "There was no OCR (" + ocr.error().text() + ")."});
  readers.words = std::make_unique<TextLayerPages>(ocr.error());
  return readers;
}

namespace {

// While OCR reads on a thread of its own, the model looks at the first page: the two need nothing of each other yet.
Result<std::vector<ocr::Words>> read_words(Readers& readers, std::span<const page::Page> pages,
                                           const Options& options) {
  const auto read = [&] { return guarded("OCR", [&] { return readers.words->read(pages); }); };
  if (!readers.talker || options.threads < 2 || pages.empty()) return read();
  auto words = std::async(std::launch::async, read);
  const Status looked = guarded("the model " + readers.talker->name(), [&] {
    readers.talker->look(pages.front());
    return Status();
  });
  if (!looked) log().debug("{}", looked.error().text());  // what fails fails again, and is told, when it is asked
  return words.get();
}

}  // namespace

Result<Readings> read_paper(Readers& readers, std::span<const page::Page> pages, const Options& options,
                            const fields::Context& context) {
  Readings out;
  out.events = readers.events;
  std::optional<Error> failed;
  if (readers.words) {
    auto words = read_words(readers, pages, options);
    if (words) {
      out.words = *std::move(words);
    } else {
      log().warn("OCR failed: {}", words.error().text());
      failed = words.error();
      out.notes.emplace_back("ocr_reader_failed");
    }
  }
  for (const ocr::Words& words : out.words) out.notes.insert(out.notes.end(), words.notes.begin(), words.notes.end());
  if (!readers.talker) {
    if (failed) return Unexpected{*failed};
    return out;
  }
  const Usage before = readers.talker->usage();
  Asked asked = ask_about(*readers.talker, readers.questions, pages, out.words, context, options.asking);
  const Usage& after = readers.talker->usage();
  log().debug("{} questions, {} tokens of replies, {} images encoded, {:.2f} s", asked.questions.size(),
              after.tokens - before.tokens, after.images - before.images, after.seconds - before.seconds);
  out.replies = std::move(asked.replies);
  out.questions = std::move(asked.questions);
  out.events.insert(out.events.end(), asked.events.begin(), asked.events.end());
  if (!out.replies.empty() || !failed) return out;
  return Unexpected{*failed};
}

}  // namespace docket::extract
