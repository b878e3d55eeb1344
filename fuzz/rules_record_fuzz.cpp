// Any bytes as a stored line are a record or an Error; a record that was read writes and reads as the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "store/csv.h"
#include "store/json.h"
#include "store/key_value.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto record = docket::store::read_record_line({reinterpret_cast<const char*>(data), size}, "input");
  if (!record) return 0;
  const auto line = docket::store::to_json_line(*record);
  const auto again = docket::store::read_record_line(line, "again");
  CHECK(again && docket::store::to_json_line(*again) == line);
  docket::store::to_key_value(*record);
  docket::store::csv_document_row(*record);
  docket::store::csv_line_rows(*record);
  return 0;
}
