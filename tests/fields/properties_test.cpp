// What must hold for any words: nothing from nothing, no value that is not in the words, no effect of the order of the
// words or of the place and scale of the page.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/fields/page_builder.h"

namespace docket::fields {
namespace {

const std::vector<std::string> kReceipt = {
    "        GREEN GROCER PTY LTD",    "        ABN 51 824 753 556",          "     12 Smith St Parramatta NSW 2150",
    "           TAX INVOICE",          "Invoice: 12345     14/03/2024 16:58", "Apples                     4.50",
    "Soap                       6.60", "SUBTOTAL                  11.10",     "TOTAL                    $11.10",
    "GST INCLUDED IN TOTAL      0.60", "EFT                       11.10",
};

std::string summary(const Fields& fields) {
  std::string out;
  for (const auto& [id, field] : fields.scalars) {
    out += std::string(to_string(id)) + "=" + (field.chosen ? field.chosen->value : "-") + "\n";
  }
  for (const LineItem& item : fields.line_items) out += item.description + " " + item.amount.value_or("-") + "\n";
  for (const Payment& payment : fields.payments) out += payment.method + " " + payment.amount.value_or("-") + "\n";
  return out;
}

TEST(ReadFieldsProperty, NoWordsGiveNothing) {
  for (const auto& pages : {std::vector<ocr::Words>{}, std::vector<ocr::Words>{ocr::Words{}}}) {
    const Fields fields = read_fields(pages, test_context());
    ASSERT_EQ(fields.scalars.size(), static_cast<std::size_t>(FieldId::kCount));
    for (const auto& [id, field] : fields.scalars) EXPECT_FALSE(field.chosen.has_value()) << to_string(id);
    EXPECT_TRUE(fields.line_items.empty());
    EXPECT_TRUE(fields.payments.empty());
  }
}

TEST(ReadFieldsProperty, OrderOfWordsDoesNotMatter) {
  ocr::Words page = page_of(kReceipt);
  const std::string expected = summary(read_fields({page}, test_context()));
  std::mt19937 random(7);
  for (int round = 0; round < 20; ++round) {
    std::shuffle(page.words.begin(), page.words.end(), random);
    EXPECT_EQ(summary(read_fields({page}, test_context())), expected);
  }
}

TEST(ReadFieldsProperty, PlaceAndScaleDoNotMatter) {
  const ocr::Words page = page_of(kReceipt);
  const std::string expected = summary(read_fields({page}, test_context()));
  for (float scale : {0.25F, 0.5F, 2.0F, 4.0F}) {
    for (float shift : {0.0F, 64.0F, 1024.0F}) {
      ocr::Words moved = page;
      for (ocr::Word& word : moved.words) {
        word.box = {word.box.x0 * scale + shift, word.box.y0 * scale + shift, word.box.x1 * scale + shift,
                    word.box.y1 * scale + shift};
      }
      EXPECT_EQ(summary(read_fields({moved}, test_context())), expected) << scale << " " << shift;
    }
  }
}

TEST(ReadFieldsProperty, ASlightSkewDoesNotMatter) {
  const ocr::Words page = page_of(kReceipt);
  const std::string expected = summary(read_fields({page}, test_context()));
  for (float slope : {-0.04F, -0.02F, 0.02F, 0.04F}) {
    ocr::Words skewed = page;
    for (ocr::Word& word : skewed.words) {
      const float shift = slope * word.box.center_x() + 100;
      word.box.y0 += shift;
      word.box.y1 += shift;
    }
    EXPECT_EQ(summary(read_fields({skewed}, test_context())), expected) << slope;
  }
}

// Also with words taken away, so that finders meet labels without values and values without labels.
TEST(ReadFieldsProperty, EveryRawTextIsInTheWords) {
  std::mt19937 random(11);
  for (int round = 0; round < 60; ++round) {
    ocr::Words page = page_of(kReceipt);
    page.words.erase(std::remove_if(page.words.begin(), page.words.end(),
                                    [&](const ocr::Word&) { return round > 0 && random() % 4 == 0; }),
                     page.words.end());
    const auto seen = [&](const std::string& raw) {
      std::size_t begin = 0;
      while (begin < raw.size()) {
        const std::size_t end = std::min(raw.find(' ', begin), raw.size());
        const std::string part = raw.substr(begin, end - begin);
        const bool found = std::any_of(page.words.begin(), page.words.end(), [&](const ocr::Word& word) {
          return word.text.find(part) != std::string::npos;
        });
        if (!found) return false;
        begin = end + 1;
      }
      return true;
    };
    for (const auto& [id, field] : read_fields({page}, test_context()).scalars) {
      for (const Candidate& candidate : field.candidates) {
        EXPECT_TRUE(seen(candidate.evidence.raw)) << to_string(id) << ": " << candidate.evidence.raw;
      }
    }
  }
}

}  // namespace
}  // namespace docket::fields
