// Reads the bytes of a JPEG, PNG, WebP, TIFF, HEIC or PDF into Pages.
//
// The kind is told from the bytes, never from a file's name. EXIF orientation is applied; nothing else is turned,
// cropped or split here (upright.h and split.h do that). A damaged picture is read as far as it goes and says so in its
// notes. Every limit is checked before the memory that it guards is asked for. Safe to call from several threads at
// once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "page/page.h"

namespace docket::page {

enum class Kind { kUnknown, kJpeg, kPng, kWebp, kTiff, kHeic, kPdf };

const char* to_string(Kind kind);

// By magic bytes; kUnknown for anything that read_pages does not read.
Kind detect_kind(std::span<const std::uint8_t> bytes);

struct Limits {
  std::size_t max_bytes = std::size_t{64} << 20;  // of the file
  std::int64_t max_pixels = 120'000'000;          // of one page: the largest phone sensors in use make 108 million
  std::int64_t max_total_pixels = 500'000'000;    // of all pages read, 3 bytes each
  int max_pages = 100;                            // read from one file
  double max_seconds = 20;                        // for the whole of one read_pages call
};

struct Options {
  std::vector<int> pages;  // 1-based, rising, each once; empty reads them all
  double pdf_dpi = 250;    // a PDF page is rendered at this, or less to stay under pdf_page_pixels
  std::int64_t pdf_page_pixels = 12'000'000;
  std::filesystem::path pdf_worker;                     // empty: docket-pdf-worker in the folder of the running program
  std::size_t pdf_worker_bytes = std::size_t{2} << 30;  // address space of the worker process
};

struct Document {
  Kind kind = Kind::kUnknown;
  std::vector<Page> pages;         // those asked for, in order
  int page_count = 0;              // pages in the file, read or not
  std::vector<std::string> notes;  // ids of what concerns the whole file, e.g. "animated_image_first_frame"
};

// `name` stands in errors only. Errors: kMalformed (not what the bytes claim, or nothing readable), kUnsupported
// (another kind of file, an encrypted PDF, a variant that the library does not know), kInvalidArgument (a page that the
// file does not have), kLimitExceeded (each names the limit and the figure found), kUnavailable (the PDF worker is
// missing or died).
Result<Document> read_pages(std::span<const std::uint8_t> bytes, const std::string& name, const Limits& limits = {},
                            const Options& options = {});

struct FormatSupport {
  std::string name;     // "JPEG"
  std::string library;  // "libjpeg-turbo 2.1.5"
  bool available = false;
  std::string problem;  // what is missing and how to get it; empty when available
};

// What this build and machine can read, for `docket doctor`.
std::vector<FormatSupport> supported_formats(const Options& options = {});

}  // namespace docket::page
