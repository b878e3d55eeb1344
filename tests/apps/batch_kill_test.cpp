// A batch that is killed with SIGKILL at random moments and resumed gives exactly the bytes of one that ran through.
//
// By default a few documents and kills, so that it fits every run. The large one:
//   BATCH_KILL_INPUT=folder BATCH_KILLS=10 ctest -R batch_kill_test
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>

#include "core/base/file.h"
#include "tests/apps/program.h"

namespace docket::apps {
namespace {

constexpr unsigned kSeed = 20261124;
const std::vector<std::string> kSamples = {"supermarket.png", "fuel-photo.jpg", "tax-invoice-a4.pdf",
                                           "credit-note.png"};

std::string content(const std::string& file) {
  auto text = read_text_file(file, std::size_t{1} << 30);
  return text ? *std::move(text) : std::string();
}

// Samples twice over under other names, so that equal content is told apart by name.
std::string small_input(const std::string& folder, const std::vector<std::string>& names) {
  for (const std::string copy : {"a-", "b-"}) {
    for (const std::string& name : names) {
      std::filesystem::copy("samples/" + name, folder + "/" + copy + name);
    }
  }
  return folder;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Runs `command` and kills it, `kills` times, at moments spread over a little more than the `seconds` that a run takes;
// how many came before it had ended. A run that outruns its kill - the machine was busy when `seconds` were measured -
// begins anew from `results` as `begin` leaves it, with half the time.
template <typename Begin>
int kill_at_random(const std::vector<std::string>& command, const std::string& results, int kills, double seconds,
                   Begin begin) {
  std::mt19937 random(kSeed);
  int landed = 0;
  for (int i = 0, outrun = 0; i < kills && outrun < 8; ++i) {
    // Together they reach a little beyond one run, so that they fall on its start, middle and end.
    std::uniform_real_distribution<double> moment(0, 3 * seconds / (kills + 1));
    const int pid = start_docket(command);
    std::this_thread::sleep_for(std::chrono::duration<double>(moment(random)));
    ::kill(pid, SIGKILL);
    int status = 0;
    EXPECT_EQ(::waitpid(pid, &status, 0), pid);
    landed += WIFSIGNALED(status);
    std::printf("kill %d: %zu lines\n", i + 1, lines_of(content(results)).size());
    if (landed > 0 || WIFSIGNALED(status)) continue;
    begin();
    seconds /= 2;
    ++outrun;
    --i;
  }
  EXPECT_GE(landed, 1) << "no kill came before the run had ended";
  return landed;
}

TEST(BatchKill, ResumedRunsGiveTheBytesOfAnUninterruptedOne) {
  const std::string folder = fresh_folder("batch_kill_test");
  const char* given = std::getenv("BATCH_KILL_INPUT");
  const char* given_kills = std::getenv("BATCH_KILLS");
  const int kills = given_kills != nullptr ? std::atoi(given_kills) : 4;
  std::filesystem::create_directories(folder + "/input");
  const std::string input = given != nullptr ? given : small_input(folder + "/input", kSamples);
  const std::string whole = folder + "/whole.jsonl", killed = folder + "/killed.jsonl";

  const auto start = std::chrono::steady_clock::now();
  ASSERT_EQ(run_docket({"batch", "--jobs", "2", "--out", whole, input}).status, 0);
  const double whole_seconds = seconds_since(start);

  const int landed = kill_at_random({"batch", "--jobs", "2", "--resume", "--out", killed, input}, killed, kills,
                                    whole_seconds, [&] { std::filesystem::remove(killed); });
  EXPECT_EQ(run_docket({"batch", "--jobs", "2", "--resume", "--out", killed, input}).status, 0);
  EXPECT_EQ(first_difference(content(killed), content(whole)), "");
  std::printf("seed %u, %d kills of which %d landed, %zu lines, uninterrupted run %.1f s\n", kSeed, kills, landed,
              lines_of(content(whole)).size(), whole_seconds);
}

// The same where an earlier run had failed on PDF files, for want of who reads them.
TEST(BatchKill, ARunThatReadsAgainWhatFailedGivesThemToo) {
  const std::string folder = fresh_folder("batch_kill_retry_test");
  std::filesystem::create_directories(folder + "/input");
  const std::string input = small_input(folder + "/input", {"supermarket.png", "tax-invoice-a4.pdf"});
  const std::string whole = folder + "/whole.jsonl", once = folder + "/once.jsonl", killed = folder + "/killed.jsonl";
  ASSERT_EQ(run_docket({"batch", "--jobs", "2", "--out", whole, input}).status, 0);
  const std::vector<std::string> failing = {"batch", "--jobs", "2", "--out", once, input};
  ASSERT_EQ(run_docket(failing, {{"DOCKET_PDF_WORKER", "/nonexistent"}}).status, 1);
  const std::string failed = content(once);
  ASSERT_TRUE(write_file_atomic(killed, failed));

  const auto start = std::chrono::steady_clock::now();
  ASSERT_EQ(run_docket({"batch", "--jobs", "2", "--retry-failed", "--out", once, input}).status, 0);
  const double seconds = seconds_since(start);
  EXPECT_EQ(first_difference(content(once), content(whole)), "");

  const std::vector<std::string> retry = {"batch", "--jobs", "2", "--retry-failed", "--out", killed, input};
  kill_at_random(retry, killed + ".retry", 3, seconds, [&] { EXPECT_TRUE(write_file_atomic(killed, failed)); });
  EXPECT_EQ(run_docket(retry).status, 0);
  EXPECT_EQ(first_difference(content(killed), content(whole)), "");
  EXPECT_FALSE(std::filesystem::exists(killed + ".retry"));
}

}  // namespace
}  // namespace docket::apps
