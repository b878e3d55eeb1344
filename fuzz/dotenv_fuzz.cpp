// Any bytes are a .env file or an Error; what was read obeys the contract of core/base/dotenv.h.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/dotenv.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto entries = docket::parse_dotenv({reinterpret_cast<const char*>(data), size}, ".env");
  if (!entries) return 0;
  int last_line = 0;
  for (const docket::DotEnvEntry& entry : *entries) {
    CHECK(!entry.key.empty() && (entry.key.front() < '0' || entry.key.front() > '9'));
    CHECK(entry.line > last_line);
    CHECK(entry.value.find('\0') == std::string::npos);
    last_line = entry.line;
  }
  return 0;
}
