#include "extract/reader.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "core/base/file.h"
#include "page/one_thread.h"
#include "page/read.h"

namespace docket::extract {
namespace {

class Listener final : public Talker {
 public:
  const std::string& name() const override { return name_; }
  const std::string& family() const override { return name_; }
  const Usage& usage() const override { return usage_; }
  void look(const page::Page& page) override {
    looked.push_back(page.number);
    if (!answer.empty()) throw std::runtime_error("cannot look");
  }
  Result<fields::ModelReply> ask(const page::Page& page, const fields::Question&, const AskOptions&) override {
    if (answer.empty()) return make_error(ErrorCode::kUnavailable, "says nothing", "model");
    fields::ModelReply reply;
    reply.text = answer;
    reply.page = page.number;
    return reply;
  }
  std::vector<int> looked;
  std::string answer;  // none: it says nothing; with one it cannot look

 private:
  std::string name_ = "listener";
  Usage usage_;
};

std::vector<page::Page> three_pages() {
  const auto bytes = read_file("samples/supermarket.png", std::size_t{1} << 24);
  EXPECT_TRUE(bytes);
  auto document = page::read_pages(*bytes, "supermarket.png");
  EXPECT_TRUE(document);
  std::vector<page::Page> pages(3, document->pages.front());
  for (int i = 0; i < 3; ++i) pages[static_cast<std::size_t>(i)].number = i + 1;
  pages[1].rgb.resize(pages[1].rgb.size() / 2);  // one that cannot be read
  return pages;
}

Readings read_with(int threads, Listener* listener = nullptr) {
  page::keep_opencv_to_one_thread();
  Options options;
  options.reader = ReaderChoice::kOcr;
  options.threads = threads;
  auto readers = make_readers(options);
  EXPECT_TRUE(readers) << readers.error().text();
  std::unique_ptr<Listener> talker;
  if (listener != nullptr) readers->talker.reset(listener);
  const std::vector<page::Page> pages = three_pages();
  auto read = read_paper(*readers, pages, options, {});
  if (listener != nullptr) readers->talker.release();
  EXPECT_TRUE(read) << read.error().text();
  return read ? *std::move(read) : Readings();
}

void expect_pages_in_order(const Readings& read) {
  ASSERT_EQ(read.words.size(), 3U);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(read.words[static_cast<std::size_t>(i)].page_number, i + 1);
  EXPECT_GT(read.words[0].words.size(), 20U);
  EXPECT_EQ(read.words[1].notes, std::vector<std::string>{"page_not_read"});
}

TEST(ReadPaper, ReadsPagesSideBySideAsOneAfterTheOther) {
  const Readings one = read_with(1), three = read_with(3);
  expect_pages_in_order(one);
  expect_pages_in_order(three);
  for (const std::size_t page : {0U, 2U}) {
    ASSERT_EQ(one.words[page].words.size(), three.words[page].words.size());
    for (std::size_t i = 0; i < one.words[page].words.size(); ++i) {
      EXPECT_EQ(one.words[page].words[i].text, three.words[page].words[i].text);
      EXPECT_EQ(one.words[page].words[i].box.x0, three.words[page].words[i].box.x0);
      EXPECT_EQ(one.words[page].words[i].box.y0, three.words[page].words[i].box.y0);
    }
  }
}

TEST(ReadPaper, LetsTheModelLookWhileOcrReadsWhereThereIsAThreadForIt) {
  Listener alone, beside;
  expect_pages_in_order(read_with(1, &alone));
  EXPECT_TRUE(alone.looked.empty());
  expect_pages_in_order(read_with(2, &beside));
  EXPECT_EQ(beside.looked, std::vector<int>{1});
}

class Thrower final : public WordReader {
 public:
  Result<std::vector<ocr::Words>> read(std::span<const page::Page>) override { throw std::runtime_error("no words"); }
};

// A reader that throws has failed; the document belongs to the others.
TEST(ReadPaper, WhatOneReaderThrowsLeavesTheDocumentToTheOther) {
  const std::vector<page::Page> pages(1);
  for (const int threads : {1, 2}) {
    Readers readers;
    readers.words = std::make_unique<Thrower>();
    readers.questions = fields::QuestionSet::built_in();
    Options options;
    options.threads = threads;
    const auto nobody = read_paper(readers, pages, options, {});
    ASSERT_FALSE(nobody);
    EXPECT_NE(nobody.error().message.find("no words"), std::string::npos) << nobody.error().text();
    auto talker = std::make_unique<Listener>();
    talker->answer = "TOTAL_AMOUNT: 12.00";
    readers.talker = std::move(talker);
    const auto read = read_paper(readers, pages, options, {});
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(read->notes, std::vector<std::string>{"ocr_reader_failed"});
    ASSERT_FALSE(read->replies.empty());
    EXPECT_EQ(read->replies[0].text, "TOTAL_AMOUNT: 12.00");
  }
}

}  // namespace
}  // namespace docket::extract
