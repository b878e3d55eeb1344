// What the tests of page share.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "core/base/file.h"
#include "page/read.h"

namespace docket::page {

inline Bytes fixture(const std::string& file) {
  auto bytes = read_file("tests/page/data/" + file, std::size_t{1} << 20);
  EXPECT_TRUE(bytes.has_value()) << file;
  return bytes ? *std::move(bytes) : Bytes();
}

inline Result<Document> read_fixture(const std::string& file, const Limits& limits = {}, const Options& options = {}) {
  return read_pages(fixture(file), file, limits, options);
}

inline bool has_note(const Page& page, const std::string& note) {
  for (const std::string& each : page.notes) {
    if (each == note) return true;
  }
  return false;
}

}  // namespace docket::page
