// docket batch: one line a document in the order of the input, good after interruptions.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "core/base/file.h"
#include "core/base/json.h"
#include "tests/apps/program.h"
#include "tests/store/schema_check.h"

namespace docket::apps {
namespace {

std::string content(const std::string& file) {
  auto text = read_text_file(file, std::size_t{1} << 30);
  return text ? *std::move(text) : std::string();
}

// The samples, and two files that cannot be read.
class Batch : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fresh_folder(::testing::UnitTest::GetInstance()->current_test_info()->name());
    input_ = folder_ + "/input";
    std::filesystem::create_directories(input_);
    for (const auto& entry : std::filesystem::directory_iterator("samples")) {
      const std::string extension = entry.path().extension();
      if (extension == ".png" || extension == ".jpg" || extension == ".pdf") {
        std::filesystem::copy(entry.path(), input_);
        ++documents_;
      }
    }
    ASSERT_TRUE(write_file_atomic(input_ + "/empty.jpg", ""));
    ASSERT_TRUE(write_file_atomic(input_ + "/text.png", "no picture"));
    documents_ += 2;
  }
  std::string out(const std::string& name) const { return folder_ + "/" + name; }
  std::string folder_, input_;
  std::size_t documents_ = 0;
};

TEST_F(Batch, WritesALineADocumentInOrderWhateverTheJobs) {
  const Ran one = run_docket({"batch", "--jobs", "1", "--out", out("one.jsonl"), input_});
  EXPECT_EQ(one.status, 1) << one.err;
  EXPECT_NE(one.err.find("docket: 2 of " + std::to_string(documents_) + " documents failed"), std::string::npos);
  EXPECT_EQ(one.out, "");
  const auto lines = lines_of(content(out("one.jsonl")));
  ASSERT_EQ(lines.size(), documents_);
  std::string last;
  for (const std::string& line : lines) {
    EXPECT_EQ(store::schema_violations(line), "");
    const std::string file = (*parse_json(line, "line"))["file"];
    EXPECT_LT(last, file);
    last = file;
  }
  run_docket({"batch", "--jobs", "3", "--out", out("three.jsonl"), input_});
  EXPECT_EQ(first_difference(content(out("three.jsonl")), content(out("one.jsonl"))), "");
}

TEST_F(Batch, DoesNotOverwriteAndResumesWhatIsThere) {
  run_docket({"batch", "--out", out("r.jsonl"), input_});
  const std::string whole = content(out("r.jsonl"));
  EXPECT_EQ(run_docket({"batch", "--out", out("r.jsonl"), input_}).status, 2);
  EXPECT_EQ(first_difference(content(out("r.jsonl")), whole), "");

  // Cut in the middle of the fourth line, as a crash would.
  std::size_t cut = 0;
  for (int i = 0; i < 3; ++i) cut = whole.find('\n', cut) + 1;
  ASSERT_TRUE(write_file_atomic(out("r.jsonl"), whole.substr(0, cut + 50)));
  run_docket({"batch", "--resume", "--out", out("r.jsonl"), input_});
  EXPECT_EQ(first_difference(content(out("r.jsonl")), whole), "");
  run_docket({"batch", "--resume", "--out", out("r.jsonl"), input_});  // nothing is left to do
  EXPECT_EQ(first_difference(content(out("r.jsonl")), whole), "");
}

// At first there is nobody to read the PDF; two files can never be read.
TEST_F(Batch, WhatFailedIsReadAgainAndTheFileIsThatOfARunInWhichItDidNot) {
  run_docket({"batch", "--out", out("whole.jsonl"), input_});
  const std::string whole = content(out("whole.jsonl"));
  const Ran first = run_docket({"batch", "--out", out("r.jsonl"), input_}, {{"DOCKET_PDF_WORKER", "/nonexistent"}});
  EXPECT_NE(first.err.find("docket: 3 of " + std::to_string(documents_) + " documents failed"), std::string::npos);
  const auto failed = lines_of(content(out("r.jsonl")));
  ASSERT_EQ(failed.size(), documents_);
  run_docket({"batch", "--resume", "--out", out("r.jsonl"), input_});
  EXPECT_EQ(lines_of(content(out("r.jsonl"))), failed) << "--resume alone takes a failure for done";
  const Ran again = run_docket({"batch", "--retry-failed", "--out", out("r.jsonl"), input_});
  EXPECT_EQ(again.status, 1);
  EXPECT_NE(again.err.find("docket: 2 of 3 documents failed"), std::string::npos) << again.err;
  EXPECT_EQ(first_difference(content(out("r.jsonl")), whole), "");
  const Ran last = run_docket({"batch", "--retry-failed", "--out", out("r.jsonl"), input_});
  EXPECT_NE(last.err.find("docket: 2 of 2 documents failed"), std::string::npos) << last.err;
  EXPECT_EQ(first_difference(content(out("r.jsonl")), whole), "");
}

TEST_F(Batch, AnInterruptFinishesCleanlyAndResumeCompletes) {
  run_docket({"batch", "--out", out("whole.jsonl"), input_});
  const int pid = start_docket({"batch", "--jobs", "1", "--out", out("stopped.jsonl"), input_});
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(120);
  while (content(out("stopped.jsonl")).empty() && std::chrono::steady_clock::now() < give_up) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  ASSERT_EQ(::kill(pid, SIGINT), 0);
  int status = 0;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 130);
  const std::string stopped = content(out("stopped.jsonl"));
  EXPECT_LT(lines_of(stopped).size(), documents_);
  EXPECT_TRUE(stopped.ends_with('\n'));
  run_docket({"batch", "--resume", "--out", out("stopped.jsonl"), input_});
  EXPECT_EQ(first_difference(content(out("stopped.jsonl")), content(out("whole.jsonl"))), "");
}

TEST_F(Batch, ListsAndPatternsAreUnderstood) {
  ASSERT_TRUE(write_file_atomic(folder_ + "/list.txt", "input/supermarket.png\n# none\n"));
  EXPECT_EQ(run_docket({"batch", "--out", out("list.jsonl"), folder_ + "/list.txt"}).status, 0);
  EXPECT_EQ(lines_of(content(out("list.jsonl"))).size(), 1u);
  EXPECT_EQ(run_docket({"batch", "--out", out("glob.jsonl"), input_ + "/super*.png"}).status, 0);
  EXPECT_EQ(lines_of(content(out("glob.jsonl"))).size(), 1u);
}

}  // namespace
}  // namespace docket::apps
