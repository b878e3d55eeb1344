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

std::string content(const std::string& file) {
  auto text = read_text_file(file, std::size_t{1} << 30);
  return text ? *std::move(text) : std::string();
}

// The samples twice over under other names, so that equal content is told apart by name.
std::string small_input(const std::string& folder) {
  for (const char* copy : {"a-", "b-"}) {
    for (const char* name : {"supermarket.png", "fuel-photo.jpg", "tax-invoice-a4.pdf", "credit-note.png"}) {
      std::filesystem::copy(std::string("samples/") + name, folder + "/" + copy + name);
    }
  }
  return folder;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

TEST(BatchKill, ResumedRunsGiveTheBytesOfAnUninterruptedOne) {
  const std::string folder = fresh_folder("batch_kill_test");
  const char* given = std::getenv("BATCH_KILL_INPUT");
  const char* given_kills = std::getenv("BATCH_KILLS");
  const int kills = given_kills != nullptr ? std::atoi(given_kills) : 4;
  std::filesystem::create_directories(folder + "/input");
  const std::string input = given != nullptr ? given : small_input(folder + "/input");
  const std::string whole = folder + "/whole.jsonl", killed = folder + "/killed.jsonl";

  const auto start = std::chrono::steady_clock::now();
  ASSERT_EQ(run_docket({"batch", "--jobs", "2", "--out", whole, input}).status, 0);
  const double whole_seconds = seconds_since(start);

  constexpr unsigned kSeed = 20261124;
  std::mt19937 random(kSeed);
  // Together they reach a little beyond one run, so that they fall on its start, middle and end.
  std::uniform_real_distribution<double> moment(0, 3 * whole_seconds / (kills + 1));
  int landed = 0;
  for (int i = 0; i < kills; ++i) {
    const int pid = start_docket({"batch", "--jobs", "2", "--resume", "--out", killed, input});
    std::this_thread::sleep_for(std::chrono::duration<double>(moment(random)));
    ::kill(pid, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
    landed += WIFSIGNALED(status);
    std::printf("kill %d: %zu lines\n", i + 1, lines_of(content(killed)).size());
  }
  EXPECT_GE(landed, 1) << "no kill came before the run had ended";
  EXPECT_EQ(run_docket({"batch", "--jobs", "2", "--resume", "--out", killed, input}).status, 0);
  EXPECT_EQ(first_difference(content(killed), content(whole)), "");
  std::printf("seed %u, %d kills of which %d landed, %zu lines, uninterrupted run %.1f s\n", kSeed, kills, landed,
              lines_of(content(whole)).size(), whole_seconds);
}

}  // namespace
}  // namespace docket::apps
