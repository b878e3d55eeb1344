// What docket and its PDF worker say to each other over a socket: frames of an 8-byte header ("DKP", a type byte, the
// body's length as 32-bit little-endian) and a body. Both sides use this one file; neither trusts the other's bytes.
//
//   worker -> docket  Opened   once, after the document was parsed (or Refused, and the worker ends)
//   docket -> worker  Render   for one page; the worker answers each with Rendered or Refused
// The worker ends when docket closes the socket.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/base/file.h"
#include "core/base/result.h"
#include "page/page.h"

namespace docket::page::pdf {

struct Opened {
  int page_count = 0;   // 0..INT32_MAX
  std::string library;  // "poppler 22.12.0"
};

struct Render {
  int number = 1;               // 1-based
  double dpi = 0;               // wanted, > 0
  std::int64_t max_pixels = 0;  // dpi is lowered to keep width x height under this
};

struct Rendered {
  int number = 1;
  int width = 0, height = 0;  // pixels, > 0
  double dpi = 0;             // as rendered
  std::vector<TextSpan> words;
  std::vector<std::uint8_t> rgb;  // [height, width, 3]
};

enum class Reason : std::uint8_t { kMalformed = 1, kEncrypted = 2, kPageUnreadable = 3 };

struct Refused {
  Reason reason = Reason::kMalformed;
  std::string message;
};

using Message = std::variant<Opened, Render, Rendered, Refused>;

inline constexpr std::size_t kHeaderBytes = 8;
inline constexpr std::size_t kMostWords = 200'000;       // on one page; a dense page of print has some 2,000
inline constexpr std::size_t kLongestWord = 1024;        // bytes of UTF-8
inline constexpr std::size_t kLongestMessage = 512;      // bytes
inline constexpr std::size_t kMostWordBytes = 32 << 20;  // all words of a page, as sent

struct Header {
  std::uint8_t type = 0;
  std::uint32_t body_bytes = 0;
};

// The most that a frame may hold when pages have up to max_pixels.
std::size_t largest_body(std::int64_t max_pixels);

// Header and body.
Bytes encode(const Message& message);

// Error: kMalformed for another magic or type, or a body longer than `body_limit`.
Result<Header> decode_header(std::span<const std::uint8_t, kHeaderBytes> bytes, std::size_t body_limit);

// Error: kMalformed unless the body is exactly what its type says, with every count and size within the limits above.
// Words come out as valid UTF-8 within the page; those that lie outside it are left out.
Result<Message> decode_body(std::uint8_t type, std::span<const std::uint8_t> body);

}  // namespace docket::page::pdf
