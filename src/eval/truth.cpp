#include "eval/truth.h"

#include <algorithm>

#include "core/base/json.h"

namespace docket::eval {
namespace {

constexpr std::int64_t kMostVersions = 1'000'000;

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

Status read_optional_keys(const Json& object, const std::string& where, TruthDocument& document) {
  if (object.contains("kind")) {
    DOCKET_TRY(document.kind, json_text(object, "kind", where));
  }
  if (object.contains("sha256")) {
    DOCKET_TRY(document.sha256, json_text(object, "sha256", where));
  }
  if (object.contains("version")) {
    DOCKET_TRY(const std::int64_t version, json_integer(object, "version", where));
    if (version < 1 || version > kMostVersions) {
      return make_error(ErrorCode::kMalformed, "expected \"version\" to be at least 1", where);
    }
    document.version = static_cast<int>(version);
  }
  if (const auto partial = object.find("partial"); partial != object.end()) {
    if (!partial->is_boolean()) {
      return make_error(ErrorCode::kMalformed, "expected \"partial\" to be true or false", where);
    }
    document.partial = partial->get<bool>();
  }
  return {};
}

Result<TruthDocument> parse_line(std::string_view line, const std::string& where, const std::filesystem::path& folder) {
  DOCKET_TRY(const Json object, parse_json(line, where));
  TruthDocument document;
  DOCKET_TRY(document.file, json_text(object, "file", where));
  document.path = folder / document.file;  // an absolute file replaces the folder
  DOCKET_TRY_VOID(read_optional_keys(object, where, document));
  const auto truth = object.find("truth");
  if (truth == object.end() || !truth->is_object()) {
    return make_error(ErrorCode::kMalformed, "expected \"truth\" to be an object", where);
  }
  for (const auto& [name, value] : truth->items()) {
    if (value.is_null()) {
      document.absent.insert(name);
    } else if (value.is_structured()) {
      document.not_scalar.push_back(name);
    } else {
      document.values[name] = value.is_string() ? value.get<std::string>() : value.dump();
    }
  }
  return document;
}

// What a later line says of a field replaces what earlier ones did.
void revise(TruthDocument& document, const TruthDocument& later) {
  const auto forget = [&](const std::string& field) {
    document.values.erase(field);
    document.absent.erase(field);
    std::erase(document.not_scalar, field);
  };
  for (const auto& [field, value] : later.values) {
    forget(field);
    document.values[field] = value;
  }
  for (const std::string& field : later.absent) {
    forget(field);
    document.absent.insert(field);
  }
  for (const std::string& field : later.not_scalar) {
    forget(field);
    document.not_scalar.push_back(field);
  }
  if (!later.kind.empty()) document.kind = later.kind;
  if (!later.sha256.empty()) document.sha256 = later.sha256;
  document.version = later.version;
}

// The latest document of that name, which a line with a version above 1 revises.
Result<TruthDocument*> revised_by(std::vector<TruthDocument>& documents, const TruthDocument& line,
                                  const std::string& where) {
  const auto found = std::find_if(documents.rbegin(), documents.rend(),
                                  [&](const TruthDocument& document) { return document.file == line.file; });
  const int known = found == documents.rend() ? 0 : found->version;
  if (line.version == known + 1) return &*found;
  return make_error(ErrorCode::kMalformed,
                    "is version " + std::to_string(line.version) + " of " + line.file + ", expected version " +
                        std::to_string(known + 1),
                    where);
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
    if (document.version > 1) {
      DOCKET_TRY(TruthDocument* const earlier, revised_by(documents, document, where));
      revise(*earlier, document);
    } else {
      documents.push_back(std::move(document));
    }
  }
  if (documents.empty()) {
    return make_error(ErrorCode::kInvalidArgument, "holds no document, expected JSON lines", truth_file.string());
  }
  return documents;
}

}  // namespace docket::eval
