// The ladder of readers: whatever befalls a model - its process killed or stopped, its folder gone or cut short,
// replies that repeat themselves, say nothing or have no end - every document still gets its record, with the reason in
// it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <thread>

#include "core/base/file.h"
#include "core/base/json.h"
#include "tests/apps/program.h"
#include "tests/store/schema_check.h"

namespace docket::apps {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kModel = "tests/golden/data/tiny";
const std::string kTotal = "142.21";  // of the supermarket's receipt; random weights cannot say it, OCR can

std::string content(const std::string& file) {
  auto text = read_text_file(file, std::size_t{1} << 30);
  return text ? *std::move(text) : std::string();
}

std::string copy_of_model(const std::string& folder) {
  std::filesystem::copy(kModel, folder + "/model");
  return folder + "/model";
}

// All logits become 0, of which the first token is the best: "!" for ever.
void make_it_repeat(const std::string& model) {
  const std::string path = model + "/model.safetensors";
  std::string bytes = content(path);
  std::uint64_t header_size = 0;
  for (std::size_t i = 0; i < 8; ++i) header_size |= std::uint64_t{static_cast<unsigned char>(bytes.at(i))} << (8 * i);
  const auto header = parse_json(std::string_view(bytes).substr(8, header_size), path);
  ASSERT_TRUE(header);
  const auto& offsets = (*header)["language_model.model.norm.weight"]["data_offsets"];
  const std::size_t begin = 8 + header_size + offsets[0].get<std::size_t>();
  const std::size_t end = 8 + header_size + offsets[1].get<std::size_t>();
  ASSERT_LE(end, bytes.size());
  std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(begin), bytes.begin() + static_cast<std::ptrdiff_t>(end), '\0');
  ASSERT_TRUE(write_file_atomic(path, bytes));
}

// The first token becomes a special one, which is no text.
void make_it_mute(const std::string& model) {
  const std::string path = model + "/tokenizer.json";
  auto json = parse_json(content(path), path);
  ASSERT_TRUE(json);
  (*json)["added_tokens"].push_back({{"id", 0}, {"content", "!"}, {"special", true}});
  ASSERT_TRUE(write_file_atomic(path, json->dump()));
}

Ran read_with(const std::string& reader, const std::string& model) {
  return run_docket(
      {"extract", "--reader", reader, "--model", model, "--jobs", "1", "--format", "jsonl", "samples/supermarket.png"});
}

TEST(Ladder, AModelThatRepeatsItselfIsStoppedAndTheDocumentRead) {
  const std::string model = copy_of_model(fresh_folder("ladder_repeats"));
  make_it_repeat(model);
  const Ran both = read_with("both", model);
  EXPECT_EQ(both.status, 0) << both.err;
  EXPECT_THAT(both.out, HasSubstr(kTotal));
  EXPECT_THAT(both.out, HasSubstr("\"model_reply_looped\""));
  const Ran alone = read_with("vlm", model);
  EXPECT_EQ(alone.status, 0) << alone.err;
  EXPECT_EQ(store::schema_violations(lines_of(alone.out).at(0)), "");
  EXPECT_THAT(alone.out, HasSubstr("\"model_reply_looped\""));
}

TEST(Ladder, AModelThatSaysNothingIsStoppedAndTheDocumentRead) {
  const std::string model = copy_of_model(fresh_folder("ladder_mute"));
  make_it_repeat(model);
  make_it_mute(model);
  const Ran both = read_with("both", model);
  EXPECT_EQ(both.status, 0) << both.err;
  EXPECT_THAT(both.out, HasSubstr(kTotal));
  EXPECT_THAT(both.out, HasSubstr("\"model_reply_empty\""));
}

// Processes whose parent is `pid` and whose command line holds `argument`.
std::vector<pid_t> children_of(pid_t pid, const std::string& argument) {
  std::vector<pid_t> out;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream stat(entry.path() / "stat"), command(entry.path() / "cmdline");
    std::string line, all;  // empty where the process has just ended
    std::getline(stat, line);
    std::getline(command, all);
    const std::size_t end = line.rfind(") ");  // behind the name come the state and the parent
    if (end == std::string::npos || end + 4 > line.size() || all.find(argument) == std::string::npos) continue;
    if (std::atoi(line.c_str() + end + 4) == pid) out.push_back(std::atoi(name.c_str()));
  }
  return out;
}

// What happens to the workers that read with a model, when so many lines are written.
using Befall = std::function<void(const std::vector<pid_t>& workers, std::size_t lines)>;

