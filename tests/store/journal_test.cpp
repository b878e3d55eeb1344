#include "store/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <thread>

#include "record/typed.h"
#include "store/batch_writer.h"
#include "tests/record/example.h"
#include "tests/store/schema_check.h"

namespace docket::store {
namespace {

using fields::FieldId;
using record::Record;
using ::testing::HasSubstr;

class JournalTest : public ::testing::Test {
 protected:
  JournalTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "docket_journal_XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    path_ = folder_ / "out.jsonl";
    retry_ = folder_ / "out.jsonl.retry";
  }
  ~JournalTest() override { std::filesystem::remove_all(folder_); }

  std::string content() const {
    std::ifstream file(path_, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  void write(const std::string& text) const { std::ofstream(path_, std::ios::binary) << text; }

  std::filesystem::path folder_, path_, retry_;
};

std::string hash_of(int document) {
  std::string hash(64, '0');
  const auto number = std::to_string(document);
  return hash.replace(64 - number.size(), number.size(), number);
}

std::string file_of(int document) { return "in/" + std::to_string(document) + ".jpg"; }

// Document 7k has 3 receipts, 5k+3 cannot be read, and each 10k+9 is the same purchase as the one before it.
std::vector<Record> records_of(int document) {
  auto fields = record::plain_invoice();
  const int purchase = document % 10 == 9 ? document - 1 : document;
  record::set(fields, FieldId::kInvoiceNumber, "N" + std::to_string(purchase));
  record::set(fields, FieldId::kInvoiceDate, "2026-0" + std::to_string(1 + document % 9) + "-11");
  auto context = record::plain_context();
  context.file = file_of(document);
  context.sha256 = hash_of(document);
  context.receipts = document % 7 == 0 ? 3 : 1;
  std::vector<Record> records;
  for (context.receipt = 0; context.receipt < context.receipts; ++context.receipt) {
    records.push_back(build_record(fields, context));
    records.back().timing_ms["ocr"] = document;
  }
  return records;
}

bool unreadable(int document) { return document % 5 == 3; }

enum class Repair {
  kNone,
  kHealed,
  kRetry
};  // kHealed: every document can be read; kRetry: so it can, and failures are

// Reads documents [first, count) into `path`, on `threads` threads that finish out of order.
void run_batch(const std::filesystem::path& path, int count, bool resume, int threads, Repair repair = Repair::kNone,
               int first = 0) {
  const bool retry = repair == Repair::kRetry;
  auto writer = BatchWriter::open(path, {.resume = resume, .timings = false, .retry_failed = retry});
  ASSERT_TRUE(writer) << writer.error().text();
  std::vector<std::string> files;
  for (int document = first; document < count; ++document) files.push_back(file_of(document));
  ASSERT_TRUE((*writer)->begin(files));
  std::atomic<int> next = first;
  const auto work = [&] {
    for (int document = next++; document < count; document = next++) {
      const auto index = static_cast<std::size_t>(document - first);
      const auto done = (*writer)->skip_if_done(index, file_of(document), hash_of(document));
      ASSERT_TRUE(done);
      if (*done) continue;
      const Status put = repair == Repair::kNone && unreadable(document)
                             ? (*writer)->submit_error(index, file_of(document), hash_of(document),
                                                       {ErrorCode::kMalformed, "broken", file_of(document)})
                             : (*writer)->submit(index, records_of(document));
      ASSERT_TRUE(put) << put.error().text();
    }
  };
  std::vector<std::thread> pool;
  for (int i = 0; i < threads; ++i) pool.emplace_back(work);
  for (auto& thread : pool) thread.join();
  EXPECT_EQ((*writer)->held(), 0U);
  EXPECT_EQ((*writer)->documents(), count);
  EXPECT_TRUE((*writer)->finish());
}

TEST_F(JournalTest, CutAnywhereAndResumedGivesTheSameBytes) {
  constexpr int kDocuments = 11;
  run_batch(path_, kDocuments, false, 1);
  const std::string whole = content();
  std::mt19937 random(11);
  std::vector<std::size_t> cuts = {0, 1, whole.size() - 1, whole.size()};
  // Around every line break, where the cases differ, and at random places between.
  for (std::size_t at = whole.find('\n'); at != std::string::npos; at = whole.find('\n', at + 1)) {
    cuts.insert(cuts.end(), {at, std::min(at + 1, whole.size())});
  }
  for (int i = 0; i < 12; ++i) cuts.push_back(random() % whole.size());
  for (const std::size_t cut : cuts) {
    write(whole.substr(0, cut));
    run_batch(path_, kDocuments, true, 1);
    ASSERT_EQ(content(), whole) << "cut at byte " << cut;
  }
}

TEST_F(JournalTest, KilledAndResumedGivesTheSameBytes) {
  constexpr int kDocuments = 40;
  run_batch(path_, kDocuments, false, 4);
  const std::string whole = content();
  std::filesystem::remove(path_);
  std::mt19937 random(12);
  int killed = 0;
  for (int round = 0; round < 200 && content() != whole; ++round) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      run_batch(path_, kDocuments, true, 4);
      ::_exit(0);
    }
    ::usleep(static_cast<useconds_t>(1000 + random() % 20000));
    killed += ::kill(child, SIGKILL) == 0 ? 1 : 0;
    ::waitpid(child, nullptr, 0);
  }
  run_batch(path_, kDocuments, true, 4);
  EXPECT_EQ(content(), whole);
  EXPECT_GT(killed, 0);
}

TEST_F(JournalTest, WhatFailedReadAgainGivesTheBytesOfARunInWhichNothingFailed) {
  constexpr int kDocuments = 40;  // 19 and 39 become duplicates of 18 and 38, which failed at first
  run_batch(path_, kDocuments, false, 1, Repair::kHealed);
  const std::string healed = content();
  std::filesystem::remove(path_);
  run_batch(path_, kDocuments, false, 1);
  const std::string failed = content();
  ASSERT_NE(failed, healed);
  run_batch(path_, kDocuments, false, 4, Repair::kRetry);
  EXPECT_EQ(content(), healed);
  EXPECT_FALSE(std::filesystem::exists(retry_));
  run_batch(path_, kDocuments, false, 4, Repair::kRetry);  // nothing is left to do
  EXPECT_EQ(content(), healed);

  // An earlier run that had not come to its end, its last line torn.
  write(failed.substr(0, failed.size() / 2));
  run_batch(path_, kDocuments, false, 4, Repair::kRetry);
  EXPECT_EQ(content(), healed);
}

TEST_F(JournalTest, KilledWhileItReadsAgainWhatFailedItLosesNothing) {
  constexpr int kDocuments = 40;
  run_batch(path_, kDocuments, false, 1, Repair::kHealed);
  const std::string healed = content();
  std::filesystem::remove(path_);
  run_batch(path_, kDocuments, false, 1);
  const std::string failed = content();
  std::mt19937 random(13);
  int half_way = 0;
  for (int round = 0; round < 200 && content() != healed; ++round) {
    EXPECT_EQ(content(), failed) << "until all is read the earlier results stand";
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      run_batch(path_, kDocuments, false, 4, Repair::kRetry);
      ::_exit(0);
    }
    // Longer from round to round, so that it comes to something on a busy machine and under a sanitizer, too.
    ::usleep(static_cast<useconds_t>(1000 + random() % (20000 + 10000 * static_cast<unsigned>(round))));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    half_way += std::filesystem::exists(retry_) ? 1 : 0;
  }
  run_batch(path_, kDocuments, false, 4, Repair::kRetry);
  EXPECT_EQ(content(), healed);
  EXPECT_GT(half_way, 0);
}

