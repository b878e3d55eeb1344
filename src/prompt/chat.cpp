#include "prompt/chat.h"

#include <algorithm>

namespace docket::prompt {
namespace {

std::string header(std::string_view role) {
  return "<|start_header_id|>" + std::string(role) + "<|end_header_id|>\n\n";
}

// What Jinja's trim removes: Python's str.strip of ASCII white space.
std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\n\r\f\v\x1c\x1d\x1e\x1f";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

}  // namespace

Result<std::string> render_chat(std::span<const Message> messages, const ChatOptions& options) {
  std::string_view system;
  if (!messages.empty() && messages[0].role == "system") {
    system = trim(messages[0].text);
    messages = messages.subspan(1);
  }
  const bool has_image = std::any_of(messages.begin(), messages.end(), [](const Message& m) { return m.images > 0; });
  if (has_image && !system.empty()) {
    return make_error(ErrorCode::kInvalidArgument,
                      "this model's chat template takes no system message together with an image; put the instructions "
                      "into the question");
  }
  std::string out(kBeginText);
  if (!has_image) {
    out += header("system") + "Cutting Knowledge Date: December 2023\nToday Date: " + options.date + "\n\n";
    out += system;
    out += "<|eot_id|>";
  }
  for (const Message& message : messages) {
    out += header(message.role);
    for (int i = 0; i < message.images; ++i) out += kImageText;
    out += message.text + "<|eot_id|>";
  }
  if (options.add_generation_prompt) out += header("assistant");
  return out;
}

std::string add_begin_of_text(std::string_view text) {
  if (text.find(kBeginText) != std::string_view::npos) return std::string(text);
  std::size_t images = 0;
  while (text.substr(images).starts_with(kImageText)) images += kImageText.size();
  return std::string(text.substr(0, images)) + std::string(kBeginText) + std::string(text.substr(images));
}

}  // namespace docket::prompt
