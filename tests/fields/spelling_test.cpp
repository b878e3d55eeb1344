// Readings that disagree: what each says counts, letter by letter for a name and value by value for the rest.
#include "fields/spelling.h"

#include <gtest/gtest.h>

#include "tests/fields/page_builder.h"

namespace docket::fields {
namespace {

Belief belief(const std::string& value, double probability) {
  Belief made;
  made.candidate.value = value;
  made.probability = probability;
  return made;
}

// One page as several passes read it; `words`, which they were put together to, are those of the first.
ocr::Words page_read_as(const std::vector<std::vector<std::string>>& readings) {
  ocr::Words page = page_of(readings.front());
  for (const auto& lines : readings) page.readings.push_back(page_of(lines).words);
  return page;
}

std::vector<std::string> receipt(const std::string& name, const std::string& date, const std::string& total) {
  return {"     " + name, "     12 Smith St Parramatta NSW 2150", "Date: " + date, "Apples        4.50",
          "TOTAL        " + total};
}

TEST(Spelling, EachLetterGoesByVote) {
  EXPECT_EQ(vote_on_letters({{"GREEN GR0CER", 1}, {"GREEN GROCER", 1}, {"GRFEN GROCER", 1}}), "GREEN GROCER");
  EXPECT_EQ(vote_on_letters({{"GREN GROCER", 1}, {"GREEN GROCER", 1}, {"GREEN GROCER", 1}}), "GREEN GROCER");
  EXPECT_EQ(vote_on_letters({{"GREEENGROCER", 1}, {"GREEN GROCER", 1}, {"GREEN GROCER", 1}}), "GREEN GROCER");
}

TEST(Spelling, WeightCountsAndATieKeepsTheFirst) {
  EXPECT_EQ(vote_on_letters({{"A B", 1}, {"A C", 0.6}, {"A C", 0.6}}), "A C");
  EXPECT_EQ(vote_on_letters({{"A B", 1}, {"A C", 1}}), "A B");
  EXPECT_EQ(vote_on_letters({}), "");
}

TEST(Spelling, NearSpellingsStandTogetherAgainstAnotherName) {
  const auto settled = settle_spelling({belief("SMITH STREET", 0.34), belief("GREEN GR0CER", 0.22),
                                        belief("GRFEN GROCER", 0.22), belief("GREEN GROCEB", 0.22)});
  EXPECT_EQ(settled.front().candidate.value, "GREEN GROCER");
  EXPECT_GT(settled.front().probability, 0.3);
}

TEST(Spelling, OneSpellingAloneStaysAsItIs) {
  const auto settled = settle_spelling({belief("GREEN GROCER", 0.6), belief("SMITH STREET", 0.2)});
  EXPECT_EQ(settled.front().candidate.value, "GREEN GROCER");
  EXPECT_EQ(settled.front().probability, 0.6);
}

TEST(Vote, MostReadingsDecideWhateverTheFirstSays) {
  const Fields fields = read_fields(
      {page_read_as({receipt("GRFEN GROCER", "14/08/2024", "9.50"), receipt("GREEN GROCER", "14/03/2024", "4.50"),
                     receipt("GREEN GROCEB", "14/03/2024", "4.50")})},
      test_context());
  EXPECT_EQ(value(fields, FieldId::kInvoiceDate), "2024-03-14");
  EXPECT_EQ(value(fields, FieldId::kTotalAmount), "4.50");
  EXPECT_EQ(value(fields, FieldId::kSupplierName), "GREEN GROCER");
}

TEST(Vote, ReadingsThatAgreeAreSurerThanReadingsThatDoNot) {
  const auto plain = receipt("GREEN GROCER", "14/03/2024", "4.50");
  const Fields agreed = read_fields({page_read_as({plain, plain, plain})}, test_context());
  const Fields parted =
      read_fields({page_read_as({plain, plain, receipt("GREEN GROCER", "17/03/2024", "4.50")})}, test_context());
  EXPECT_GT(agreed.scalars.at(FieldId::kInvoiceDate).confidence,
            parted.scalars.at(FieldId::kInvoiceDate).confidence + 0.05);
  // Nothing is won or lost by reading a page three times the same.
  const Fields once = read_fields({page_of(plain)}, test_context());
  for (const auto& [id, field] : once.scalars) {
    EXPECT_EQ(value(agreed, id), value(once, id)) << to_string(id);
    EXPECT_NEAR(agreed.scalars.at(id).confidence, field.confidence, 1e-9) << to_string(id);
  }
}

TEST(Vote, APageReadOnceStandsBesideOneReadThreeTimes) {
  const std::vector<std::string> second = {"Freight     1.00", "GRAND TOTAL     5.50"};
  ocr::Words last = page_of(second);
  last.page_number = 2;
  const auto plain = receipt("GREEN GROCER", "14/03/2024", "4.50");
  const Fields fields = read_fields({page_read_as({plain, plain, plain}), last}, test_context());
  EXPECT_EQ(value(fields, FieldId::kInvoiceDate), "2024-03-14");
  EXPECT_EQ(value(fields, FieldId::kTotalAmount), "5.50");
}

}  // namespace
}  // namespace docket::fields
