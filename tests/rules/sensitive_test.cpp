#include "rules/sensitive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "rules/card.h"

namespace docket::rules {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// A card number of `length` digits with its check digit, which the test works out on its own.
std::string card_number(std::mt19937& random, std::size_t length) {
  std::string digits;
  while (digits.size() + 1 < length) digits.push_back(static_cast<char>('0' + random() % 10));
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const int digit = digits[digits.size() - 1 - i] - '0';
    sum += i % 2 == 0 ? digit * 2 / 10 + digit * 2 % 10 : digit;
  }
  digits.push_back(static_cast<char>('0' + (10 - sum % 10) % 10));
  return digits;
}

TEST(Cards, NoWholeCardNumberSurvives) {
  std::mt19937 random(20261124);
  for (int round = 0; round < 3000; ++round) {
    const std::string number = card_number(random, 13 + random() % 7);
    ASSERT_TRUE(luhn_passes(number));
    std::string printed;
    for (std::size_t i = 0; i < number.size(); ++i) {
      if (i > 0 && i % 4 == 0 && round % 3 != 0) printed += round % 3 == 1 ? ' ' : '-';
      printed += number[i];
    }
    const auto redacted = redact("PURCHASE " + printed + " AUD");
    EXPECT_THAT(redacted.text, Not(HasSubstr(number.substr(0, 4)))) << printed;
    EXPECT_THAT(redacted.text, HasSubstr("**** " + number.substr(number.size() - 4)));
    EXPECT_THAT(redacted.kinds, ElementsAre("card"));
    EXPECT_EQ(redact(redacted.text).text, redacted.text) << "twice is once";
  }
}

TEST(Cards, EveryOneDigitChangeFailsLuhn) {
  std::mt19937 random(4);
  for (int round = 0; round < 200; ++round) {
    const std::string number = card_number(random, 16);
    for (std::size_t at = 0; at < number.size(); ++at) {
      std::string changed = number;
      changed[at] = static_cast<char>('0' + (changed[at] - '0' + 1 + random() % 9) % 10);
      EXPECT_FALSE(luhn_passes(changed));
    }
  }
}

struct Case {
  const char* text;
  const char* redacted;
  const char* kind;
};
class RedactCase : public ::testing::TestWithParam<Case> {};

TEST_P(RedactCase, Masks) {
  const auto redacted = redact(GetParam().text);
  EXPECT_EQ(redacted.text, GetParam().redacted);
  EXPECT_THAT(redacted.kinds, ElementsAre(GetParam().kind));
  EXPECT_EQ(redact(redacted.text).text, redacted.text) << "twice is once";
}

INSTANTIATE_TEST_SUITE_P(All, RedactCase,
                         ::testing::Values(Case{"TFN: 123 456 782", "TFN: [redacted]", "tfn"},
                                           Case{"Tax File Number 123456782", "Tax File Number [redacted]", "tfn"},
                                           Case{"Medicare No 2123 45670 1", "Medicare No [redacted]", "medicare"},
                                           Case{"CARD NO: 462263-134", "CARD NO: **** 134", "card"},
                                           Case{"CARD NO 456789XXXXXX2027", "CARD NO **** 2027", "card"},
                                           Case{"EXP 12/27", "EXP [redacted]", "expiry"},
                                           Case{"Expiry: 1227", "Expiry: [redacted]", "expiry"},
                                           Case{"AUTH NO 004512", "AUTH NO [redacted]", "auth_code"},
                                           Case{"Auth Code: A1B2C3", "Auth Code: [redacted]", "auth_code"},
                                           Case{"TC: 9F2608A1B2C3D4E5", "TC: [redacted]", "cryptogram"},
                                           Case{"flybuys 2793 0112 3456 7", "flybuys **** 7", "loyalty"},
                                           Case{"Member # 12345678", "Member # **** 5678", "loyalty"},
                                           Case{"Driver's Licence 1234AB", "Driver's Licence [redacted]", "licence"}));

TEST(Redact, LeavesWhatIsNotSensitive) {
  for (const char* text : {"ABN 51 824 753 556", "Total $1,234.50", "14/03/2024 14:32", "(02) 5550 1234", "BSB 062-000",
                           "9300675024235 Bread", "Invoice 20240305", "Gift card 50.00", "EXPRESS POST 500G",
                           "Expiry 14/03/2027", "MEMBER PRICE 12.00", "TC 12", "Author 123", ""}) {
    EXPECT_EQ(redact(text).text, text);
    EXPECT_THAT(redact(text).kinds, IsEmpty());
  }
}

TEST(Redact, TwiceIsOnceWhereKeptDigitsMakeAnotherNumber) {
  // Found by fuzzing: masking the first number leaves four digits that complete a second one.
  const auto once = redact("51 -7 3 0212 602 487 2 0211 603 481105 41");
  EXPECT_EQ(redact(once.text).text, once.text);
}

TEST(Redact, SeveralOnOneLine) {
  const auto redacted = redact("VISA 4111 1111 1111 1111 EXP 12/27 AUTH 123456");
  EXPECT_EQ(redacted.text, "VISA **** 1111 EXP [redacted] AUTH [redacted]");
  EXPECT_THAT(redacted.kinds, ElementsAre("auth_code", "card", "expiry"));
}

TEST(Masks, KeepLittle) {
  EXPECT_EQ(mask_email("jo.bloggs@example.com"), "j***@example.com");
  EXPECT_EQ(mask_email("nothing"), "***");
  EXPECT_EQ(mask_phone("+61491570156"), "+********156");
  EXPECT_EQ(mask_name("Jo Bloggs"), "J. B.");
  EXPECT_EQ(mask_name(""), "");
}

}  // namespace
}  // namespace docket::rules
