#include "core/weights/json_fields.h"

#include <cmath>

namespace docket::weights {

JsonFields JsonFields::parse(std::string_view text, const std::string& where) {
  JsonFields out;
  out.where_ = where;
  json parsed = json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_object()) {
    out.error_ =
        Error{ErrorCode::kMalformed, parsed.is_discarded() ? "is not valid JSON" : "is not a JSON object", where};
  } else {
    out.object_ = std::move(parsed);
  }
  return out;
}

void JsonFields::fail(ErrorCode code, const std::string& key, const std::string& reason) {
  if (!error_) error_ = Error{code, reason, where_ + ": " + path_ + key};
}

void JsonFields::require(bool condition, const char* key, const std::string& reason) {
  if (!condition) fail(ErrorCode::kMalformed, key, reason);
}

void JsonFields::supports(bool condition, const char* key, const std::string& reason) {
  if (!condition) fail(ErrorCode::kUnsupported, key, reason);
}

Status JsonFields::status() const { return error_ ? Status(Unexpected{*error_}) : Status(); }

void JsonFields::absorb(const JsonFields& inner) {
  if (!error_) error_ = inner.error_;
}

const JsonFields::json* JsonFields::raw(const char* key) const {
  const auto found = object_.find(key);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

bool JsonFields::has(const char* key) const { return raw(key) != nullptr; }

const JsonFields::json* JsonFields::find(const char* key, bool required) {
  const json* value = raw(key);
  if (value == nullptr && required) fail(ErrorCode::kMalformed, key, "is missing");
  return value;
}

namespace {

std::optional<std::int64_t> as_integer(const nlohmann::json& value) {
  if (!value.is_number_integer()) return std::nullopt;
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{INT64_MAX}) return std::nullopt;
  return value.get<std::int64_t>();
}

std::string bounds(std::int64_t low, std::int64_t high) {
  return "expected a whole number from " + std::to_string(low) + " to " + std::to_string(high);
}

// Values of a stranger's file are shown cut short.
std::string shown(const nlohmann::json& value) {
  std::string text = value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  if (text.size() > 60) text = text.substr(0, 57) + "...";
  return text;
}

}  // namespace

std::int64_t JsonFields::integer(const char* key, std::int64_t low, std::int64_t high) {
  const json* value = find(key, true);
  if (value == nullptr) return low;
  const auto number = as_integer(*value);
  if (number && *number >= low && *number <= high) return *number;
  fail(ErrorCode::kMalformed, key, "is " + shown(*value) + ", " + bounds(low, high));
  return low;
}

std::int64_t JsonFields::integer_or(const char* key, std::int64_t fallback, std::int64_t low, std::int64_t high) {
  return has(key) ? integer(key, low, high) : fallback;
}

double JsonFields::number(const char* key, double low, double high) {
  const json* value = find(key, true);
  if (value == nullptr) return low;
  if (value->is_number()) {
    const auto number = value->get<double>();
    if (std::isfinite(number) && number >= low && number <= high) return number;
  }
  fail(ErrorCode::kMalformed, key,
       "is " + shown(*value) + ", expected a number from " + json(low).dump() + " to " + json(high).dump());
  return low;
}

double JsonFields::number_or(const char* key, double fallback, double low, double high) {
  return has(key) ? number(key, low, high) : fallback;
}

bool JsonFields::boolean_or(const char* key, bool fallback) {
  const json* value = find(key, false);
  if (value == nullptr) return fallback;
  if (value->is_boolean()) return value->get<bool>();
  fail(ErrorCode::kMalformed, key, "is " + shown(*value) + ", expected true or false");
  return fallback;
}

std::string JsonFields::text_or(const char* key, const std::string& fallback) {
  const json* value = find(key, false);
  if (value == nullptr) return fallback;
  if (value->is_string()) return value->get<std::string>();
  fail(ErrorCode::kMalformed, key, "is " + shown(*value) + ", expected a string");
  return fallback;
}

std::vector<std::int64_t> JsonFields::integers(const char* key, std::int64_t low, std::int64_t high) {
  const json* value = find(key, true);
  if (value == nullptr) return {};
  std::vector<std::int64_t> out;
  if (value->is_array()) {
    for (const json& element : *value) {
      const auto number = as_integer(element);
      if (!number || *number < low || *number > high) {
        fail(ErrorCode::kMalformed, key, "holds " + shown(element) + ", " + bounds(low, high));
        return {};
      }
      out.push_back(*number);
    }
    return out;
  }
  fail(ErrorCode::kMalformed, key, "is " + shown(*value) + ", expected a list");
  return {};
}

std::vector<std::int64_t> JsonFields::integers_or_one(const char* key, std::int64_t low, std::int64_t high) {
  const json* value = find(key, false);
  if (value == nullptr) return {};
  if (value->is_array()) return integers(key, low, high);
  return {integer(key, low, high)};
}

std::vector<double> JsonFields::numbers(const char* key, std::size_t count, double low, double high) {
  const json* value = find(key, true);
  std::vector<double> out(count, low);
  if (value == nullptr) return out;
  if (!value->is_array() || value->size() != count) {
    fail(ErrorCode::kMalformed, key, "is " + shown(*value) + ", expected " + std::to_string(count) + " numbers");
    return out;
  }
  for (std::size_t i = 0; i < count; ++i) {
    const json& element = (*value)[i];
    if (!element.is_number() || !(element.get<double>() >= low && element.get<double>() <= high)) {
      fail(ErrorCode::kMalformed, key, "holds " + shown(element) + ", which cannot be");
      return out;
    }
    out[i] = element.get<double>();
  }
  return out;
}

std::vector<std::string> JsonFields::texts_or_empty(const char* key) {
  const json* value = find(key, false);
  std::vector<std::string> out;
  if (value == nullptr) return out;
  if (!value->is_array()) {
    fail(ErrorCode::kMalformed, key, "is " + shown(*value) + ", expected a list of strings");
    return out;
  }
  for (const json& element : *value) {
    if (!element.is_string()) {
      fail(ErrorCode::kMalformed, key, "holds " + shown(element) + ", expected a string");
      return out;
    }
    out.push_back(element.get<std::string>());
  }
  return out;
}

JsonFields JsonFields::object(const char* key) {
  JsonFields inner;
  inner.where_ = where_;
  inner.path_ = path_ + key + ".";
  const json* value = find(key, true);
  if (value != nullptr && value->is_object()) {
    inner.object_ = *value;
  } else if (value != nullptr) {
    fail(ErrorCode::kMalformed, key, "is " + shown(*value) + ", expected an object");
  }
  inner.error_ = error_;
  return inner;
}

}  // namespace docket::weights
