#include "rules/abn.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "rules/acn.h"

namespace docket::rules {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The nineteen published ABNs of the specification, computed there by another program.
constexpr std::string_view kPublished[] = {"88000014675", "45004189708", "11004089936", "26008672179", "36004763526",
                                           "73004700485", "75004250944", "37093114286", "54003237545", "53004085616",
                                           "48005299427", "90196565019", "57104012893", "83004143239", "16009661901",
                                           "33051775556", "28864970579", "94000728398", "51824753556"};

// A valid ABN for any nine-digit tail, through the company rule.
std::vector<std::string> valid_abns(int count) {
  std::mt19937 random(20261124);
  std::vector<std::string> out(std::begin(kPublished), std::end(kPublished));
  while (static_cast<int>(out.size()) < count) {
    std::string tail = std::to_string(random() % 1'000'000'000);
    tail.insert(0, 9 - tail.size(), '0');
    out.push_back(*abn_from_acn(tail));
  }
  return out;
}

TEST(Abn, EveryPublishedOnePasses) {
  for (const auto abn : kPublished) EXPECT_TRUE(abn_passes(abn)) << abn;
  for (const auto& abn : valid_abns(1000)) EXPECT_TRUE(abn_passes(abn)) << abn;
}

TEST(Abn, EveryOneDigitChangeIsRejected) {
  for (const auto& abn : valid_abns(1000)) {
    for (std::size_t at = 0; at < abn.size(); ++at) {
      for (char digit = '0'; digit <= '9'; ++digit) {
        std::string changed = abn;
        changed[at] = digit;
        EXPECT_EQ(abn_passes(changed), changed == abn) << abn << " -> " << changed;
      }
    }
  }
}

TEST(Abn, EveryAdjacentSwapIsRejected) {
  for (const auto& abn : valid_abns(1000)) {
    for (std::size_t at = 0; at + 1 < abn.size(); ++at) {
      std::string swapped = abn;
      std::swap(swapped[at], swapped[at + 1]);
      EXPECT_EQ(abn_passes(swapped), swapped == abn) << abn << " -> " << swapped;
    }
  }
}

TEST(Abn, OneRandomNumberInEightyNinePasses) {
  std::mt19937_64 random(7);
  int passed = 0;
  constexpr int kNumbers = 89'000;
  for (int i = 0; i < kNumbers; ++i) {
    passed += abn_passes(std::to_string(10'000'000'000 + random() % 90'000'000'000)) ? 1 : 0;
  }
  // Binomial: mean 1000, standard deviation 31.4; five of them.
  EXPECT_NEAR(passed, 1000, 160);
}

TEST(Abn, LeadingZeroAndDoublePrefix) {
  EXPECT_FALSE(abn_passes("07100000000")) << "the arithmetic alone would let it pass";
  EXPECT_EQ(parse_abn("07 100 000 000").status, AbnStatus::kBadLeadingZero);
  EXPECT_TRUE(abn_passes("10100000650"));
  EXPECT_TRUE(abn_passes("99100000650"));
}

TEST(Abn, WrittenReadIsTheSame) {
  for (const auto& abn : valid_abns(300)) {
    const auto read = parse_abn("ABN: " + format_abn(abn));
    EXPECT_EQ(read.status, AbnStatus::kValid);
    EXPECT_EQ(read.digits, abn);
  }
}

TEST(Abn, LabelsAndSeparators) {
  for (const char* text :
       {"ABN 51 824 753 556", "A.B.N. 51824753556", "ABN: 51 824 753 556", "ABN No. 51 824 753 556",
        "ABN Number 51 824 753 556", "ABN/ACN 51 824 753 556", "Tax Invoice ABN: 51 824 753 556",
        "TAX INVOICE - ABN 51 824 753 556", "ABN51824753556", "51-824-753-556", "51.824.753.556", "a b n 51824753556",
        "51\xE2\x80\x93"
        "824\xE2\x80\x93"
        "753\xE2\x80\x93"
        "556",
        "51\xC2\xA0"
        "824\xC2\xA0"
        "753\xC2\xA0"
        "556",
        "ABN 51 824\n753 556", "ABN#51824753556", "(ABN) 51 824 753 556"}) {
    EXPECT_EQ(parse_abn(text).status, AbnStatus::kValid) << text;
    EXPECT_EQ(parse_abn(text).digits, "51824753556") << text;
  }
}

TEST(Abn, IsNeverMadeOutOfWords) {
  for (const char* text : {"", "ABN", "SOLO BIG DISCO", "ISO SOIL BOOZ", "ABN SOOOOOOOOOO", "INVOICE", "12 34"}) {
    EXPECT_FALSE(parse_abn(text).passed()) << text;
  }
}

TEST(Abn, NeverCompletesOrCutsANumber) {
  for (const auto& abn : valid_abns(100)) {
    EXPECT_EQ(parse_abn(abn.substr(0, 10)).status, AbnStatus::kBadLength);
    EXPECT_EQ(parse_abn(abn + "1").status, AbnStatus::kBadLength);
    EXPECT_EQ(parse_abn(abn + "007").branch, "007");
  }
}

TEST(Abn, SuggestionsPassAndDifferInOneLookAlikeDigit) {
  std::mt19937 random(8);
  int unique = 0;
  for (const auto& abn : valid_abns(500)) {
    std::string wrong = abn;
    const std::size_t at = 1 + random() % 10;
    wrong[at] = wrong[at] == '5' ? '6' : wrong[at] == '8' ? '3' : '8';
    const auto read = parse_abn(wrong);
    if (read.status != AbnStatus::kBadChecksum) continue;
    EXPECT_EQ(read.digits, wrong) << "the value is never changed";
    unique += read.suggestions.size() == 1 ? 1 : 0;
    for (const auto& suggestion : read.suggestions) {
      EXPECT_TRUE(abn_passes(suggestion));
      int different = 0;
      for (std::size_t i = 0; i < suggestion.size(); ++i) different += suggestion[i] != wrong[i] ? 1 : 0;
      EXPECT_EQ(different, 1);
    }
  }
  EXPECT_GT(unique, 100);
}

TEST(Abn, PromotionNeedsOneSuggestionAndIndependentEvidence) {
  const Abn wrong = parse_abn("88 000 014 676");
  ASSERT_THAT(wrong.suggestions, ElementsAre("88000014675"));
  EXPECT_EQ(promote_abn(wrong, {}).status, AbnStatus::kBadChecksum);
  EXPECT_EQ(promote_abn(wrong, {.printed_acn = "008672179", .second_reading = {}, .approved_suppliers = {}}).status,
            AbnStatus::kBadChecksum);
  for (const AbnEvidence& evidence :
       {AbnEvidence{.printed_acn = "000014675", .second_reading = {}, .approved_suppliers = {}},
        AbnEvidence{.printed_acn = {}, .second_reading = "88000014675", .approved_suppliers = {}},
        AbnEvidence{.printed_acn = {}, .second_reading = {}, .approved_suppliers = {"88000014675"}}}) {
    const Abn promoted = promote_abn(wrong, evidence);
    EXPECT_EQ(promoted.status, AbnStatus::kRepairedConfirmed);
    EXPECT_EQ(promoted.digits, "88000014675");
  }
  Abn two = wrong;
  two.suggestions.push_back("51824753556");
  EXPECT_EQ(promote_abn(two, {.printed_acn = "000014675", .second_reading = {}, .approved_suppliers = {}}).status,
            AbnStatus::kBadChecksum);
  const Abn none = parse_abn("51 824 753 557");
  EXPECT_THAT(none.suggestions, IsEmpty());
}

TEST(Acn, ChecksItsDigitAndLeadsToTheAbn) {
  for (const auto& abn : valid_abns(500)) EXPECT_TRUE(abn_passes(*abn_from_acn(abn.substr(2))));
  EXPECT_TRUE(acn_matches_abn("000014675", "88000014675"));
  EXPECT_FALSE(acn_matches_abn("000014675", "51824753556"));
  EXPECT_FALSE(acn_matches_abn("", ""));
  EXPECT_FALSE(acn_passes("196565019")) << "ALDI's tail is no ACN";
  EXPECT_TRUE(parse_acn("ARBN 000 014 675").arbn);
  EXPECT_EQ(parse_acn("A.C.N. 000 014 675").status, AcnStatus::kValid);
  EXPECT_EQ(parse_acn("ACN OO0 014 675").status, AcnStatus::kRepairedLetters);
  EXPECT_EQ(parse_acn("ACN 000 014").status, AcnStatus::kBadLength);
  EXPECT_EQ(parse_acn("ACN").status, AcnStatus::kNotAcn);
}

TEST(Acn, EveryOneDigitChangeOfTheLastDigitIsRejected) {
  for (char digit = '0'; digit <= '9'; ++digit) EXPECT_EQ(acn_passes(std::string("00001467") + digit), digit == '5');
}

TEST(Tfn, PassesByItsWeights) {
  // 1*1+2*4+3*3+4*7+5*5+6*8+7*6+8*9+2*10 = 253 = 23 * 11, worked by hand.
  EXPECT_TRUE(tfn_passes("123456782"));
  EXPECT_FALSE(tfn_passes("123456789"));
  EXPECT_FALSE(tfn_passes("12345678"));
}

}  // namespace
}  // namespace docket::rules
