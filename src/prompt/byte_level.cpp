#include "prompt/byte_level.h"

#include <array>
#include <cstdint>

namespace docket::prompt {
namespace {

bool is_printable(int byte) {
  return (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
}

// The alphabet's code points are all below U+0144: at most two bytes of UTF-8.
struct Alphabet {
  std::array<int, 256> point{};
  std::array<int, 0x144> byte{};
  Alphabet() {
    byte.fill(-1);
    int next = 256;
    for (int b = 0; b < 256; ++b) {
      const int p = is_printable(b) ? b : next++;
      point[static_cast<std::size_t>(b)] = p;
      byte[static_cast<std::size_t>(p)] = b;
    }
  }
};

const Alphabet& alphabet() {
  static const Alphabet table;
  return table;
}

std::uint8_t at(std::string_view s, std::size_t i) { return static_cast<std::uint8_t>(s[i]); }

// The bytes that the lead byte announces, or 0 for a byte that cannot lead.
std::size_t announced(std::uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

bool second_is_valid(std::uint8_t lead, std::uint8_t second) {
  if (lead == 0xE0) return second >= 0xA0 && second <= 0xBF;
  if (lead == 0xED) return second >= 0x80 && second <= 0x9F;
  if (lead == 0xF0) return second >= 0x90 && second <= 0xBF;
  if (lead == 0xF4) return second >= 0x80 && second <= 0x8F;
  return second >= 0x80 && second <= 0xBF;
}

struct Part {
  std::size_t length;  // of the well-formed character, or of the maximal ill-formed part
  bool valid;
  bool cut;  // ill-formed only because the text ends
};

Part next_part(std::string_view s, std::size_t i) {
  const std::size_t need = announced(at(s, i));
  if (need == 0) return {1, false, false};
  for (std::size_t k = 1; k < need; ++k) {
    if (i + k >= s.size()) return {k, false, true};
    const std::uint8_t b = at(s, i + k);
    const bool good = k == 1 ? second_is_valid(at(s, i), b) : (b >= 0x80 && b <= 0xBF);
    if (!good) return {k, false, false};
  }
  return {need, true, false};
}

}  // namespace

std::string to_alphabet(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const int p = alphabet().point[static_cast<std::uint8_t>(c)];
    if (p < 0x80) {
      out += static_cast<char>(p);
    } else {
      out += static_cast<char>(0xC0 | (p >> 6));
      out += static_cast<char>(0x80 | (p & 0x3F));
    }
  }
  return out;
}

std::optional<std::string> to_bytes(std::string_view characters) {
  std::string out;
  for (std::size_t i = 0; i < characters.size();) {
    const Part part = next_part(characters, i);
    if (!part.valid || part.length > 2) return std::nullopt;
    int point = at(characters, i);
    if (part.length == 2) point = ((point & 0x1F) << 6) | (at(characters, i + 1) & 0x3F);
    if (point >= 0x144 || alphabet().byte[static_cast<std::size_t>(point)] < 0) return std::nullopt;
    out += static_cast<char>(alphabet().byte[static_cast<std::size_t>(point)]);
    i += part.length;
  }
  return out;
}

std::string decode_lossy(std::string_view bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size();) {
    const Part part = next_part(bytes, i);
    out += part.valid ? bytes.substr(i, part.length) : std::string_view("\xEF\xBF\xBD");
    i += part.length;
  }
  return out;
}

std::size_t incomplete_tail(std::string_view bytes) {
  for (std::size_t back = 1; back <= 3 && back <= bytes.size(); ++back) {
    const std::size_t i = bytes.size() - back;
    if ((at(bytes, i) & 0xC0) == 0x80) continue;  // a continuation: its lead is further back
    const Part part = next_part(bytes, i);
    return part.cut && part.length == back ? back : 0;
  }
  return 0;
}

}  // namespace docket::prompt
