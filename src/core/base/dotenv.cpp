#include "core/base/dotenv.h"

#include <optional>

namespace docket {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r'; }
bool starts_key(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; }
bool continues_key(char c) { return starts_key(c) || (c >= '0' && c <= '9'); }

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool only_comment(std::string_view rest) {
  rest = trim(rest);
  return rest.empty() || rest.front() == '#';
}

char unescape(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    default:
      return c;
  }
}

// `text` begins with its quote. nullopt when the quote is not closed on the line or something follows it.
std::optional<std::string> quoted_value(std::string_view text) {
  const char quote = text.front();
  std::string out;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == quote) return only_comment(text.substr(i + 1)) ? std::optional(out) : std::nullopt;
    if (quote == '"' && text[i] == '\\' && i + 1 < text.size()) {
      out.push_back(unescape(text[++i]));
    } else {
      out.push_back(text[i]);
    }
  }
  return std::nullopt;
}

std::string bare_value(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '#' && (i == 0 || is_space(text[i - 1]))) return std::string(trim(text.substr(0, i)));
  }
  return std::string(trim(text));
}

// nullopt: a line that sets nothing.
Result<std::optional<DotEnvEntry>> parse_line(std::string_view line, int number, const std::string& where) {
  const auto malformed = [&](const char* what) {
    return make_error(ErrorCode::kMalformed, "line " + std::to_string(number) + ": " + what, where);
  };
  if (line.find('\0') != std::string_view::npos) return malformed("holds a NUL byte");
  line = trim(line);
  if (line.empty() || line.front() == '#') return std::optional<DotEnvEntry>();
  if (line.starts_with("export ") || line.starts_with("export\t")) line = trim(line.substr(7));
  std::size_t key_end = 0;
  while (key_end < line.size() && continues_key(line[key_end])) ++key_end;
  if (key_end == 0 || !starts_key(line.front())) return malformed("expected KEY=VALUE");
  const std::string_view rest = trim(line.substr(key_end));
  if (rest.empty() || rest.front() != '=') return malformed("expected = after the key");
  const std::string_view text = trim(rest.substr(1));

  DotEnvEntry entry{std::string(line.substr(0, key_end)), "", number};
  if (!text.empty() && (text.front() == '"' || text.front() == '\'')) {
    auto value = quoted_value(text);
    if (!value) return malformed("expected the closing quote at the end of the value");
    entry.value = *std::move(value);
  } else {
    entry.value = bare_value(text);
  }
  return std::optional(std::move(entry));
}

}  // namespace

Result<std::vector<DotEnvEntry>> parse_dotenv(std::string_view text, const std::string& where) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::vector<DotEnvEntry> entries;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    DOCKET_TRY(auto entry, parse_line(text.substr(0, end), number, where));
    if (entry) entries.push_back(*std::move(entry));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return entries;
}

}  // namespace docket
