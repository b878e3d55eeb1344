#include "extract/extract.h"

#include <utility>

#include "core/base/log.h"
#include "extract/papers.h"
#include "extract/place.h"
#include "extract/stopwatch.h"
#include "fields/read_fields.h"
#include "page/one_thread.h"
#include "page/split.h"
#include "page/upright.h"
#include "record/build.h"
#include "record/perceptual_hash.h"

namespace docket::extract {
namespace {

page::Page turned_upright(page::Page page) {
  auto turned = page::upright(page);  // a copy, so that the page is still there when it cannot be told
  if (turned) return *std::move(turned);
  log().warn("page {}: {}", page.number, turned.error().text());
  page.notes.emplace_back("orientation_not_checked");
  return page;
}

// Every receipt as a Page of its own, each the right way up: papers beside each other need not lie the same way.
std::vector<page::Page> receipts_of(std::vector<page::Page> pages) {
  std::vector<page::Page> out;
  for (page::Page& page : pages) {
    std::vector<page::Page> receipts = page::split(turned_upright(std::move(page)));
    const bool several = receipts.size() > 1;
    for (page::Page& receipt : receipts) {
      out.push_back(several ? turned_upright(std::move(receipt)) : std::move(receipt));
    }
  }
  return out;
}

// What every reader said about one paper. The readings stay apart until fields brings them together.
struct Readings {
  std::vector<ocr::Words> words;
  std::vector<fields::ModelReply> replies;
  std::vector<std::string> notes;
};

// One reader that fails does not stop another; with none left the last Error is the answer.
Result<Readings> ask_readers(std::span<const std::unique_ptr<Reader>> readers, std::span<const page::Page> pages) {
  Readings out;
  std::optional<Error> last;
  std::size_t failed = 0;
  for (const auto& reader : readers) {
    auto reading = reader->read(pages);
    if (!reading) {
      log().warn("the {} reader failed: {}", fields::to_string(reader->kind()), reading.error().text());
      out.notes.push_back(std::string(fields::to_string(reader->kind())) + "_reader_failed");
      last = reading.error();
      ++failed;
      continue;
    }
    for (const ocr::Words& words : reading->pages) {
      out.notes.insert(out.notes.end(), words.notes.begin(), words.notes.end());
    }
    out.notes.insert(out.notes.end(), reading->notes.begin(), reading->notes.end());
    out.replies.insert(out.replies.end(), reading->replies.begin(), reading->replies.end());
    for (ocr::Words& words : reading->pages) out.words.push_back(std::move(words));
  }
  if (last && failed == readers.size()) return Unexpected{*last};
  return out;
}

record::Context context_of(const Options& options, const Paper& paper, const Readings& readings) {
  record::Context context;
  context.pages = static_cast<int>(paper.pages.size());
  for (const page::Page& page : paper.pages) {
    context.page_numbers.push_back(page.number);
    context.notes.insert(context.notes.end(), page.notes.begin(), page.notes.end());
  }
  context.notes.insert(context.notes.end(), readings.notes.begin(), readings.notes.end());
  context.receipt = paper.receipt;
  context.perceptual_hash = record::perceptual_hash(paper.pages.front());
  context.today = options.today;
  context.text = text_of(readings.words);
  context.own_abns = options.own_abns;
  context.approved_suppliers = options.approved_suppliers;
  context.expense_rules = options.expense_rules;
  context.registered_for_gst = options.registered_for_gst;
  context.redact = options.redact;
  context.mask_customer = options.mask_customer;
  return context;
}

}  // namespace

Result<Extractor> Extractor::create(const Options& options) {
  page::keep_opencv_to_one_thread();
  DOCKET_TRY(auto readers, make_readers(options));
  Extractor extractor(options, std::move(readers));
  extractor.options_.page.pages = options.pages;
  return extractor;
}

Result<std::vector<record::Record>> Extractor::extract(std::span<const std::uint8_t> bytes, const std::string& file) {
  Stopwatch file_watch;
  DOCKET_TRY(page::Document document, page::read_pages(bytes, file, options_.limits, options_.page));
  file_watch.lap("page");
  const std::vector<Paper> papers = group_papers(receipts_of(std::move(document.pages)));
  file_watch.lap("upright");

  std::vector<record::Record> records;
  for (const Paper& paper : papers) {
    Stopwatch watch = file_watch;
    watch.skip();
    DOCKET_TRY(const Readings readings, ask_readers(readers_, paper.pages));
    watch.lap("read");
    const fields::Fields fields =
        fields::read_fields(readings.words, {options_.today, "AUD", options_.own_abns}, readings.replies);
    watch.lap("fields");
    record::Context context = context_of(options_, paper, readings);
    context.notes.insert(context.notes.end(), document.notes.begin(), document.notes.end());
    context.file = file;
    context.sha256 = sha256_hex(bytes);
    context.receipts = static_cast<int>(papers.size());
    record::Record record = record::build_record(fields, context);
    move_boxes_to_source(record, paper.pages);
    watch.lap("record");
    record.timing_ms = watch.times();
    records.push_back(std::move(record));
  }
  return records;
}

Result<std::vector<record::Record>> Extractor::extract_file(const std::string& file) {
  DOCKET_TRY(const Bytes bytes, read_file(file, options_.limits.max_bytes));
  return extract(bytes, file);
}

}  // namespace docket::extract
