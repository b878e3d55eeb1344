#include "eval/html.h"

#include "core/base/check.h"
#include "core/base/utf8.h"

namespace docket::eval {

std::string escape_html(std::string_view text) {
  std::string out;
  for (const char c : repair_utf8(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? ' ' : c;
    }
  }
  return out;
}

HtmlWriter& HtmlWriter::open(const std::string& tag, const Attributes& attributes) {
  empty_element(tag, attributes);
  open_.push_back(tag);
  return *this;
}

HtmlWriter& HtmlWriter::close() {
  CHECK(!open_.empty());
  out_ += "</" + open_.back() + ">";
  open_.pop_back();
  return *this;
}

HtmlWriter& HtmlWriter::text(std::string_view text) {
  out_ += escape_html(text);
  return *this;
}

HtmlWriter& HtmlWriter::element(const std::string& tag, std::string_view content, const Attributes& attributes) {
  return open(tag, attributes).text(content).close();
}

HtmlWriter& HtmlWriter::empty_element(const std::string& tag, const Attributes& attributes) {
  out_ += "<" + tag;
  for (const auto& [name, value] : attributes) out_ += " " + name + "=\"" + escape_html(value) + "\"";
  out_ += ">";
  return *this;
}

HtmlWriter& HtmlWriter::trusted(std::string_view html) {
  out_ += html;
  return *this;
}

std::string HtmlWriter::take() {
  CHECK(open_.empty(), "<%s> is still open", open_.empty() ? "" : open_.back().c_str());
  return std::move(out_);
}

}  // namespace docket::eval
