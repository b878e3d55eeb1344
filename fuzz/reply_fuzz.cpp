// Any reply: parse_reply must not crash, every value must be bytes of the reply, and none may be empty.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "fields/model_reply.h"
#include "fields/reply_parser.h"

// The first byte chooses how the reply was asked for and whether it was cut off; the rest is the reply.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1 || size > 8192) return 0;
  const std::string_view reply(reinterpret_cast<const char*>(data) + 1, size - 1);
  docket::fields::ParseOptions options;
  options.cut_off = (data[0] & 1) != 0;
  const auto field =
      static_cast<docket::fields::FieldId>((data[0] >> 1) % static_cast<int>(docket::fields::FieldId::kCount));
  if ((data[0] & 0x80) != 0) options.asked = docket::fields::to_string(field);
  for (const auto& value : docket::fields::parse_reply(reply, options).values) {
    if (value.text.empty() || value.span.empty() || value.span.end > reply.size()) std::abort();
    const std::string_view bytes = reply.substr(value.span.begin, value.span.end - value.span.begin);
    const bool escaped = value.form == docket::fields::ReplyForm::kJson && bytes.find('\\') != std::string_view::npos;
    if (!escaped && bytes.find(value.text) == std::string_view::npos) std::abort();
  }
  docket::fields::ModelReply whole;
  whole.text = reply;
  whole.cut_off = options.cut_off;
  docket::fields::Context context;
  context.today = {2026, 11, 24};
  docket::fields::Candidates candidates;
  docket::fields::find_in_replies({whole}, {}, context, candidates);
  docket::fields::items_in_replies({whole});
  docket::fields::payments_in_replies({whole});
  return 0;
}
