// Every fuzz target over its own seeds, once: they must compile with the rest and hold in every build.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#define DOCKET_FUZZ(name) extern "C" int fuzz_##name(const std::uint8_t* data, std::size_t size);
#include "fuzz_names.inc"
#undef DOCKET_FUZZ

namespace {

using Target = int (*)(const std::uint8_t*, std::size_t);

// A target ends the program by itself where something does not hold.
void run_seeds(const std::string& name, Target target) {
  int seeds = 0;
  for (const auto& entry : std::filesystem::directory_iterator("fuzz/corpus/" + name)) {
    SCOPED_TRACE(entry.path().string());
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
    EXPECT_EQ(target(data, bytes.size()), 0);
    EXPECT_EQ(target(data, bytes.size() / 2), 0) << "cut in half";
    ++seeds;
  }
  EXPECT_GT(seeds, 0) << "fuzz/corpus/" << name << " holds no seed";
}

}  // namespace

#define DOCKET_FUZZ(name) \
  TEST(FuzzSeeds, name) { run_seeds(#name, fuzz_##name); }
#include "fuzz_names.inc"
#undef DOCKET_FUZZ
