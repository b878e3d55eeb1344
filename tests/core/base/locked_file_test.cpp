#include "core/base/locked_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <thread>
#include <vector>

#include "core/base/file.h"

namespace docket {
namespace {

std::string fresh(const std::string& name) {
  const std::string path = ::testing::TempDir() + name;
  std::filesystem::remove(path);
  return path;
}

TEST(LockedFile, IsMadeReadAndAppendedTo) {
  const std::string path = fresh("locked_file_test.txt");
  {
    auto file = LockedFile::open(path);
    ASSERT_TRUE(file) << file.error().text();
    EXPECT_EQ(*file->read(10), "");
    ASSERT_TRUE(file->append("one\n"));
    EXPECT_EQ(*file->read(10), "one\n");
    EXPECT_EQ(file->read(3).error().code, ErrorCode::kLimitExceeded);
  }
  ASSERT_TRUE(LockedFile::open(path)->append("two\n"));
  EXPECT_EQ(*read_text_file(path, 100), "one\ntwo\n");
  EXPECT_EQ(LockedFile::open(path + "/x").error().code, ErrorCode::kIo);
  EXPECT_EQ(LockedFile::open("no/such/folder/x").error().code, ErrorCode::kNotFound);
}

// Each reads the number that stands there and appends the next: without the lock two would read the same.
TEST(LockedFile, OnlyOneHoldsItAtATime) {
  const std::string path = fresh("locked_file_test_many.txt");
  constexpr int kWriters = 8, kEach = 25;
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        auto file = LockedFile::open(path);
        ASSERT_TRUE(file);
        const std::string text = *file->read(1 << 20);
        ASSERT_TRUE(file->append(std::to_string(std::count(text.begin(), text.end(), '\n')) + "\n"));
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  std::string expected;
  for (int i = 0; i < kWriters * kEach; ++i) expected += std::to_string(i) + "\n";
  EXPECT_EQ(*read_text_file(path, 1 << 20), expected);
}

}  // namespace
}  // namespace docket
