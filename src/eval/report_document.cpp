#include "eval/report_document.h"

#include <algorithm>
#include <cstdio>

namespace docket::eval {
namespace {

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::string number(double value) {
  char text[48];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

// A rectangle around the words of one field with its name on a tag above (below, at the top edge).
void write_box(HtmlWriter& html, const DrawnBox& drawn, const Picture& picture) {
  const auto& [name, kind, box] = drawn;
  const double text_height = std::max(picture.width, picture.height) / 75.0;
  const double tag_width = static_cast<double>(name.size()) * text_height * 0.56 + text_height * 0.5;
  const double tag_height = text_height * 1.25;
  const double pad = text_height * 0.12;
  const double x = std::clamp(box[0] - pad, 0.0, std::max(0.0, picture.width - tag_width));
  const double y = box[1] - pad - tag_height >= 0 ? box[1] - pad - tag_height : box[3] + pad;
  html.open("g", {{"class", "box " + kind}, {"data-field", name}});
  html.element("rect", "",
               {{"x", number(box[0] - pad)},
                {"y", number(box[1] - pad)},
                {"width", number(box[2] - box[0] + 2 * pad)},
                {"height", number(box[3] - box[1] + 2 * pad)}});
  html.element("rect", "",
               {{"class", "tag"},
                {"x", number(x)},
                {"y", number(y)},
                {"width", number(tag_width)},
                {"height", number(tag_height)}});
  html.element("text", name,
               {{"x", number(x + text_height * 0.25)},
                {"y", number(y + text_height * 0.95)},
                {"font-size", number(text_height)}});
  html.close();
}

const FieldResult* judged(const DocumentResult& document, const std::string& record_field) {
  for (const FieldResult& field : document.fields) {
    if (field.record_field == record_field) return &field;
  }
  return nullptr;
}

std::vector<DrawnBox> boxes_on(const DocumentResult& document, int page) {
  std::vector<DrawnBox> out;
  for (const auto& [name, field] : document.prediction.fields) {
    if (!field.value || !field.box || field.page != page) continue;
    const FieldResult* result = judged(document, name);
    const bool labelled =
        result != nullptr && result->outcome != Outcome::kBothAbsent && result->outcome != Outcome::kNotLabelled;
    out.push_back({name, labelled ? to_string(result->outcome) : "other", *field.box});
  }
  return out;
}

void write_fields(HtmlWriter& html, const DocumentResult& document) {
  html.open("table").open("tr");
  for (const char* heading : {"field", "truth", "docket", "confidence", "outcome"}) html.element("th", heading);
  html.close();
  for (const FieldResult& field : document.fields) {
    if (field.outcome == Outcome::kBothAbsent || field.outcome == Outcome::kNotLabelled) continue;
    html.open("tr").element("td", field.field);
    const Difference where =
        field.outcome == Outcome::kWrong ? difference(field.expected, field.given) : Difference{{0, 0}, {0, 0}};
    write_marked(html, field.expected, where.a);
    write_marked(html, field.given.empty() ? "NOT_FOUND" : field.given, where.b);
    char confidence[16] = "";
    if (!field.given.empty()) std::snprintf(confidence, sizeof confidence, "%.2f", field.detail.confidence);
    html.element("td", confidence, {{"class", "number"}});
    html.element("td", to_string(field.outcome), {{"class", to_string(field.outcome)}}).close();
  }
  html.close();
}

void write_notes(HtmlWriter& html, const DocumentResult& document) {
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "%.2f s", document.seconds);
  const std::string verdict = document.prediction.verdict;
  html.element("p", seconds + (verdict.empty() ? "" : ", verdict " + verdict), {{"class", "soft"}});
  if (document.prediction.findings.empty()) return;
  html.open("ul", {{"class", "soft"}});
  for (const std::string& finding : document.prediction.findings) html.element("li", finding);
  html.close();
}

}  // namespace

void write_picture(HtmlWriter& html, const std::string& file, const Picture& picture,
                   const std::vector<DrawnBox>& boxes) {
  const std::string width = std::to_string(picture.width), height = std::to_string(picture.height);
  html.open("svg", {{"class", "page"}, {"viewBox", "0 0 " + width + " " + height}, {"role", "img"}});
  html.element("title", file + " page " + std::to_string(picture.page));
  html.element("image", "", {{"href", picture.data_uri}, {"width", width}, {"height", height}});
  for (const DrawnBox& box : boxes) write_box(html, box, picture);
  html.close();
}

void write_marked(HtmlWriter& html, const std::string& text, std::pair<std::size_t, std::size_t> range) {
  const std::string_view view(text);
  html.open("td", {{"class", "value"}}).text(view.substr(0, range.first));
  if (range.second > range.first) html.element("mark", view.substr(range.first, range.second - range.first));
  html.text(view.substr(range.second)).close();
}

void write_document(HtmlWriter& html, const DocumentResult& document, const Result<std::vector<Picture>>& pictures) {
  const bool right =
      document.error.empty() && std::none_of(document.fields.begin(), document.fields.end(),
                                             [](const FieldResult& field) { return is_failure(field.outcome); });
  html.open("section", {{"class", right ? "document right" : "document"}, {"data-file", document.file}});
  html.open("div");
  if (pictures) {
    for (const Picture& picture : *pictures) {
      write_picture(html, document.file, picture, boxes_on(document, picture.page));
    }
  } else {
    html.element("p", "No picture: " + pictures.error().text(), {{"class", "wrong"}});
  }
  html.close().open("div").element("h3", document.file);
  if (!document.error.empty()) html.element("p", "Not read: " + document.error, {{"class", "wrong"}});
  write_fields(html, document);
  write_notes(html, document);
  html.close().close();
}

Difference difference(std::string_view a, std::string_view b) {
  const std::size_t shorter = std::min(a.size(), b.size());
  std::size_t start = 0, end = 0;
  while (start < shorter && a[start] == b[start]) ++start;
  if (start == a.size() && start == b.size()) return {{start, start}, {start, start}};
  while (end < shorter - start && a[a.size() - 1 - end] == b[b.size() - 1 - end]) ++end;
  const auto inside = [](std::string_view text, std::size_t at) {
    return at < text.size() && continues_character(text[at]);
  };
  while (start > 0 && (inside(a, start) || inside(b, start))) --start;
  while (end > 0 && (inside(a, a.size() - end) || inside(b, b.size() - end))) --end;
  return {{start, a.size() - end}, {start, b.size() - end}};
}

}  // namespace docket::eval
