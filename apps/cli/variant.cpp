#include "apps/cli/variant.h"

#include <algorithm>
#include <filesystem>

namespace docket::cli {
namespace {

constexpr std::string_view kPrefix = "DOCKET_";

bool is_key_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Whether `text` begins with KEY=.
bool begins_with_key(std::string_view text) {
  const std::size_t equals = text.find('=');
  return equals != std::string_view::npos && equals > 0 &&
         std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(equals), is_key_character);
}

std::string setting_key(std::string_view key) {
  std::string out(key);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out.starts_with(kPrefix) ? out : std::string(kPrefix) + out;
}

std::size_t end_of_value(std::string_view text) {
  for (std::size_t comma = text.find(','); comma != std::string_view::npos; comma = text.find(',', comma + 1)) {
    if (begins_with_key(text.substr(comma + 1))) return comma;
  }
  return text.size();
}

}  // namespace

Result<Variant> parse_variant(const std::string& flag, const std::string& text) {
  Variant out{text, {}};
  if (text == "default") return out;
  if (text == "built-in") {
    out.flags.push_back({"DOCKET_PROMPTS", flag, ""});
    return out;
  }
  if (!begins_with_key(text)) {
    std::error_code error;
    if (!std::filesystem::is_directory(text, error)) {
      return make_error(ErrorCode::kInvalidArgument,
                        "is \"" + text +
                            "\", expected default, built-in, a folder of prompts, or settings like "
                            "quant=nf4,ask_again=4",
                        flag);
    }
    out.flags.push_back({"DOCKET_PROMPTS", flag, text});
    return out;
  }
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = end_of_value(rest), equals = rest.find('=');
    out.flags.push_back(
        {setting_key(rest.substr(0, equals)), flag, std::string(rest.substr(equals + 1, end - equals - 1))});
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

}  // namespace docket::cli
