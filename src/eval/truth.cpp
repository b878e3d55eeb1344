#include "eval/truth.h"

#include "core/base/json.h"

namespace docket::eval {
namespace {

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

Result<TruthDocument> parse_line(std::string_view line, const std::string& where, const std::filesystem::path& folder) {
  DOCKET_TRY(const Json object, parse_json(line, where));
  TruthDocument document;
  DOCKET_TRY(document.file, json_text(object, "file", where));
  document.path = folder / document.file;  // an absolute file replaces the folder
  if (object.contains("kind")) {
    DOCKET_TRY(document.kind, json_text(object, "kind", where));
  }
  const auto truth = object.find("truth");
  if (truth == object.end() || !truth->is_object()) {
    return make_error(ErrorCode::kMalformed, "expected \"truth\" to be an object", where);
  }
  for (const auto& [name, value] : truth->items()) {
    if (value.is_null()) continue;
    if (value.is_structured()) {
      document.not_scalar.push_back(name);
    } else {
      document.values[name] = value.is_string() ? value.get<std::string>() : value.dump();
    }
  }
  return document;
}

}  // namespace

Result<std::vector<TruthDocument>> parse_truth(std::string_view text, const std::filesystem::path& truth_file) {
  std::vector<TruthDocument> documents;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (is_blank(line)) continue;
    const std::string where = truth_file.string() + " line " + std::to_string(number);
    DOCKET_TRY(TruthDocument document, parse_line(line, where, truth_file.parent_path()));
    documents.push_back(std::move(document));
  }
  if (documents.empty()) {
    return make_error(ErrorCode::kInvalidArgument, "holds no document, expected JSON lines", truth_file.string());
  }
  return documents;
}

}  // namespace docket::eval
