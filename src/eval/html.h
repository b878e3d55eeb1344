// eval: a small writer of HTML that cannot forget to escape.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace docket::eval {

// & < > " ' as entities, control characters and invalid UTF-8 replaced: safe as text and as a quoted attribute.
std::string escape_html(std::string_view text);

// Elements are opened and closed in order: open("p", {{"class", "note"}}).text("a < b").close(). Attribute values and
// text are escaped. CHECK: close() has something to close, and take() finds everything closed.
class HtmlWriter {
 public:
  using Attributes = std::vector<std::pair<std::string, std::string>>;

  HtmlWriter& open(const std::string& tag, const Attributes& attributes = {});
  HtmlWriter& close();
  HtmlWriter& text(std::string_view text);
  HtmlWriter& element(const std::string& tag, std::string_view text, const Attributes& attributes = {});
  HtmlWriter& empty_element(const std::string& tag, const Attributes& attributes);  // <img ...>, <rect .../>
  // Written as it is: for our own style sheet and doctype only.
  HtmlWriter& trusted(std::string_view html);
  std::string take();

 private:
  std::string out_;
  std::vector<std::string> open_;
};

}  // namespace docket::eval
