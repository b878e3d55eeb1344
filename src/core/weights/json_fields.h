// JsonFields: typed, range-checked access to the fields of one JSON object. The first thing wrong is kept as the error,
// later reads give harmless values, and the caller asks once at the end: readers stay lists of fields.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace docket::weights {

class JsonFields {
 public:
  using json = nlohmann::json;

  // `text` as an object; `where` names the file. Text that is no JSON object is this reader's first error.
  static JsonFields parse(std::string_view text, const std::string& where);

  // A field that is missing or null; numbers must be in [low, high].
  bool has(const char* key) const;
  std::int64_t integer(const char* key, std::int64_t low, std::int64_t high);
  std::int64_t integer_or(const char* key, std::int64_t fallback, std::int64_t low, std::int64_t high);
  double number(const char* key, double low, double high);
  double number_or(const char* key, double fallback, double low, double high);
  bool boolean_or(const char* key, bool fallback);
  std::string text_or(const char* key, const std::string& fallback);
  std::vector<std::int64_t> integers(const char* key, std::int64_t low, std::int64_t high);
  // One number or a list of them, as eos_token_id is; empty when absent.
  std::vector<std::int64_t> integers_or_one(const char* key, std::int64_t low, std::int64_t high);
  std::vector<double> numbers(const char* key, std::size_t count, double low, double high);
  std::vector<std::string> texts_or_empty(const char* key);
  JsonFields object(const char* key);  // shares this reader's error: give it back with absorb()
  const json* raw(const char* key) const;

  void absorb(const JsonFields& inner);
  void fail(ErrorCode code, const std::string& key, const std::string& reason);
  // The value was read, but is one that docket does not compute.
  void require(bool condition, const char* key, const std::string& reason);
  void supports(bool condition, const char* key, const std::string& reason);
  bool ok() const { return !error_.has_value(); }
  Status status() const;

 private:
  const json* find(const char* key, bool required);
  json object_ = json::object();
  std::string where_;
  std::string path_;  // "text_config."
  std::optional<Error> error_;
};

}  // namespace docket::weights
