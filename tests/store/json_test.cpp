#include "store/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "record/schema.h"
#include "record/typed.h"
#include "tests/record/example.h"
#include "tests/store/schema_check.h"

namespace docket::store {
namespace {

using fields::FieldId;
using record::Record;
using ::testing::HasSubstr;
using ::testing::Not;

// A record with something of everything, and things that are hard to write.
Record rich_record() {
  auto fields = record::invoice_over("1100.00", "100.00");
  record::set(fields, FieldId::kBuyerName, "Zo\xC3\xAB \"Q\" O'Brien\nand | Co \xF0\x9F\xA7\xBE");
  record::set(fields, FieldId::kOperator, "bad \xFF utf8");
  record::set(fields, FieldId::kSupplierAcn, "008 672 178");
  record::set(fields, FieldId::kLitres, "45.123");
  record::set(fields, FieldId::kSupplierName, "Bunnings", 0.123456);
  fields.line_items[0].quantity = "2.5";
  fields.line_items[0].unit_price = "440";
  fields.line_items[0].gst_marker = "*";
  fields.payments[0].card_last4 = "2027";
  fields.payments[0].account_type = "SAV";
  fields::Why& why = fields.scalars.at(FieldId::kTotalAmount).why;
  why.by = fields::SettledBy::kScore;
  why.readings = {
      {"1100.00", {fields::Reader::kOcr, 1, {10, 20, 110, 40}, "$1,100.00", 0.9, "TOTAL"}, 0.91236},
      {"110.00", {fields::Reader::kVlm, 1, {}, "110 \xFF", 0.7, "TOTAL_AMOUNT", "all.general@1 nano"}, 0.4}};
  why.reasons = {{"total.kind_total", 3.6}, {"sums", -0.314159}};
  why.rival = "110.00";
  why.margin = 1.23456;
  why.needed = 0.5;
  why.changes = {{"total.kind_total", "110.00"}, {"sums", std::nullopt}};
  auto context = record::plain_context();
  context.receipts = 3;
  context.receipt = 2;
  context.perceptual_hash = std::string(64, '5');
  context.notes = {"no_text"};
  auto record = build_record(fields, context);
  record.timing_ms = {{"ocr", 812.34}, {"page", 12}};
  return record;
}

TEST(Json, WrittenReadAndWrittenAgainIsTheSame) {
  for (const auto& record : {rich_record(), build_record(record::plain_invoice(), record::plain_context()),
                             build_record(record::nothing_read(), record::plain_context())}) {
    const std::string line = to_json_line(record);
    const auto read = read_record_line(line, "test");
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(to_json_line(*read), line);
    EXPECT_EQ(read->fields.size(), record.fields.size());
    EXPECT_EQ(read->line_items.size(), record.line_items.size());
    EXPECT_EQ(record::cents_of(*read, "total_amount"), record::cents_of(record, "total_amount"));
    EXPECT_EQ(read->verdict.result, record.verdict.result);
    EXPECT_EQ(read->verdict.checks.size(), record.verdict.checks.size());
    EXPECT_EQ(read->receipt, record.receipt);
  }
}

TEST(Json, WhyIsKept) {
  const auto read = read_record_line(to_json_line(rich_record()), "test");
  ASSERT_TRUE(read) << read.error().text();
  const fields::Why& why = record::field(*read, "total_amount").why;
  EXPECT_EQ(why.by, fields::SettledBy::kScore);
  ASSERT_EQ(why.readings.size(), 2U);
  EXPECT_EQ(why.readings[0].evidence.reader, fields::Reader::kOcr);
  EXPECT_EQ(why.readings[0].evidence.label, "TOTAL");
  EXPECT_EQ(why.readings[0].confidence, 0.9124);
  EXPECT_EQ(why.readings[1].value, "110.00");
  EXPECT_EQ(why.readings[1].evidence.source, "all.general@1 nano");
  ASSERT_EQ(why.reasons.size(), 2U);
  EXPECT_EQ(why.reasons[1].amount, -0.31);
  EXPECT_EQ(why.rival, "110.00");
  EXPECT_EQ(why.margin, 1.23);
  ASSERT_EQ(why.changes.size(), 2U);
  EXPECT_EQ(why.changes[0].then, "110.00");
  EXPECT_FALSE(why.changes[1].then);
  EXPECT_TRUE(record::field(*read, "buyer_abn").why.readings.empty());
}

TEST(Json, FitsItsSchema) {
  for (const auto& record : {rich_record(), build_record(record::plain_invoice(), record::plain_context()),
                             build_record(record::nothing_read(), record::plain_context())}) {
    EXPECT_EQ(schema_violations(to_json_line(record)), "");
    EXPECT_EQ(schema_violations(to_json_text(record)), "");
  }
  EXPECT_EQ(schema_violations(error_line("a.jpg", "", {ErrorCode::kMalformed, "broken", ""})), "");
}

TEST(Json, TheSchemaRefusesWhatIsNotARecord) {
  const std::string line = to_json_line(rich_record());
  const auto with = [&](const char* path, const Json& value) {
    Json json = *parse_json(line, "test");
    json[Json::json_pointer(path)] = value;
    return json.dump();
  };
  EXPECT_NE(schema_violations(with("/fields/total_amount/value", 12.5)), "") << "money is text";
  EXPECT_NE(schema_violations(with("/fields/total_amount/value", "12.5")), "");
  EXPECT_NE(schema_violations(with("/fields/supplier_abn/value", "51 824 753 556")), "");
  EXPECT_NE(schema_violations(with("/fields/invoice_date/value", "14/03/2024")), "");
  EXPECT_NE(schema_violations(with("/fields/invoice_date/value", nullptr)), "") << "without a reason";
  EXPECT_NE(schema_violations(with("/fields/new_field", "x")), "");
  EXPECT_NE(schema_violations(with("/verdict/result", "GOOD")), "");
  EXPECT_NE(schema_violations(with("/payments/0/card_last4", "12345")), "");
  EXPECT_NE(schema_violations("{}"), "");
}

TEST(Json, TheSchemaNamesEveryField) {
  const auto schema = read_schema();
  const auto& named = schema["definitions"]["record"]["properties"]["fields"]["properties"];
  EXPECT_EQ(named.size(), record::schema().size());
  for (const auto& spec : record::schema()) EXPECT_TRUE(named.contains(std::string(spec.name))) << spec.name;
}

TEST(Json, HasTheDocumentedForm) {
  const auto json = *parse_json(to_json_line(rich_record()), "test");
  const auto& total = json["fields"]["total_amount"];
  EXPECT_EQ(total["value"], "1100.00");
  EXPECT_EQ(total["page"], 1);
  EXPECT_EQ(total["box"], (Json{10.0, 20.0, 110.0, 40.0}));
  EXPECT_EQ(total["reader"], "ocr");
  EXPECT_EQ(json["fields"]["tax_invoice_wording"]["value"], true);
  EXPECT_EQ(json["fields"]["supplier_name"]["confidence"], 0.1235);
  EXPECT_EQ(json["fields"]["due_date"]["value"], nullptr);
  EXPECT_EQ(json["fields"]["due_date"]["absent_reason"], "not_seen");
  EXPECT_EQ(json["fields"]["supplier_address"]["parts"]["postcode"], "2150");
  EXPECT_EQ(json["timing_ms"]["ocr"], 812.3);
}

TEST(Json, KeysStandInTheOrderOfTheSchema) {
  const auto json = to_json(rich_record());
  std::vector<std::string> names;
  for (const auto& [name, value] : json["fields"].items()) names.push_back(name);
  std::vector<std::string> wanted;
  for (const auto& spec : record::schema()) wanted.emplace_back(spec.name);
  EXPECT_EQ(names, wanted);
}

TEST(Json, LeavesTimingsOutWhenAsked) {
  EXPECT_THAT(to_json_line(rich_record(), {.timings = true}), HasSubstr("timing_ms"));
  EXPECT_THAT(to_json_line(rich_record(), {.timings = false}), Not(HasSubstr("timing_ms")));
}

// Every value of a good line replaced by others, one at a time: an Error or a record, never a crash, and a record
// writes again.
TEST(Json, ReadingSpoiledLinesIsAnErrorOrARecord) {
  const Json good = *parse_json(to_json_line(rich_record()), "test");
  int refused = 0;
  int spoiled = 0;
  int place = 0;
  const Json leaves = good.flatten();
  const std::vector<Json> others = {Json(nullptr), Json(true),       Json(-1),      Json(1e300),
                                    Json("x"),     Json::array({1}), Json::object()};
  for (const auto& [path, leaf] : leaves.items()) {
    // Every third place: enough of each kind, and a debug build under load stays within its time.
    if (++place % 3 != 0) continue;
    const Json& other = others[static_cast<std::size_t>(spoiled) % others.size()];
    Json json = good;
    json[Json::json_pointer(path)] = other;
    const auto read = read_record(json, "test");
    ++spoiled;
    refused += read ? 0 : 1;
    if (read) {
      EXPECT_FALSE(to_json_line(*read).empty());
    } else {
      EXPECT_FALSE(read.error().message.empty());
    }
  }
  EXPECT_GT(refused, spoiled / 2);
}

TEST(Json, ErrorsNameThePlace) {
  Json json = *parse_json(to_json_line(rich_record()), "test");
  json["fields"]["gst_amount"]["confidence"] = "high";
  const auto read = read_record(json, "a.jsonl:3");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().text(), "a.jsonl:3.fields.gst_amount: expected \"confidence\" to be a number");
}

}  // namespace
}  // namespace docket::store
