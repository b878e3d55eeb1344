#include "reply/text_stream.h"

#include <algorithm>

#include "prompt/byte_level.h"

namespace docket::reply {

TextStream::TextStream(std::vector<std::string> stop_strings) : stop_strings_(std::move(stop_strings)) {
  std::erase(stop_strings_, std::string());
}

std::string TextStream::release(std::size_t count) {
  std::string out = prompt::decode_lossy(std::string_view(held_).substr(0, count));
  held_.erase(0, count);
  text_ += out;
  return out;
}

std::string TextStream::push(std::string_view bytes) {
  if (stopped_) return {};
  held_ += bytes;
  std::size_t stop = std::string::npos;
  for (const std::string& s : stop_strings_) stop = std::min(stop, held_.find(s));
  if (stop != std::string::npos) {
    stopped_ = true;
    held_.resize(stop);
    return release(stop);
  }
  // The longest tail that begins a stop string stays, and so does an incomplete character.
  std::size_t tail = 0;
  for (const std::string& s : stop_strings_) {
    for (std::size_t n = std::min(s.size() - 1, held_.size()); n > tail; --n) {
      if (std::string_view(held_).ends_with(std::string_view(s).substr(0, n))) tail = n;
    }
  }
  const std::string_view safe = std::string_view(held_).substr(0, held_.size() - tail);
  return release(safe.size() - prompt::incomplete_tail(safe));
}

std::string TextStream::finish() {
  if (stopped_) return {};
  return release(held_.size());
}

}  // namespace docket::reply
