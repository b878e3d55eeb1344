// Any bytes are CSV or an Error; rows that were read write and read as the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "store/csv.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto rows = docket::store::read_csv({reinterpret_cast<const char*>(data), size}, "input");
  if (!rows) return 0;
  std::string text;
  for (const auto& row : *rows) text += docket::store::csv_row(row);
  const auto again = docket::store::read_csv(text, "again");
  CHECK(again && *again == *rows);
  return 0;
}
