// The chat template of the Llama-3.2-Vision Instruct checkpoints, built in (the checkpoint's own is a program in
// Jinja).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace docket::prompt {

inline constexpr std::string_view kImageText = "<|image|>";
inline constexpr std::string_view kBeginText = "<|begin_of_text|>";

// One message. `images` are placed before the text, as the model was trained: an image is visible only to the text
// after it. "<|image|>" written inside `text` is passed through as it is.
struct Message {
  std::string role;  // "system", "user", "assistant", "ipython"
  std::string text;
  int images = 0;
};

struct ChatOptions {
  std::string date = "26 Jul 2024";  // "Today Date", e.g. "05 Mar 2024"; only in prompts without an image
  bool add_generation_prompt = true;
};

// The whole prompt, which begins with BOS: encode it without special tokens. A leading system message is stripped of
// outer white space; without an image the system block is always there. Errors: kInvalidArgument for a system message
// together with an image, which the template forbids.
Result<std::string> render_chat(std::span<const Message> messages, const ChatOptions& options = {});

// The processor's rule for a prompt that is no chat: when BOS occurs nowhere in it, BOS goes behind any leading images.
std::string add_begin_of_text(std::string_view text);

}  // namespace docket::prompt
