// A thousand ways to damage a checkpoint: each gives an Error that says where, or loads.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>

#include "reply/model.h"
#include "tests/support/golden.h"

namespace docket::reply {
namespace {

namespace fs = std::filesystem;

std::string read_all(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void write_all(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

// Changes a place: mostly near the beginning, where headers and keys are.
std::string damage(std::string bytes, std::mt19937& random) {
  const std::size_t span = random() % 4 == 0 ? bytes.size() : std::min<std::size_t>(bytes.size(), 6000);
  const std::size_t at = random() % span;
  switch (random() % 6) {
    case 0:
      bytes[at] = static_cast<char>(random());
      break;
    case 1:
      bytes.resize(at);
      break;
    case 2:
      bytes.erase(at, 1 + random() % 40);
      break;
    case 3:
      bytes.insert(at, std::string(1 + random() % 9, static_cast<char>('0' + random() % 10)));
      break;
    case 4: {  // another number in place of one
      const std::size_t digit = bytes.find_first_of("0123456789", at);
      if (digit != std::string::npos) bytes.replace(digit, 1, std::to_string(random() % 100000));
      break;
    }
    default:
      for (int i = 0; i < 8; ++i) bytes[random() % span] = static_cast<char>(random());
      break;
  }
  return bytes;
}

TEST(Corruption, AThousandDamagedCheckpointsGiveErrorsOrLoad) {
  std::mt19937 random(1000);
  int errors = 0, loads = 0;
  for (const char* name : {"tiny", "odd"}) {
    const fs::path folder = testing::TempDir() + "docket-corruption-" + name;
    fs::remove_all(folder);
    fs::copy(golden::kData + name, folder);
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (int run = 0; run < 500; ++run) {
      const fs::path& file = files[random() % files.size()];
      SCOPED_TRACE(file.string() + " run " + std::to_string(run));
      const std::string good = read_all(file);
      write_all(file, damage(good, random));
      auto model = Model::open(folder, *load::parse_quant_policy(run % 3 == 0 ? "nf4" : "none"));
      const Status status = model ? (*model)->load_weights() : Status(model.failure());
      if (status) {
        ++loads;
      } else {
        ++errors;
        EXPECT_FALSE(status.error().message.empty());
        EXPECT_FALSE(status.error().where.empty()) << status.error().message;
      }
      write_all(file, good);
    }
    fs::remove_all(folder);
  }
  EXPECT_EQ(errors + loads, 1000);
  EXPECT_GT(errors, 300);
  RecordProperty("errors", errors);
  RecordProperty("loads", loads);
}

}  // namespace
}  // namespace docket::reply