TEST_F(JournalTest, ReadingAgainKeepsTheResultsOfOtherInputs) {
  run_batch(path_, 5, false, 1);  // 3 fails
  const std::string others = content();
  run_batch(path_, 10, true, 1, Repair::kNone, 5);  // and 8
  run_batch(path_, 10, false, 1, Repair::kRetry, 5);
  const std::string all = content();
  EXPECT_EQ(all.substr(0, others.size()), others);
  std::filesystem::remove(path_);
  run_batch(path_, 5, false, 1);
  run_batch(path_, 10, true, 1, Repair::kHealed, 5);
  EXPECT_EQ(all, content());
}

TEST_F(JournalTest, ManyThreadsWriteInTheOrderOfTheInput) {
  run_batch(path_, 40, false, 1);
  const std::string one = content();
  std::filesystem::remove(path_);
  run_batch(path_, 40, false, 8);
  EXPECT_EQ(content(), one);
}

TEST_F(JournalTest, EveryLineFitsTheSchema) {
  run_batch(path_, 20, false, 1);
  std::istringstream text(content());
  int duplicates = 0;
  for (std::string line; std::getline(text, line);) {
    EXPECT_EQ(schema_violations(line), "") << line;
    duplicates += line.find("possible_duplicate") == std::string::npos ? 0 : 1;
  }
  EXPECT_GE(duplicates, 2) << "9 is 8 again, 19 is 18 again (18 could not be read)";
}

TEST_F(JournalTest, ATornBlockOfZerosIsCut) {
  run_batch(path_, 4, false, 1);
  const std::string whole = content();
  write(whole + std::string(100, '\0'));
  run_batch(path_, 4, true, 1);
  EXPECT_EQ(content(), whole);
  write(whole + std::string(100, '\0') + "\n");
  run_batch(path_, 4, true, 1);
  EXPECT_EQ(content(), whole);
}

