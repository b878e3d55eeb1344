#include "extract/papers.h"

#include <gtest/gtest.h>

#include "extract/place.h"

namespace docket::extract {
namespace {

page::Page page(int number, int receipt = 0) {
  page::Page out;
  out.number = number;
  out.receipt = receipt;
  return out;
}

// "1.0+2.0 3.0": papers, each with its pages as number.receipt.
std::string grouped(std::vector<page::Page> pages) {
  std::string out;
  for (const Paper& paper : group_papers(std::move(pages))) {
    out += out.empty() ? "" : " ";
    for (std::size_t i = 0; i < paper.pages.size(); ++i) {
      out += (i > 0 ? "+" : "") + std::to_string(paper.pages[i].number) + "." + std::to_string(paper.pages[i].receipt);
    }
    out += "#" + std::to_string(paper.receipt);
  }
  return out;
}

TEST(Papers, PagesAreOneDocumentButReceiptsOnAPageAreOneEach) {
  EXPECT_EQ(grouped({page(1)}), "1.0#0");
  EXPECT_EQ(grouped({page(1), page(2), page(3)}), "1.0+2.0+3.0#0");
  EXPECT_EQ(grouped({page(1, 0), page(1, 1), page(1, 2)}), "1.0#0 1.1#1 1.2#2");
  EXPECT_EQ(grouped({page(1, 0), page(1, 1), page(2), page(3)}), "1.0#0 1.1#1 2.0+3.0#2");
  EXPECT_EQ(grouped({page(1), page(2, 0), page(2, 1), page(3)}), "1.0+3.0#0 2.0#1 2.1#2");
}

TEST(Place, BoxesMoveThroughThePageTheyAreOn) {
  page::Page first = page(1), second = page(2);
  second.to_source = {2, 0, 100, 0, 2, 50, 0, 0, 1};  // twice the size, moved right by 100 and down by 50
  record::Record record;
  record.fields["total_amount"].page = 2;
  record.fields["total_amount"].box = {10, 20, 30, 40};
  record.fields["tip"].page = 1;
  record.fields["tip"].box = {1, 2, 3, 4};
  record.fields["change"].page = 2;  // not placed: the box is empty and stays so
  move_boxes_to_source(record, std::vector<page::Page>{first, second});
  const page::Box& total = record.fields["total_amount"].box;
  EXPECT_EQ(total.x0, 120);
  EXPECT_EQ(total.y0, 90);
  EXPECT_EQ(total.x1, 160);
  EXPECT_EQ(total.y1, 130);
  EXPECT_EQ(record.fields["tip"].box.x1, 3);
  EXPECT_TRUE(record.fields["change"].box.empty());
}

TEST(Place, WordsBecomePrintedLines) {
  ocr::Words words;
  const auto word = [](const char* text, float x, float y) { return ocr::Word{text, {x, y, x + 40, y + 10}, 1}; };
  words.words = {word("TAX", 0, 0), word("INVOICE", 50, 1), word("TOTAL", 0, 15), word("9.00", 80, 14)};
  EXPECT_EQ(text_of(std::vector<ocr::Words>{words, {}, words}), "TAX INVOICE\nTOTAL 9.00\nTAX INVOICE\nTOTAL 9.00\n");
}

}  // namespace
}  // namespace docket::extract
