#include "extract/file_list.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/base/file.h"
#include "extract/page_ranges.h"

namespace docket::extract {
namespace {

namespace fs = std::filesystem;

class FileList : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::path(::testing::TempDir()) / "file_list_test";
    fs::remove_all(root_);
    fs::create_directories(root_ / "sub" / ".hidden");
    for (const char* name : {"b.JPG", "a.pdf", "notes.md", "sub/c.png", "sub/.hidden/d.png", ".e.png", "odd[1].jpg"}) {
      ASSERT_TRUE(write_file_atomic(root_ / name, "x"));
    }
  }
  std::string at(const char* name) const { return (root_ / name).string(); }
  fs::path root_;
};

TEST_F(FileList, AFolderGivesItsDocumentsSortedHiddenOnesLeftOut) {
  EXPECT_EQ(*list_files({root_.string()}),
            (std::vector<std::string>{at("a.pdf"), at("b.JPG"), at("odd[1].jpg"), at("sub/c.png")}));
}

TEST_F(FileList, APatternGivesWhatMatchesAndAFileOfThatNameIsItself) {
  EXPECT_EQ(*list_files({at("*.pdf")}), std::vector<std::string>{at("a.pdf")});
  EXPECT_EQ(*list_files({at("odd[1].jpg")}), std::vector<std::string>{at("odd[1].jpg")});
  EXPECT_EQ(list_files({at("*.bmp")}).error().text(), at("*.bmp") + ": no file matches the pattern");
}

TEST_F(FileList, AListIsRelativeToItsFolder) {
  ASSERT_TRUE(write_file_atomic(root_ / "list.txt", "# two\nb.JPG\r\n\nsub/c.png\n/abs.png"));
  EXPECT_EQ(*list_files({at("list.txt")}), (std::vector<std::string>{at("b.JPG"), at("sub/c.png"), "/abs.png"}));
  const std::string standard_input = "x.png\ny.png\n";
  EXPECT_EQ(*list_files({"-"}, &standard_input), (std::vector<std::string>{"x.png", "y.png"}));
}

TEST_F(FileList, AMissingFileIsKeptAndARepeatedOneDropped) {
  EXPECT_EQ(*list_files({"gone.jpg", at("a.pdf"), "gone.jpg"}), (std::vector<std::string>{"gone.jpg", at("a.pdf")}));
}

TEST_F(FileList, AFolderWithoutDocumentsIsAnError) {
  fs::create_directories(root_ / "empty");
  EXPECT_EQ(list_files({at("empty")}).error().text(), at("empty") + ": holds no image or PDF");
}

TEST(PageRanges, ReadsNumbersAndRanges) {
  EXPECT_EQ(*parse_page_ranges(""), std::vector<int>{});
  EXPECT_EQ(*parse_page_ranges("2"), std::vector<int>{2});
  EXPECT_EQ(*parse_page_ranges("1-3,2,7"), (std::vector<int>{1, 2, 3, 7}));
  for (const char* bad : {"0", "-1", "3-1", "1-", "a", "1,", ",1", "1-2-3", "1 2", "99999999999"}) {
    EXPECT_FALSE(parse_page_ranges(bad)) << bad;
  }
  EXPECT_EQ(parse_page_ranges("1-10001").error().code, ErrorCode::kLimitExceeded);
}

}  // namespace
}  // namespace docket::extract
