#include "tests/support/picture.h"

#include <gtest/gtest.h>

#include "core/base/file.h"
#include "page/read.h"
#include "tests/support/golden.h"

namespace docket::golden {

page::Page read_picture(const std::string& name) {
  const std::string path = kData + "pictures/" + name + (name == "photo" ? ".jpg" : ".png");
  const auto bytes = read_file(path, 1 << 20);
  EXPECT_TRUE(bytes) << bytes.error().text();
  const auto document = page::read_pages(*bytes, path);
  EXPECT_TRUE(document) << document.error().text();
  return document->pages.at(0);
}

}  // namespace docket::golden