// A batch of `documents` copies of `sample` with a model's worker, to which `befall` happens again and again until
// it is done: the lines of its results.
std::vector<std::string> read_while(const std::string& folder, int documents, const std::string& model,
                                    const std::string& reader, const std::vector<std::string>& flags,
                                    const Befall& befall, const std::string& sample = "samples/supermarket.png") {
  std::filesystem::create_directories(folder + "/input");
  for (int i = 0; i < documents; ++i) {
    std::filesystem::copy(sample, folder + "/input/" + std::to_string(i) + ".png");
  }
  const std::string out = folder + "/out.jsonl";
  std::vector<std::string> arguments = {"batch", "--jobs", "1", "--reader", reader, "--model", model, "--out", out};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  arguments.push_back(folder + "/input");
  const pid_t pid = start_docket(arguments);
  int status = 0;
  while (::waitpid(pid, &status, WNOHANG) == 0) {
    befall(children_of(pid, "--set=DOCKET_READER=" + reader), lines_of(content(out)).size());
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  const auto lines = lines_of(content(out));
  EXPECT_EQ(lines.size(), static_cast<std::size_t>(documents));
  for (const std::string& line : lines) {
    EXPECT_EQ(store::schema_violations(line), "");
    EXPECT_THAT(line, Not(HasSubstr("\"error\":")));
  }
  return lines;
}

std::size_t count_with(const std::vector<std::string>& lines, const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
      lines.begin(), lines.end(), [&](const std::string& line) { return line.find(text) != std::string::npos; }));
}

// With the model as the only reader most of a document's time is its reply; kills at random moments fall into it.
TEST(Ladder, AModelKilledInTheMiddleOfItsReplyLeavesTheDocumentToOcr) {
  constexpr unsigned kSeed = 7;
  std::mt19937 random(kSeed);
  std::uniform_int_distribution<int> wait_ms(0, 400);
  auto next = std::chrono::steady_clock::now();
  const auto lines = read_while(fresh_folder("ladder_killed"), 4, kModel, "vlm", {}, [&](const auto& workers, auto) {
    if (workers.empty() || std::chrono::steady_clock::now() < next) return;
    next = std::chrono::steady_clock::now() + std::chrono::milliseconds(wait_ms(random));
    for (const pid_t worker : workers) ::kill(worker, SIGKILL);
  });
  // A killed worker's document was read again by OCR, and says so.
  const std::size_t fell_back = count_with(lines, "died of SIGKILL");
  EXPECT_GE(fell_back, 1U) << "no kill came while a worker was reading; seed " << kSeed;
  EXPECT_EQ(count_with(lines, "\"reader_fallback\""), fell_back);
  EXPECT_EQ(count_with(lines, kTotal), fell_back);
}

// A tiny picture, so that OCR is done in time under a sanitizer on a busy machine too.
TEST(Ladder, AModelThatHangsIsGivenUpAtTheTimeLimit) {
  const auto stop = [](const std::vector<pid_t>& workers, std::size_t) {
    for (const pid_t worker : workers) ::kill(worker, SIGSTOP);
  };
  const auto lines = read_while(fresh_folder("ladder_hangs"), 1, kModel, "vlm", {"--time-limit", "8"}, stop,
                                "tests/page/data/rgb.png");
  EXPECT_EQ(count_with(lines, "took longer than the limit of 8 seconds"), 1U);
  EXPECT_EQ(count_with(lines, "\"reader_fallback\""), 1U);
}

// A worker that has the model open reads on; one that must open it again cannot, and OCR stands in.
TEST(Ladder, AModelFolderThatVanishesInTheMiddleOfABatch) {
  const std::string folder = fresh_folder("ladder_vanishes");
  const std::string model = copy_of_model(folder);
  bool gone = false;
  const auto lines = read_while(folder, 3, model, "both", {}, [&](const auto& workers, std::size_t done) {
    if (gone || done == 0) return;
    std::filesystem::remove_all(model);
    for (const pid_t worker : workers) ::kill(worker, SIGKILL);
    gone = true;
  });
  EXPECT_TRUE(gone);
  EXPECT_EQ(count_with(lines, kTotal), 3U);
  EXPECT_GE(count_with(lines, "\"reader_fallback\""), 1U);
  EXPECT_THAT(lines.back(), HasSubstr("could not be used"));
}

TEST(Ladder, AModelFileThatIsCutShortInTheMiddleOfABatch) {
  const std::string folder = fresh_folder("ladder_cut");
  const std::string model = copy_of_model(folder);
  bool cut = false;
  const auto lines = read_while(folder, 3, model, "both", {}, [&](const auto& workers, std::size_t done) {
    if (cut || done == 0) return;
    std::filesystem::resize_file(model + "/model.safetensors", 100);
    for (const pid_t worker : workers) ::kill(worker, SIGKILL);
    cut = true;
  });
  EXPECT_TRUE(cut);
  EXPECT_EQ(count_with(lines, kTotal), 3U);
  EXPECT_THAT(lines.back(), HasSubstr("could not be used"));
}

}  // namespace
}  // namespace docket::apps
