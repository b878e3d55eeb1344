#include "page/read.h"

#include <algorithm>
#include <exception>
#include <string_view>
#include <utility>

#include "page/formats.h"
#include "page/orientation.h"

namespace docket::page {
namespace {

// Readers accept "%PDF-" this far into the file, and find their way from "startxref" this near its end when the header
// is missing (ISO 32000-1, annex H).
constexpr std::size_t kPdfWindow = 1024;
constexpr std::string_view kHeifBrands[] = {"heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "avif"};

std::string_view text_of(std::span<const std::uint8_t> bytes, std::size_t from, std::size_t count) {
  if (bytes.size() < from + count) return {};
  return {reinterpret_cast<const char*>(bytes.data()) + from, count};
}

// A word for what the bytes seem to be instead, for the error.
std::string describe(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return "an empty file";
  if (text_of(bytes, 0, 4) == "GIF8") return "a GIF";
  if (text_of(bytes, 0, 2) == "BM") return "a BMP";
  if (text_of(bytes, 0, 4) == std::string_view("PK\3\4")) return "a ZIP archive or office document";
  const auto head = bytes.first(std::min<std::size_t>(bytes.size(), 512));
  const bool text =
      std::all_of(head.begin(), head.end(), [](std::uint8_t c) { return c >= 32 || (c >= 9 && c <= 13); });
  return text ? "text" : "bytes of an unknown kind";
}

Result<Document> read_kind(Kind kind, const Input& input) {
  switch (kind) {
    case Kind::kJpeg:
      return read_jpeg(input);
    case Kind::kPng:
      return read_png(input);
    case Kind::kWebp:
      return read_webp(input);
    case Kind::kTiff:
      return read_tiff(input);
    case Kind::kHeic:
      return read_heic(input);
    case Kind::kPdf:
      return read_pdf(input);
    case Kind::kUnknown:
      break;
  }
  return make_error(ErrorCode::kUnsupported,
                    "expected a JPEG, PNG, WebP, TIFF, HEIC or PDF, found " + describe(input.bytes), input.name);
}

}  // namespace

const char* to_string(Kind kind) {
  switch (kind) {
    case Kind::kJpeg:
      return "JPEG";
    case Kind::kPng:
      return "PNG";
    case Kind::kWebp:
      return "WebP";
    case Kind::kTiff:
      return "TIFF";
    case Kind::kHeic:
      return "HEIC";
    case Kind::kPdf:
      return "PDF";
    case Kind::kUnknown:
      break;
  }
  return "unknown";
}

Kind detect_kind(std::span<const std::uint8_t> bytes) {
  if (text_of(bytes, 0, 3) == "\xFF\xD8\xFF") return Kind::kJpeg;
  if (text_of(bytes, 0, 8) == "\x89PNG\r\n\x1A\n") return Kind::kPng;
  if (text_of(bytes, 0, 4) == "RIFF" && text_of(bytes, 8, 4) == "WEBP") return Kind::kWebp;
  const std::string_view four = text_of(bytes, 0, 4);
  for (const std::string_view magic : {std::string_view("II*\0", 4), std::string_view("MM\0*", 4),
                                       std::string_view("II+\0", 4), std::string_view("MM\0+", 4)}) {
    if (four == magic) return Kind::kTiff;
  }
  if (text_of(bytes, 4, 4) == "ftyp") {
    const auto* end = std::end(kHeifBrands);
    if (std::find(std::begin(kHeifBrands), end, text_of(bytes, 8, 4)) != end) return Kind::kHeic;
  }
  const std::size_t window = std::min(bytes.size(), kPdfWindow);
  if (text_of(bytes, 0, window).find("%PDF-") != std::string_view::npos) return Kind::kPdf;
  if (text_of(bytes, bytes.size() - window, window).find("startxref") != std::string_view::npos) return Kind::kPdf;
  return Kind::kUnknown;
}

Result<Document> read_pages(std::span<const std::uint8_t> bytes, const std::string& name, const Limits& limits,
                            const Options& options) {
  if (bytes.size() > limits.max_bytes) {
    return make_error(
        ErrorCode::kLimitExceeded,
        "holds " + std::to_string(bytes.size()) + " bytes, more than the limit of " + std::to_string(limits.max_bytes),
        name);
  }
  const auto allowed = std::chrono::duration<double>(std::clamp(limits.max_seconds, 0.0, 1e6));
  const auto now = std::chrono::steady_clock::now();
  const Input input{bytes, name, limits, options,
                    now + std::chrono::duration_cast<std::chrono::steady_clock::duration>(allowed)};
  const Kind kind = detect_kind(bytes);
  try {
    auto document = read_kind(kind, input);
    if (document) document->kind = kind;
    return document;
  } catch (const std::bad_alloc&) {
    return make_error(ErrorCode::kOutOfMemory, "there is not enough memory to read it", name);
  } catch (const std::exception& error) {
    return make_error(ErrorCode::kInternal, std::string("a library failed while reading it: ") + error.what(), name);
  }
}

std::vector<FormatSupport> supported_formats(const Options& options) {
  return {{"JPEG", jpeg_library(), true, ""},
          {"PNG", png_library(), true, ""},
          {"WebP", webp_library(), true, ""},
          {"TIFF", tiff_library(), true, ""},
          heic_support(),
          pdf_support(options)};
}

}  // namespace docket::page
