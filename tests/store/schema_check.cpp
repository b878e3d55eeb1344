#include "tests/store/schema_check.h"

#include <fstream>
#include <memory>
#include <sstream>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace docket::store {
namespace {

using valijson::adapters::NlohmannJsonAdapter;

std::unique_ptr<valijson::Schema> load() {
  auto schema = std::make_unique<valijson::Schema>();
  const Json json = read_schema();
  const NlohmannJsonAdapter adapter(json);
  valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(adapter, *schema);
  return schema;
}

}  // namespace

Json read_schema() {
  std::ifstream file("schemas/record.schema.json");
  std::stringstream text;
  text << file.rdbuf();
  return Json::parse(text.str());
}

std::string schema_violations(const std::string& line) {
  static const auto schema = load();
  const auto json = parse_json(line, "output");
  if (!json) return json.error().text();
  valijson::Validator validator;
  valijson::ValidationResults results;
  const NlohmannJsonAdapter adapter(*json);
  if (validator.validate(*schema, adapter, &results)) return "";
  std::string out;
  for (const auto& error : results) {
    for (const auto& part : error.context) out += part;
    out += ": " + error.description + "\n";
  }
  return out.empty() ? "does not fit the schema" : out;
}

}  // namespace docket::store
