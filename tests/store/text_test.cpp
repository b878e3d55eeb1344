// The key-value and CSV writers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <sstream>

#include "record/schema.h"
#include "store/csv.h"
#include "store/key_value.h"
#include "tests/record/example.h"

namespace docket::store {
namespace {

using fields::FieldId;
using record::Record;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Record build(const fields::Fields& fields) { return build_record(fields, record::plain_context()); }

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST(KeyValue, SaysNotFoundAndNeverNothing) {
  for (const auto& line : lines_of(to_key_value(build(record::nothing_read())))) {
    const auto colon = line.find(": ");
    ASSERT_NE(colon, std::string::npos) << line;
    EXPECT_GT(line.size(), colon + 2) << line;
  }
  EXPECT_THAT(to_key_value(build(record::nothing_read())), HasSubstr("\nTOTAL: NOT_FOUND\n"));
}

TEST(KeyValue, UsesTheNamesInDailyUseOrTheSchemas) {
  const auto record = build(record::plain_invoice());
  const auto shorter = to_key_value(record);
  for (const char* line : {"STORE: Bunnings Group Limited\n", "ABN: 26008672179\n", "DATE: 2026-03-14\n",
                           "TOTAL: 46.75\n", "GST: 4.25\n", "ITEMS: Hammer | Nails 75mm\n", "AMOUNTS: 30.00 | 16.75\n",
                           "QUANTITIES: NOT_FOUND | NOT_FOUND\n", "DOCUMENT_TYPE: tax_invoice\n"}) {
    EXPECT_THAT(shorter, HasSubstr(line));
  }
  const auto full = to_key_value(record, KeyNames::kSchema);
  EXPECT_THAT(full, HasSubstr("SUPPLIER_NAME: Bunnings Group Limited\n"));
  EXPECT_THAT(full, HasSubstr("LINE_ITEMS_DESCRIPTION: Hammer | Nails 75mm\n"));
  EXPECT_EQ(lines_of(full).size(), lines_of(shorter).size());
}

TEST(KeyValue, ListsOfOneTableHaveTheSameLengthWhateverTheyHold) {
  auto fields = record::plain_invoice();
  fields.line_items[0].description = "a | b\nc";
  fields.line_items[1].quantity = "2";
  const auto text = to_key_value(build(fields));
  EXPECT_THAT(text, HasSubstr("ITEMS: a / b c | Nails 75mm\n"));
  EXPECT_THAT(text, HasSubstr("QUANTITIES: NOT_FOUND | 2\n"));
}

TEST(KeyValue, StandsInTheOrderOfTheSchema) {
  const auto lines = lines_of(to_key_value(build(record::plain_invoice()), KeyNames::kSchema));
  std::size_t at = 0;
  for (const auto& spec : record::schema()) {
    std::string key(spec.name);
    for (char& c : key) c = static_cast<char>(std::toupper(c));
    while (at < lines.size() && !lines[at].starts_with(key + ": ")) ++at;
    EXPECT_LT(at, lines.size()) << key;
  }
}

TEST(Csv, WrittenRowsAreReadBack) {
  std::mt19937 random(20261124);
  const std::string alphabet = "ab ,\"\r\n;'=\xC3\xA9";
  for (int round = 0; round < 2000; ++round) {
    CsvRow row(1 + random() % 5);
    for (auto& cell : row) {
      for (std::size_t n = random() % 8; n > 0; --n) cell.push_back(alphabet[random() % alphabet.size()]);
    }
    if (row.size() == 1 && row[0].empty()) continue;  // an empty line has no row
    const auto read = read_csv(csv_row(row), "test");
    ASSERT_TRUE(read) << read.error().text();
    ASSERT_THAT(*read, ElementsAre(row)) << csv_row(row);
  }
}

TEST(Csv, RowsAreAsWideAsTheirHeader) {
  auto fields = record::plain_invoice();
  record::set(fields, FieldId::kSupplierName, "Smith, \"Bob\" & Sons\r\nPty Ltd");
  const auto record = build(fields);
  const auto documents = *read_csv(csv_document_header() + csv_document_row(record), "test");
  ASSERT_EQ(documents.size(), 2U);
  EXPECT_EQ(documents[0].size(), documents[1].size());
  const auto name = std::find(documents[0].begin(), documents[0].end(), "supplier_name") - documents[0].begin();
  EXPECT_EQ(documents[1][static_cast<std::size_t>(name)], "Smith, \"Bob\" & Sons\r\nPty Ltd");
  const auto lines = *read_csv(csv_line_header() + csv_line_rows(record), "test");
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].size(), lines[2].size());
  EXPECT_THAT(lines[2], ::testing::Contains("16.75"));
  EXPECT_EQ(csv_line_rows(build(record::nothing_read())), "");
}

TEST(Csv, NoTextCellIsAFormula) {
  for (const char* text : {"=1+1", "+61255501234", "-cmd", "@SUM(A1)", "\t=1", "\r=1"}) {
    EXPECT_EQ(csv_safe_text(text), std::string("'") + text);
  }
  EXPECT_EQ(csv_safe_text("Bread = milk"), "Bread = milk");
  auto fields = record::plain_invoice();
  fields.line_items[0].description = "=HYPERLINK(\"http://evil\")";
  record::set(fields, FieldId::kTotalAmount, "-46.75");
  const auto record = build(fields);
  EXPECT_THAT(csv_line_rows(record), HasSubstr("\"'=HYPERLINK"));
  EXPECT_THAT(csv_document_row(record), HasSubstr(",-46.75,")) << "a number stays a number";
}

TEST(Csv, RefusesBrokenQuotes) {
  EXPECT_FALSE(read_csv("a,\"b", "test"));
  EXPECT_FALSE(read_csv("a,\"b\"c", "test"));
  EXPECT_FALSE(read_csv("a,b\"c", "test"));
  EXPECT_EQ(read_csv("a,\"b", "x.csv").error().text(), "x.csv: a quote that is not closed at byte 4");
  EXPECT_THAT(*read_csv("a,b\nc,", "test"), ElementsAre(ElementsAre("a", "b"), ElementsAre("c", "")));
}

}  // namespace
}  // namespace docket::store
