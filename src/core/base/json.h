// JSON from the outside: parsed without exceptions and with a limit on nesting, read by key with Errors that name it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace docket {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;  // keeps the order of keys; for output

// Deeper than any document of ours; a parse tree deeper than this would recurse too far when it is written or freed.
inline constexpr int kMaxJsonDepth = 100;

// Errors: kMalformed with `where` and the byte, kLimitExceeded for nesting deeper than kMaxJsonDepth.
Result<Json> parse_json(std::string_view text, const std::string& where);

// The member `key` of `object`. Errors: kMalformed when `object` is not an object, the key is missing or its type is
// another; the message names the key, `where` the place.
Result<std::string> json_text(const Json& object, const char* key, const std::string& where);
Result<double> json_number(const Json& object, const char* key, const std::string& where);
Result<std::int64_t> json_integer(const Json& object, const char* key, const std::string& where);

// One line without a line break, invalid UTF-8 replaced by U+FFFD; never throws.
std::string json_line(const OrderedJson& value);
std::string json_line(const Json& value);

}  // namespace docket
