#include "eval/report.h"

#include <gtest/gtest.h>

#include "eval/html.h"
#include "eval/report_document.h"

namespace docket::eval {
namespace {

TEST(Html, EscapesTextAndAttributes) {
  HtmlWriter html;
  html.open("p", {{"title", "a\"b<'"}}).text("x < y & z\x01\xff").close();
  EXPECT_EQ(html.take(), "<p title=\"a&quot;b&lt;&#39;\">x &lt; y &amp; z \xEF\xBF\xBD</p>");
}

TEST(HtmlDeathTest, AnElementLeftOpenAborts) {
  HtmlWriter html;
  html.open("p");
  EXPECT_DEATH((void)html.take(), "<p> is still open");
}

TEST(Base64, MatchesTheVectorsOfRfc4648) {
  const auto encode = [](const std::string& text) {
    return base64(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  };
  EXPECT_EQ(encode(""), "");
  EXPECT_EQ(encode("f"), "Zg==");
  EXPECT_EQ(encode("fo"), "Zm8=");
  EXPECT_EQ(encode("foo"), "Zm9v");
  EXPECT_EQ(encode("foob"), "Zm9vYg==");
  EXPECT_EQ(encode("foobar"), "Zm9vYmFy");
}

std::string marked(const std::string& a, const std::string& b) {
  const Difference d = difference(a, b);
  return a.substr(d.a.first, d.a.second - d.a.first) + "|" + b.substr(d.b.first, d.b.second - d.b.first);
}

TEST(Difference, MarksTheMiddleOnCharacterBorders) {
  EXPECT_EQ(marked("2019-01-12", "2019-10-12"), "01|10");
  EXPECT_EQ(marked("33.90", "33.9"), "0|");
  EXPECT_EQ(marked("same", "same"), "|");
  EXPECT_EQ(marked("", "new"), "|new");
  EXPECT_EQ(marked("aa", "aaa"), "|a");
  EXPECT_EQ(marked("caf\xC3\xA9", "caf\xC3\xA8"), "\xC3\xA9|\xC3\xA8");
}

TEST(Picture, ASampleBecomesASmallWebPWithItsOwnSizeKept) {
  PictureOptions options;
  options.longest_side = 200;
  const auto pictures = load_pictures("samples/supermarket.png", options);
  ASSERT_TRUE(pictures) << pictures.error().text();
  ASSERT_EQ(pictures->size(), 1u);
  EXPECT_GT(pictures->front().height, 200);
  EXPECT_TRUE(pictures->front().data_uri.starts_with("data:image/webp;base64,UklGR"));  // "RIFF"
  EXPECT_LT(pictures->front().data_uri.size(), 60'000u);
}

TEST(Report, HoldsFiguresBoxesAndDifferencesAndEscapesWhatTheOutsideSays) {
  const auto truth =
      parse_truth(R"({"file": "<b>.jpg", "truth": {"total_amount": "33.90", "supplier_name": "A&B"}})", "t");
  const auto prediction = read_prediction(
      *parse_json(R"({"file": "<b>.jpg", "fields": {"total_amount": {"value": "33.50", "confidence": 0.6, "page": 1,
                      "box": [10, 20, 60, 40]}, "supplier_name": {"value": "A&B", "confidence": 0.9, "page": 2,
                      "box": [1, 2, 3, 4]}}})",
                  "t"),
      "t");
  ASSERT_TRUE(truth && prediction);
  const Evaluation evaluation = evaluate(*truth, {*prediction}, {1});
  const std::string html =
      to_report(evaluation, {"title & co", "sub"}, [](const std::filesystem::path&, const std::vector<int>&) {
        return Result<std::vector<Picture>>(std::vector<Picture>{{1, 750, 600, "data:image/webp;base64,UklGRg=="}});
      });
  EXPECT_EQ(html.find("<b>.jpg"), std::string::npos);
  EXPECT_NE(html.find("&lt;b&gt;.jpg"), std::string::npos);
  EXPECT_NE(html.find("A&amp;B"), std::string::npos);
  EXPECT_NE(html.find("33.<mark>9</mark>0"), std::string::npos);
  EXPECT_NE(html.find("33.<mark>5</mark>0"), std::string::npos);
  EXPECT_NE(html.find("class=\"box wrong\" data-field=\"total_amount\""), std::string::npos);
  EXPECT_EQ(html.find("data-field=\"supplier_name\""), std::string::npos)
      << "its box is on page 2, which has no picture";
  EXPECT_NE(html.find("prefers-color-scheme: dark"), std::string::npos);
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_EQ(html.find("http://"), std::string::npos);
  EXPECT_EQ(html.find("https://"), std::string::npos);
}

}  // namespace
}  // namespace docket::eval
