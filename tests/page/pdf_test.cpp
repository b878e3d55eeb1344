// PDF through the real worker, and through fake ones that misbehave in every way that a process can.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "page/read.h"
#include "tests/page/support.h"

namespace docket::page {
namespace {

using ::testing::HasSubstr;

int darkest(const Page& page, const Box& box) {
  int least = 255;
  for (int y = static_cast<int>(box.y0); y < static_cast<int>(box.y1); ++y) {
    for (int x = static_cast<int>(box.x0); x < static_cast<int>(box.x1); ++x) {
      least = std::min<int>(least, page.row(y)[x * 3]);
    }
  }
  return least;
}

Box whole(const Page& page) { return {0, 0, static_cast<float>(page.width), static_cast<float>(page.height)}; }

TEST(ReadPdf, RendersEachPageWithItsWords) {
  const auto document = read_fixture("three_pages.pdf");
  ASSERT_TRUE(document.has_value()) << document.error().text();
  EXPECT_EQ(document->kind, Kind::kPdf);
  EXPECT_EQ(document->page_count, 3);
  ASSERT_EQ(document->pages.size(), 3U);
  const Page& page = document->pages[0];
  EXPECT_EQ(page.width, 500);  // 2 x 3 inches at 250 dpi
  EXPECT_EQ(page.height, 750);
  EXPECT_EQ(page.dpi, 250);
  ASSERT_EQ(page.text_layer.size(), 2U);
  const TextSpan& total = page.text_layer[0];
  EXPECT_EQ(total.text, "TOTAL");
  EXPECT_NEAR(total.box.x0, 125, 3);   // 36 points from the left
  EXPECT_NEAR(total.box.y1, 375, 20);  // the baseline lies 108 points from the top
  EXPECT_LT(darkest(page, total.box), 64);
  EXPECT_EQ(darkest(page, {0, 0, 500, total.box.y0 - 2}), 255);
  EXPECT_EQ(page.text_layer[1].text, "12.50");

  const Page& blank = document->pages[1];
  EXPECT_EQ(darkest(blank, whole(blank)), 255);
  EXPECT_TRUE(blank.text_layer.empty());

  const Page& turned = document->pages[2];
  EXPECT_EQ(turned.width, 500);  // /Rotate 90 on a MediaBox of 3 x 2 inches
  EXPECT_EQ(turned.height, 750);
  ASSERT_EQ(turned.text_layer.size(), 1U);
  EXPECT_GT(turned.text_layer[0].box.height(), turned.text_layer[0].box.width());
  EXPECT_LT(darkest(turned, turned.text_layer[0].box), 64);
}

TEST(ReadPdf, LowersTheResolutionToStayUnderThePixels) {
  Options options;
  options.pdf_page_pixels = 60'000;  // 200 x 300: 100 dpi
  const auto document = read_fixture("three_pages.pdf", {}, options);
  ASSERT_TRUE(document.has_value());
  const Page& page = document->pages[0];
  EXPECT_LE(page.width * page.height, 60'000);
  EXPECT_NEAR(page.dpi, 100, 1);
  EXPECT_LT(darkest(page, page.text_layer[0].box), 100);
}

TEST(ReadPdf, ReadsThePagesAskedFor) {
  Options options;
  options.pages = {3};
  const auto document = read_fixture("three_pages.pdf", {}, options);
  ASSERT_TRUE(document.has_value());
  ASSERT_EQ(document->pages.size(), 1U);
  EXPECT_EQ(document->pages[0].number, 3);
  Limits limits;
  limits.max_pages = 2;
  EXPECT_THAT(read_fixture("three_pages.pdf", limits).error().text(),
              HasSubstr("three_pages.pdf: 3 pages to read, more than the limit of 2"));
}

// A machine on which nothing has listed the fonts yet: the worker may not write, so it has to do without the list.
TEST(ReadPdf, ReadsWhereTheFontCacheCannotBeWritten) {
  const std::string folder = testing::TempDir() + "docket-no-font-cache";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/fonts.conf") << "<?xml version=\"1.0\"?><fontconfig><dir>/usr/share/fonts</dir><cachedir>"
                                        << folder << "</cachedir></fontconfig>";
  ::setenv("FONTCONFIG_FILE", (folder + "/fonts.conf").c_str(), 1);
  const auto document = read_fixture("three_pages.pdf");
  ::unsetenv("FONTCONFIG_FILE");
  ASSERT_TRUE(document.has_value()) << document.error().text();
  EXPECT_EQ(document->pages[0].text_layer.size(), 2U);
}

TEST(ReadPdf, SaysThatAPasswordIsNeeded) {
  const auto document = read_fixture("encrypted.pdf");
  ASSERT_FALSE(document.has_value());
  EXPECT_EQ(document.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(document.error().text(), HasSubstr("encrypted.pdf: is an encrypted PDF that needs a password"));
}

TEST(ReadPdf, DamagedFilesGivePagesOrAnError) {
  const Bytes whole_file = fixture("three_pages.pdf");
  for (std::size_t size = 10; size < whole_file.size(); size += whole_file.size() / 12) {
    const auto document = read_pages(std::span(whole_file).first(size), "cut.pdf");
    if (document) continue;
    EXPECT_THAT(document.error().text(), HasSubstr("cut.pdf: is a PDF"));
  }
}

TEST(ReadPdf, ManyAtOnceDoNotDisturbEachOther) {
  std::vector<std::thread> threads;
  std::array<int, 4> words{};
  for (int& count : words) {
    threads.emplace_back([&count] {
      const auto document = read_fixture("three_pages.pdf");
      if (document) count = static_cast<int>(document->pages[0].text_layer.size());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(words, ::testing::Each(2));
}

class FakeWorker : public ::testing::Test {
 protected:
  // Reads the fixture with a shell script as the worker.
  Result<Document> read_with(const std::string& script, double max_seconds = 10) {
    path_ = ::testing::TempDir() + "docket_fake_worker_" + std::to_string(::getpid());
    std::ofstream(path_) << "#!/bin/sh\n" << script << "\n";
    ::chmod(path_.c_str(), 0755);
    Options options;
    options.pdf_worker = path_;
    Limits limits;
    limits.max_seconds = max_seconds;
    return read_fixture("three_pages.pdf", limits, options);
  }
  void TearDown() override { ::unlink(path_.c_str()); }

  std::string path_;
};

TEST_F(FakeWorker, ThatHangsIsKilledAtTheLimit) {
  const auto begin = std::chrono::steady_clock::now();
  const auto document = read_with("exec sleep 60", 0.5);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  ASSERT_FALSE(document.has_value());
  EXPECT_EQ(document.error().code, ErrorCode::kLimitExceeded);
  EXPECT_THAT(document.error().text(), HasSubstr("three_pages.pdf: took more than the limit of 0.5 seconds"));
  EXPECT_LT(took.count(), 5);
}

TEST_F(FakeWorker, ThatStopsHalfWayThroughAFrameIsKilledAtTheLimit) {
  EXPECT_EQ(read_with("printf 'DKP\\001\\004\\000\\000\\000\\001'; exec sleep 60", 0.5).error().code,
            ErrorCode::kLimitExceeded);
}

TEST_F(FakeWorker, ThatCrashesIsReported) {
  const auto document = read_with("kill -SEGV $$");
  ASSERT_FALSE(document.has_value());
  EXPECT_EQ(document.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(document.error().text(), HasSubstr("three_pages.pdf: the PDF worker was ended by signal SIGSEGV"));
}

TEST_F(FakeWorker, ThatCrashesOnAPageIsReported) {
  const auto document = read_with("printf 'DKP\\001\\004\\000\\000\\000\\003\\000\\000\\000'; exit 9");
  ASSERT_FALSE(document.has_value());
  EXPECT_THAT(document.error().text(), HasSubstr("ended with status 9"));
}

TEST_F(FakeWorker, ThatSaysNothingIsReported) {
  EXPECT_THAT(read_with("exit 0").error().text(), HasSubstr("ended with status 0"));
}

TEST_F(FakeWorker, ThatSendsNonsenseIsReported) {
  EXPECT_EQ(read_with("echo hello, here is your PDF").error().code, ErrorCode::kMalformed);
  // A frame of 4 GB, an answer to a question that was not asked, a number of pages below zero.
  EXPECT_THAT(read_with("printf 'DKP\\003\\377\\377\\377\\377'").error().text(), HasSubstr("longer than the limits"));
  EXPECT_THAT(read_with("printf 'DKP\\002\\000\\000\\000\\000'").error().text(), HasSubstr("makes no sense"));
  EXPECT_THAT(read_with("printf 'DKP\\001\\004\\000\\000\\000\\377\\377\\377\\377'").error().text(),
              HasSubstr("impossible number of pages"));
  EXPECT_THAT(read_with("printf 'DKP\\001\\004\\000\\000\\000\\001\\000\\000\\000"
                        "DKP\\001\\004\\000\\000\\000\\001\\000\\000\\000'; cat >/dev/null")
                  .error()
                  .text(),
              HasSubstr("another question"));
}

TEST_F(FakeWorker, GetsTheDocumentAndLittleElse) {
  ::setenv("DOCKET_TEST_SECRET", "not for the worker", 1);
  const int kept_open = ::dup(STDERR_FILENO);  // would be inherited by a plain fork
  // Sends its environment and open descriptors back as a refusal: 'DKP', type 4, length, reason 1, text.
  const auto document = read_with(
      "text=\"env:$(env | grep -c SECRET) fds:$(ls /proc/self/fd | grep -c '[4-9]') head:$(head -c 4 <&3) \"\n"
      "length=$((${#text} + 1))\n"
      "printf \"DKP\\004\\\\$(printf %03o $length)\\000\\000\\000\\001%s\" \"$text\"\n");
  ::unsetenv("DOCKET_TEST_SECRET");
  ::close(kept_open);
  ASSERT_FALSE(document.has_value());
  EXPECT_THAT(document.error().text(), HasSubstr("head:%PDF"));
  EXPECT_THAT(document.error().text(), HasSubstr("env:0 fds:1 "));  // ls itself holds the folder
}

TEST_F(FakeWorker, RunsUnderItsLimits) {
  const auto document = read_with(
      "text=\"core:$(ulimit -c) cpu:$(ulimit -t) file:$(ulimit -f) \"\n"
      "sleep 0.2; text=\"core:$(ulimit -c) cpu:$(ulimit -t) file:$(ulimit -f) \"\n"
      "length=$((${#text} + 1))\n"
      "printf \"DKP\\004\\\\$(printf %03o $length)\\000\\000\\000\\001%s\" \"$text\"\n",
      10);
  ASSERT_FALSE(document.has_value());
  EXPECT_THAT(document.error().text(), HasSubstr("core:0 cpu:11 file:0"));
}

TEST(PdfWorker, ThatIsMissingIsNamed) {
  Options options;
  options.pdf_worker = "/nonexistent/docket-pdf-worker";
  const auto document = read_fixture("three_pages.pdf", {}, options);
  ASSERT_FALSE(document.has_value());
  EXPECT_EQ(document.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(document.error().text(), HasSubstr("/nonexistent/docket-pdf-worker"));
  for (const FormatSupport& format : supported_formats(options)) {
    EXPECT_EQ(format.available, format.name != "PDF") << format.name;
  }
}

TEST(PdfWorker, ThatRunsOutOfMemoryIsReported) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer's shadow memory leaves no room for an address space limit";
#endif
  Options options;
  options.pdf_worker_bytes = std::size_t{96} << 20;
  options.pdf_dpi = 5000;
  options.pdf_page_pixels = 100'000'000;  // 300 MB of pixels
  const auto document = read_fixture("three_pages.pdf", {}, options);
  ASSERT_FALSE(document.has_value());
  EXPECT_TRUE(document.error().code == ErrorCode::kUnavailable || document.error().code == ErrorCode::kMalformed)
      << document.error().text();
}

}  // namespace
}  // namespace docket::page
