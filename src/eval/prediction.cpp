#include "eval/prediction.h"

namespace docket::eval {
namespace {

std::string text_or_empty(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<std::array<double, 4>> read_box(const Json& field) {
  const auto box = field.find("box");
  if (box == field.end() || !box->is_array() || box->size() != 4) return std::nullopt;
  std::array<double, 4> out{};
  for (std::size_t i = 0; i < 4; ++i) {
    if (!(*box)[i].is_number()) return std::nullopt;
    out[i] = (*box)[i].get<double>();
  }
  return out;
}

std::optional<std::string> value_text(const Json& value) {
  if (value.is_null()) return std::nullopt;
  return value.is_string() ? value.get<std::string>() : value.dump();
}

Result<GivenField> read_field(const Json& field, const std::string& where) {
  GivenField out;
  if (field.is_null()) return out;
  if (!field.is_object()) return make_error(ErrorCode::kMalformed, "expected a field to be an object or null", where);
  if (const auto value = field.find("value"); value != field.end()) out.value = value_text(*value);
  out.raw = text_or_empty(field, "raw");
  out.reader = text_or_empty(field, "reader");
  out.absent_reason = text_or_empty(field, "absent_reason");
  if (const auto it = field.find("confidence"); it != field.end() && it->is_number()) out.confidence = *it;
  if (const auto it = field.find("page"); it != field.end() && it->is_number_integer()) out.page = *it;
  out.box = read_box(field);
  return out;
}

}  // namespace

Result<Prediction> read_prediction(const Json& line, const std::string& where) {
  Prediction out;
  DOCKET_TRY(out.file, json_text(line, "file", where));
  if (const auto error = line.find("error"); error != line.end() && !error->is_null()) {
    out.error = error->is_object() ? text_or_empty(*error, "message") : value_text(*error).value_or("");
    if (out.error.empty()) out.error = "failed";
    return out;
  }
  const auto fields = line.find("fields");
  if (fields == line.end() || !fields->is_object()) {
    return make_error(ErrorCode::kMalformed, "expected \"fields\" to be an object", where);
  }
  for (const auto& [name, field] : fields->items()) {
    DOCKET_TRY(out.fields[name], read_field(field, std::string(where).append(" ").append(name)));
  }
  if (const auto items = line.find("line_items"); items != line.end() && items->is_array()) {
    out.line_items = static_cast<int>(items->size());
  }
  if (const auto it = line.find("verdict"); it != line.end() && it->is_object()) {
    out.verdict = text_or_empty(*it, "result");
  }
  if (const auto findings = line.find("findings"); findings != line.end() && findings->is_array()) {
    for (const Json& finding : *findings) {
      if (finding.is_object())
        out.findings.push_back(text_or_empty(finding, "id") + ": " + text_or_empty(finding, "message"));
    }
  }
  return out;
}

}  // namespace docket::eval
