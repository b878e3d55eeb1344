// Any bytes are JSON or an Error; what was read can be written and read again as the same value.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto value = docket::parse_json({reinterpret_cast<const char*>(data), size}, "input");
  if (!value) return 0;
  const auto again = docket::parse_json(docket::json_line(*value), "again");
  CHECK(again && *again == *value);
  return 0;
}
