// TextStream: the bytes of a growing reply as text that may be shown, ended by a stop string. Holds back what may still
// change: an incomplete character, and a tail that may become a stop string.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace docket::reply {

class TextStream {
 public:
  // Empty stop strings are passed over.
  explicit TextStream(std::vector<std::string> stop_strings);

  // Adds a token's bytes and returns the text that is now certain; may be empty. After a stop string nothing more
  // comes.
  std::string push(std::string_view bytes);
  // What was held back, at the end of the reply.
  std::string finish();

  bool stopped() const { return stopped_; }
  // The whole text so far, without the stop string and what follows it; equals all returned parts joined after
  // finish().
  const std::string& text() const { return text_; }

 private:
  std::string release(std::size_t count);
  std::vector<std::string> stop_strings_;
  std::string held_;  // raw bytes
  std::string text_;
  bool stopped_ = false;
};

}  // namespace docket::reply
