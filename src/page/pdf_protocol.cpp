#include "page/pdf_protocol.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <utility>

#include "core/base/utf8.h"

namespace docket::page::pdf {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are sent as they lie in memory");

constexpr std::array<std::uint8_t, 3> kMagic = {'D', 'K', 'P'};
constexpr std::uint8_t kOpened = 1, kRender = 2, kRendered = 3, kRefused = 4;
constexpr std::uint32_t kLongestSide = 1 << 20;
constexpr double kMostDpi = 10000;

class Writer {
 public:
  template <typename T>
  void put(T value) {
    static_assert(std::is_arithmetic_v<T>);
    const auto* from = reinterpret_cast<const std::uint8_t*>(&value);
    bytes_.insert(bytes_.end(), from, from + sizeof value);
  }
  template <typename Container>
  void put_all(const Container& content) {
    bytes_.insert(bytes_.end(), content.begin(), content.end());
  }
  Bytes& bytes() { return bytes_; }

 private:
  Bytes bytes_;
};

class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> bytes) : left_(bytes) {}

  // A value, or 0 and failed() when the bytes do not reach.
  template <typename T>
  T get() {
    T value{};
    const auto from = take(sizeof value);
    if (!from.empty()) std::memcpy(&value, from.data(), sizeof value);
    return value;
  }
  std::span<const std::uint8_t> take(std::size_t count) {
    if (count > left_.size()) {
      failed_ = true;
      left_ = {};
      return {};
    }
    const auto taken = left_.first(count);
    left_ = left_.subspan(count);
    return taken;
  }
  bool failed() const { return failed_; }
  bool done() const { return !failed_ && left_.empty(); }

 private:
  std::span<const std::uint8_t> left_;
  bool failed_ = false;
};

