#include "core/base/utf8.h"

#include <gtest/gtest.h>

namespace docket {
namespace {

TEST(Utf8, TellsValidFromInvalid) {  // the invalid forms are those of Unicode's table 3-7
  EXPECT_TRUE(is_valid_utf8(""));
  EXPECT_TRUE(is_valid_utf8("caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80"));
  EXPECT_FALSE(is_valid_utf8("\x80"));
  EXPECT_FALSE(is_valid_utf8("\xC0\xAF"));
  EXPECT_FALSE(is_valid_utf8("\xED\xA0\x80"));
  EXPECT_FALSE(is_valid_utf8("\xF4\x90\x80\x80"));
  EXPECT_FALSE(is_valid_utf8("\xE2\x82"));
}

TEST(Utf8, RepairReplacesOnlyWhatIsBroken) {
  EXPECT_EQ(repair_utf8("a\xFF"
                        "b\xC3\xA9"),
            "a\xEF\xBF\xBD"
            "b\xC3\xA9");
  EXPECT_TRUE(is_valid_utf8(repair_utf8("\xE2\x82\xF0\x9F")));
}

TEST(Utf8, FoldingKeepsLettersAndDigitsOnly) {
  EXPECT_EQ(letters_and_digits("MR D.I.Y. (JOHOR) SDN BHD"), "mrdiyjohorsdnbhd");
  EXPECT_EQ(letters_and_digits("Caf\xC3\xA9 No. 7"), "caf\xC3\xA9no7");
  EXPECT_EQ(letters_and_digits("cafe\xCC\x81"), "caf\xC3\xA9");     // a combining accent is composed
  EXPECT_EQ(letters_and_digits("\xEF\xBC\xA1\xEF\xBC\x91"), "a1");  // full-width A and 1
  EXPECT_EQ(letters_and_digits("STRA\xC3\x9F"
                               "E"),
            letters_and_digits("strasse"));
  EXPECT_EQ(letters_and_digits("$ -- !\xFF"), "");
}

}  // namespace
}  // namespace docket
