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

record::Context context_of(const Options& options, const Paper& paper, const Readings& readings) {
  record::Context context;
  context.pages = static_cast<int>(paper.pages.size());
  for (const page::Page& page : paper.pages) {
    context.page_numbers.push_back(page.number);
    context.notes.insert(context.notes.end(), page.notes.begin(), page.notes.end());
  }
  context.notes.insert(context.notes.end(), readings.notes.begin(), readings.notes.end());
  for (const ReaderEvent& event : readings.events) context.events.push_back({event.id, event.message});
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

// A model that was asked for alone and says nothing does not lose the document: OCR is fetched for it.
Result<Readings> Extractor::read_paper_or_words(std::span<const page::Page> pages, const fields::Context& context) {
  auto readings = read_paper(readers_, pages, options_, context);
  const bool silent = !readings || (readings->replies.empty() && readings->words.empty());
  if (!silent || readers_.words) return readings;
  Options ocr_alone = options_;
  ocr_alone.reader = ReaderChoice::kOcr;
  DOCKET_TRY(Readers stand_in, make_readers(ocr_alone));
  DOCKET_TRY(Readings read, read_paper(stand_in, pages, ocr_alone, context));
  if (readings) read.events = readings->events;
  read.events.push_back({"reader_fallback", "The model gave no answer; OCR read in its place."});
  return read;
}

Result<std::vector<record::Record>> Extractor::extract(std::span<const std::uint8_t> bytes, const std::string& file,
                                                       const std::string& reason) {
  Stopwatch file_watch;
  DOCKET_TRY(page::Document document, page::read_pages(bytes, file, options_.limits, options_.page));
  file_watch.lap("page");
  const std::vector<Paper> papers = group_papers(receipts_of(std::move(document.pages)));
  file_watch.lap("upright");

  std::vector<record::Record> records;
  for (const Paper& paper : papers) {
    Stopwatch watch = file_watch;
    watch.skip();
    const fields::Context known = {options_.today, "AUD", options_.own_abns};
    DOCKET_TRY(const Readings readings, read_paper_or_words(paper.pages, known));
    watch.lap("read");
    const fields::Fields fields = fields::read_fields(readings.words, known, readings.replies);
    watch.lap("fields");
    record::Context context = context_of(options_, paper, readings);
    context.notes.insert(context.notes.end(), document.notes.begin(), document.notes.end());
    if (!reason.empty()) context.events.push_back({"reader_fallback", reason});
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
