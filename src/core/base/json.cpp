#include "core/base/json.h"

namespace docket {
namespace {

// The deepest nesting of brackets outside strings. Counted before parsing, so that a hostile text costs one pass.
int nesting_depth(std::string_view text) {
  int depth = 0, deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return deepest;
}

// Not a Result<const Json*>: a missing key and a wrong type read alike to the caller.
const Json* member(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

Unexpected wrong_member(const char* key, const char* expected, const std::string& where) {
  return make_error(ErrorCode::kMalformed, std::string("expected \"") + key + "\" to be " + expected, where);
}

}  // namespace

Result<Json> parse_json(std::string_view text, const std::string& where) {
  if (nesting_depth(text) > kMaxJsonDepth) {
    return make_error(ErrorCode::kLimitExceeded, "JSON nested deeper than " + std::to_string(kMaxJsonDepth), where);
  }
  try {
    return Json::parse(text.begin(), text.end());
  } catch (const Json::parse_error& error) {
    return make_error(ErrorCode::kMalformed, "not JSON at byte " + std::to_string(error.byte), where);
  } catch (const std::exception& error) {  // a number that no double holds
    return make_error(ErrorCode::kMalformed, std::string("not JSON: ") + error.what(), where);
  }
}

Result<std::string> json_text(const Json& object, const char* key, const std::string& where) {
  const Json* found = member(object, key);
  if (found == nullptr || !found->is_string()) return wrong_member(key, "a text", where);
  return found->get<std::string>();
}

Result<double> json_number(const Json& object, const char* key, const std::string& where) {
  const Json* found = member(object, key);
  if (found == nullptr || !found->is_number()) return wrong_member(key, "a number", where);
  return found->get<double>();
}

Result<std::int64_t> json_integer(const Json& object, const char* key, const std::string& where) {
  const Json* found = member(object, key);
  if (found == nullptr || !found->is_number_integer()) return wrong_member(key, "a whole number", where);
  return found->get<std::int64_t>();
}

std::string json_line(const OrderedJson& value) {
  return value.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

std::string json_line(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace docket
