#include "extract/place.h"

namespace docket::extract {
namespace {

class Mover {
 public:
  explicit Mover(std::span<const page::Page> pages) : pages_(pages) {}
  void move(int page_number, page::Box& box) const {
    if (box.empty()) return;
    for (const page::Page& page : pages_) {
      if (page.number != page_number) continue;
      box = page::apply(page.to_source, box);
      return;
    }
  }

 private:
  std::span<const page::Page> pages_;
};

// Whether `next` stands on the line that `last` ends: their middles overlap and the reading goes on to the right.
bool same_line(const ocr::Word& last, const ocr::Word& next) {
  const float middle = next.box.center_y();
  return middle > last.box.y0 && middle < last.box.y1 && next.box.x0 > last.box.x0;
}

}  // namespace

void move_boxes_to_source(record::Record& record, std::span<const page::Page> pages) {
  const Mover mover(pages);
  for (auto& [name, value] : record.fields) {
    mover.move(value.page, value.box);
    for (fields::Reading& reading : value.why.readings) mover.move(reading.evidence.page, reading.evidence.box);
  }
  for (record::LineItem& item : record.line_items) mover.move(item.page, item.box);
  for (record::Payment& payment : record.payments) mover.move(payment.page, payment.box);
  for (record::Finding& finding : record.findings) mover.move(finding.evidence.page, finding.evidence.box);
  for (record::Check& check : record.verdict.checks) mover.move(check.evidence.page, check.evidence.box);
}

std::string text_of(std::span<const ocr::Words> pages) {
  std::string out;
  for (const ocr::Words& page : pages) {
    for (std::size_t i = 0; i < page.words.size(); ++i) {
      if (i > 0) out += same_line(page.words[i - 1], page.words[i]) ? ' ' : '\n';
      out += page.words[i].text;
    }
    if (!page.words.empty()) out += '\n';
  }
  return out;
}

}  // namespace docket::extract