TEST_F(JournalTest, WillNotTouchAFileThatIsNotItsOwn) {
  const std::string other = "my notes\nmore notes\n";
  write(other);
  EXPECT_FALSE(Journal::open(path_, Journal::Mode::kCreate));
  const auto resumed = Journal::open(path_, Journal::Mode::kResume);
  ASSERT_FALSE(resumed);
  EXPECT_EQ(resumed.error().code, ErrorCode::kMalformed);
  EXPECT_THAT(resumed.error().text(), HasSubstr("out.jsonl:1"));
  EXPECT_EQ(content(), other);
}

TEST_F(JournalTest, OneWriterAtATime) {
  const auto first = Journal::open(path_, Journal::Mode::kResume);
  ASSERT_TRUE(first);
  const auto second = Journal::open(path_, Journal::Mode::kResume);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr("another run"));
}

TEST_F(JournalTest, ADocumentNamedTwiceIsDoneTwice) {
  {
    auto journal = Journal::open(path_, Journal::Mode::kCreate);
    ASSERT_TRUE(journal);
    const std::vector<std::string> line = {error_line("a.jpg", "", {ErrorCode::kIo, "gone", ""})};
    ASSERT_TRUE(journal->append(line));
    ASSERT_TRUE(journal->append(line));
  }
  auto journal = Journal::open(path_, Journal::Mode::kResume);
  ASSERT_TRUE(journal);
  EXPECT_TRUE(journal->take_done("a.jpg", ""));
  EXPECT_TRUE(journal->take_done("a.jpg", ""));
  EXPECT_FALSE(journal->take_done("a.jpg", ""));
  EXPECT_FALSE(journal->take_done("a.jpg", hash_of(1))) << "another content is another document";
}

TEST_F(JournalTest, AFullDiskIsAnErrorAndLeavesWholeDocuments) {
  auto journal = Journal::open("/dev/full", Journal::Mode::kResume);
  ASSERT_FALSE(journal) << "not a regular file";
  EXPECT_EQ(journal.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(JournalTest, GoesOnWithAChangedFile) {
  run_batch(path_, 3, false, 1);
  auto writer = BatchWriter::open(path_, {.resume = true});
  ASSERT_TRUE(writer);
  EXPECT_TRUE(*(*writer)->skip_if_done(0, file_of(0), hash_of(0)));
  EXPECT_FALSE(*(*writer)->skip_if_done(1, file_of(1), hash_of(77)));
  ASSERT_TRUE((*writer)->submit(1, records_of(1)));
  EXPECT_EQ((*writer)->documents(), 4);
}

TEST(DuplicateIndex, FindsTheSamePurchaseInItsWays) {
  DuplicateIndex index;
  auto first = records_of(1).front();
  first.perceptual_hash = std::string(64, '0');
  index.add(first);
  const auto reasons = [&](const Record& record) {
    const auto matches = index.find(record);
    return matches.empty() ? std::vector<std::string>{} : matches.front().reasons;
  };
  auto other = records_of(2).front();
  EXPECT_TRUE(index.find(other).empty());
  other.sha256 = first.sha256;
  EXPECT_THAT(reasons(other), ::testing::ElementsAre("same_file"));
  other = records_of(2).front();
  other.perceptual_hash = std::string(63, '0') + "f";
  EXPECT_THAT(reasons(other), ::testing::ElementsAre("same_picture"));
  other.perceptual_hash = std::string(62, '0') + "7f";
  EXPECT_TRUE(index.find(other).empty()) << "seven bits differ";
  record::field(other, "invoice_number").value = "n-1";
  EXPECT_THAT(reasons(other), ::testing::ElementsAre("same_abn_and_number", "three_of_four_equal"));
  record::field(other, "supplier_abn").value.reset();
  EXPECT_THAT(reasons(other), ::testing::ElementsAre("three_of_four_equal")) << "name, number and total";
  record::field(other, "supplier_name").value.reset();
  EXPECT_TRUE(index.find(other).empty()) << "number and total alone";
  record::field(other, "invoice_date").value = record::field(first, "invoice_date").value;
  EXPECT_THAT(reasons(other), ::testing::ElementsAre("three_of_four_equal")) << "number, total and date";
}

TEST(DuplicateIndex, OtherReceiptsOfTheSameFileAreNone) {
  DuplicateIndex index;
  auto records = records_of(7);
  ASSERT_EQ(records.size(), 3U);
  for (auto& record : records) {
    mark_duplicates(index, record);
    EXPECT_EQ(record::find_finding(record, "possible_duplicate"), nullptr);
  }
  auto again = records_of(7).front();
  again.file = "copy.jpg";
  mark_duplicates(index, again);
  ASSERT_NE(record::find_finding(again, "possible_duplicate"), nullptr);
  EXPECT_THAT(record::find_finding(again, "possible_duplicate")->message, HasSubstr("in/7.jpg#1: same abn and number"));
}

}  // namespace
}  // namespace docket::store
