// The printed legend that explains the tax marks on item lines: "* = GST applies", "# indicates non-taxable items",
// "Items marked G are GST free". Marks are a shop's own and sometimes inverted, so only the legend decides.
#include <string>
#include <string_view>

#include "fields/finders.h"
#include "fields/line_items.h"
#include "fields/text_match.h"

namespace docket::fields {
namespace {

bool is_mark(const std::string& text) {
  if (text.size() == 1)
    return std::string_view("*#%^+&~").find(text[0]) != std::string_view::npos || is_letter(text[0]);
  return false;
}

std::optional<std::string> mark_on(const Line& line) {
  const std::string& head = line.tokens[0].text;
  if (is_mark(head)) return head;
  for (std::size_t i = 1; i < line.tokens.size(); ++i) {
    const std::string before = fold(line.tokens[i - 1].text);
    if ((before == "MARKED" || before == "WITH") && is_mark(line.tokens[i].text)) return line.tokens[i].text;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Legend> read_legend(const Document& document) {
  for (const Line& line : document.layout.lines) {
    if (line.tokens.size() < 2 || line.tokens.size() > 9 || count_digits(line.text) > 0) continue;
    const auto mark = mark_on(line);
    if (!mark) continue;
    const bool free = find_phrase(line, "GST FREE") || find_phrase(line, "NON TAXABLE") ||
                      find_phrase(line, "NO GST") || find_phrase(line, "NOT TAXABLE");
    const bool taxed = find_phrase(line, "TAXABLE") || find_phrase(line, "GST APPLIES") || find_phrase(line, "GST");
    if (!free && !taxed) continue;
    Legend legend;
    legend.mark = is_letter((*mark)[0]) ? fold(*mark) : *mark;
    legend.marked = free ? "FRE" : "GST";
    legend.plain = free ? "GST" : "FRE";
    legend.text = line.text;
    return legend;
  }
  return std::nullopt;
}

std::optional<std::string> find_gst_legend(const Document& document) {
  const auto legend = read_legend(document);
  if (!legend) return std::nullopt;
  return legend->text;
}

}  // namespace docket::fields
