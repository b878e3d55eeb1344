// Any bytes are a tokenizer or an Error; a tokenizer encodes any text, and what it encodes it can write again.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/check.h"
#include "prompt/byte_level.h"
#include "prompt/tokenizer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto tokenizer = docket::prompt::Tokenizer::parse(input, "input");
  if (!tokenizer) return 0;
  for (const std::string_view text : {std::string_view("Date: 05/03/2024\n TOTAL $1.50  "), input.substr(0, 200)}) {
    const auto ids = tokenizer->encode(text, true);
    if (!ids) continue;
    for (const auto id : *ids) CHECK(id >= 0 && id < tokenizer->size(), "id %d", id);
    const std::string written = tokenizer->detokenize(*ids, false);
    CHECK(docket::prompt::decode_lossy(written) == written);
  }
  return 0;
}
