// Any words in any place: read_fields must neither crash nor give a value for a field whose raw text nobody printed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "fields/read_fields.h"

using docket::fields::Context;
using docket::fields::Fields;

// A line feed starts a line, a form feed a page, bytes 1 to 8 widen the gap before the next word, the rest is text; so
// that a seed is simply a receipt in a text file and mutations move words about.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 4096) return 0;
  std::vector<docket::ocr::Words> pages(1);
  float x = 0, y = 0;
  std::string text;
  const auto flush = [&] {
    if (text.empty()) return;
    docket::ocr::Word word;
    word.text = text;
    word.box = {x, y, x + 10 * static_cast<float>(text.size()), y + 20};
    word.confidence = static_cast<float>(text.size() % 10) / 10;
    x = word.box.x1;
    pages.back().words.push_back(word);
    text.clear();
  };
  for (std::size_t i = 0; i < size; ++i) {
    const char c = static_cast<char>(data[i]);
    if (c == '\n' || c == '\f') {
      flush();
      x = 0;
      y += 30;
      if (c == '\f') pages.emplace_back().page_number = static_cast<int>(pages.size());
    } else if (c == ' ' || (c >= 1 && c <= 8)) {
      flush();
      x += c == ' ' ? 10 : 20.0F * static_cast<float>(c);
    } else {
      text += c;
    }
  }
  flush();
  Context context;
  context.today = {2026, 11, 24};
  const Fields fields = docket::fields::read_fields(pages, context);
  for (const auto& [id, field] : fields.scalars) {
    if (!(field.confidence >= 0 && field.confidence <= 1)) std::abort();
    if (field.chosen && field.chosen->value.empty()) std::abort();
  }
  return 0;
}
