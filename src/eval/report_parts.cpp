#include "eval/report_parts.h"

#include <cstdio>

#include "eval/report_style.h"

namespace docket::eval {

std::string fixed(double value, int decimals) {
  char text[48];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

void open_page(HtmlWriter& html, const std::string& title, const std::string& subtitle) {
  html.trusted("<!doctype html>\n").open("html", {{"lang", "en"}}).open("head");
  html.empty_element("meta", {{"charset", "utf-8"}});
  html.empty_element("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
  html.element("title", title).open("style").trusted(kReportStyle).close().close();
  html.open("body").element("h1", title).element("p", subtitle, {{"class", "soft"}});
}

void close_page(HtmlWriter& html) { html.close().close().trusted("\n"); }

void write_row(HtmlWriter& html, const std::string& cell, const std::vector<std::string>& cells) {
  html.open("tr");
  for (std::size_t i = 0; i < cells.size(); ++i) {
    html.element(cell, cells[i], {{"class", i == 0 ? "name" : "number"}});
  }
  html.close();
}

}  // namespace docket::eval