std::string text_of(std::span<const std::uint8_t> bytes) {
  return repair_utf8({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

Unexpected nonsense(const char* what) {
  return make_error(ErrorCode::kMalformed, std::string("the PDF worker sent ") + what);
}

void put_body(Writer& out, const Opened& opened) {
  out.put(static_cast<std::uint32_t>(opened.page_count));
  out.put_all(opened.library.substr(0, kLongestMessage));
}

void put_body(Writer& out, const Render& render) {
  out.put(static_cast<std::uint32_t>(render.number));
  out.put(render.dpi);
  out.put(render.max_pixels);
}

void put_body(Writer& out, const Rendered& page) {
  out.put(static_cast<std::uint32_t>(page.number));
  out.put(static_cast<std::uint32_t>(page.width));
  out.put(static_cast<std::uint32_t>(page.height));
  out.put(page.dpi);
  out.put(static_cast<std::uint32_t>(page.words.size()));
  for (const TextSpan& word : page.words) {
    for (const float edge : {word.box.x0, word.box.y0, word.box.x1, word.box.y1}) out.put(edge);
    out.put(static_cast<std::uint16_t>(word.text.size()));
    out.put_all(word.text);
  }
  out.put_all(page.rgb);
}

void put_body(Writer& out, const Refused& refused) {
  out.put(static_cast<std::uint8_t>(refused.reason));
  out.put_all(refused.message.substr(0, kLongestMessage));
}

bool is_count(std::uint32_t value, std::uint32_t least, std::uint32_t most) { return value >= least && value <= most; }

// A message for people: valid UTF-8 without control characters.
std::string printable(std::span<const std::uint8_t> bytes) {
  std::string text = text_of(bytes);
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 32 || c == 127; };
  std::replace_if(text.begin(), text.end(), is_control, ' ');
  return text;
}

Result<Message> decode_opened(Reader& in, std::size_t body_bytes) {
  const auto count = in.get<std::uint32_t>();
  if (in.failed() || !is_count(count, 0, INT32_MAX)) return nonsense("an impossible number of pages");
  if (body_bytes - sizeof count > kLongestMessage) return nonsense("a library's name that is too long");
  return Message(Opened{static_cast<int>(count), printable(in.take(body_bytes - sizeof count))});
}

Result<Message> decode_render(Reader& in) {
  const auto number = in.get<std::uint32_t>();
  Render render;
  render.dpi = in.get<double>();
  render.max_pixels = in.get<std::int64_t>();
  const bool sound =
      in.done() && is_count(number, 1, INT32_MAX) && render.dpi > 0 && render.dpi <= kMostDpi && render.max_pixels > 0;
  if (!sound) return nonsense("a page request that makes no sense");
  render.number = static_cast<int>(number);
  return Message(render);
}

// The box within the page, or an empty one for a box that is not finite.
Box within(const Box& box, int width, int height) {
  for (const float edge : {box.x0, box.y0, box.x1, box.y1}) {
    if (!std::isfinite(edge)) return {};
  }
  const auto right = static_cast<float>(width);
  const auto bottom = static_cast<float>(height);
  return {std::clamp(box.x0, 0.0F, right), std::clamp(box.y0, 0.0F, bottom), std::clamp(box.x1, 0.0F, right),
          std::clamp(box.y1, 0.0F, bottom)};
}

Status decode_words(Reader& in, Rendered& page) {
  const auto count = in.get<std::uint32_t>();
  if (in.failed() || count > kMostWords) return nonsense("too many words on a page");
  for (std::uint32_t i = 0; i < count; ++i) {
    TextSpan word;
    for (float* edge : {&word.box.x0, &word.box.y0, &word.box.x1, &word.box.y1}) *edge = in.get<float>();
    const auto length = in.get<std::uint16_t>();
    if (in.failed() || length > kLongestWord) return nonsense("a word that is cut or too long");
    word.text = text_of(in.take(length));
    word.box = within(word.box, page.width, page.height);
    if (!word.box.empty() && !word.text.empty()) page.words.push_back(std::move(word));
  }
  return {};
}

Result<Message> decode_rendered(Reader& in) {
  const auto number = in.get<std::uint32_t>();
  const auto width = in.get<std::uint32_t>();
  const auto height = in.get<std::uint32_t>();
  Rendered page;
  page.dpi = in.get<double>();
  const bool sound = !in.failed() && is_count(number, 1, INT32_MAX) && is_count(width, 1, kLongestSide) &&
                     is_count(height, 1, kLongestSide) && page.dpi > 0 && page.dpi <= kMostDpi;
  if (!sound) return nonsense("a page of impossible size");
  page.number = static_cast<int>(number);
  page.width = static_cast<int>(width);
  page.height = static_cast<int>(height);
  DOCKET_TRY_VOID(decode_words(in, page));
  const auto pixels = in.take(std::size_t{width} * height * 3);
  if (!in.done()) return nonsense("a page whose pixels do not fit its size");
  page.rgb.assign(pixels.begin(), pixels.end());
  return Message(std::move(page));
}

Result<Message> decode_refused(Reader& in, std::size_t body_bytes) {
  const auto reason = in.get<std::uint8_t>();
  if (in.failed() || reason < 1 || reason > 3 || body_bytes > kLongestMessage + 1)
    return nonsense("an unknown refusal");
  return Message(Refused{static_cast<Reason>(reason), printable(in.take(body_bytes - 1))});
}

}  // namespace

std::size_t largest_body(std::int64_t max_pixels) {
  const std::size_t most = UINT32_MAX - kMostWordBytes - 64;
  return std::min(static_cast<std::size_t>(std::max<std::int64_t>(max_pixels, 0)) * 3, most) + kMostWordBytes + 64;
}

Bytes encode(const Message& message) {
  Writer out;
  out.put_all(kMagic);
  out.put(static_cast<std::uint8_t>(message.index() + 1));
  out.put(std::uint32_t{0});
  std::visit([&out](const auto& body) { put_body(out, body); }, message);
  const std::size_t body_bytes = out.bytes().size() - kHeaderBytes;
  CHECK(body_bytes <= UINT32_MAX, "%zu bytes", body_bytes);
  const auto length = static_cast<std::uint32_t>(body_bytes);
  std::memcpy(out.bytes().data() + 4, &length, sizeof length);
  return std::move(out.bytes());
}

Result<Header> decode_header(std::span<const std::uint8_t, kHeaderBytes> bytes, std::size_t body_limit) {
  if (!std::equal(kMagic.begin(), kMagic.end(), bytes.begin())) return nonsense("something other than a frame");
  Header header;
  header.type = bytes[3];
  std::memcpy(&header.body_bytes, bytes.data() + 4, sizeof header.body_bytes);
  if (header.type < kOpened || header.type > kRefused) return nonsense("a frame of an unknown type");
  if (header.body_bytes > body_limit) return nonsense("a frame longer than the limits allow");
  return header;
}

Result<Message> decode_body(std::uint8_t type, std::span<const std::uint8_t> body) {
  Reader in(body);
  switch (type) {
    case kOpened:
      return decode_opened(in, body.size());
    case kRender:
      return decode_render(in);
    case kRendered:
      return decode_rendered(in);
    case kRefused:
      return decode_refused(in, body.size());
    default:
      return nonsense("a frame of an unknown type");
  }
}

}  // namespace docket::page::pdf
