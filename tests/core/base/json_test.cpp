#include "core/base/json.h"

#include <gtest/gtest.h>

namespace docket {
namespace {

TEST(Json, ReadsMembersAndNamesWhatIsWrong) {
  const auto object = parse_json(R"({"file": "a.jpg", "n": 2, "x": 0.5})", "t:1");
  ASSERT_TRUE(object);
  EXPECT_EQ(*json_text(*object, "file", "t:1"), "a.jpg");
  EXPECT_EQ(*json_integer(*object, "n", "t:1"), 2);
  EXPECT_DOUBLE_EQ(*json_number(*object, "n", "t:1"), 2);
  EXPECT_EQ(json_text(*object, "n", "t:1").error().text(), "t:1: expected \"n\" to be a text");
  EXPECT_EQ(json_integer(*object, "x", "t:1").error().text(), "t:1: expected \"x\" to be a whole number");
  EXPECT_EQ(json_number(*object, "none", "t:1").error().text(), "t:1: expected \"none\" to be a number");
  EXPECT_FALSE(json_text(Json::array(), "file", "t:1"));
}

TEST(Json, MalformedTextIsAnErrorWithItsByte) {
  EXPECT_EQ(parse_json("{\"a\": }", "t").error().text(), "t: not JSON at byte 7");
  EXPECT_FALSE(parse_json("", "t"));
  EXPECT_FALSE(parse_json("{} {}", "t"));
  EXPECT_FALSE(parse_json("\"\xff\"", "t"));
}

TEST(Json, NestingIsLimitedAndBracketsInStringsDoNotCount) {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') + std::string(static_cast<std::size_t>(depth), ']');
  };
  EXPECT_TRUE(parse_json(nested(kMaxJsonDepth), "t"));
  EXPECT_EQ(parse_json(nested(kMaxJsonDepth + 1), "t").error().code, ErrorCode::kLimitExceeded);
  EXPECT_EQ(parse_json(nested(1'000'000), "t").error().code, ErrorCode::kLimitExceeded);
  EXPECT_TRUE(parse_json("\"" + std::string(200, '[') + "\\\"[\"", "t"));
}

TEST(Json, ALineNeverBreaksAndNeverThrows) {
  EXPECT_EQ(json_line(OrderedJson{{"b", "x\ny"}, {"a", "\xff"}}), "{\"b\":\"x\\ny\",\"a\":\"\xEF\xBF\xBD\"}");
}

}  // namespace
}  // namespace docket
