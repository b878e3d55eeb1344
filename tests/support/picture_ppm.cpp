#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "tests/support/golden.h"
#include "tests/support/picture.h"

namespace docket::golden {

page::Page read_picture(const std::string& name) {
  std::ifstream file(kData + "pictures/" + name + ".ppm", std::ios::binary);
  std::string kind;
  int largest = 0;
  page::Page page;
  file >> kind >> page.width >> page.height >> largest;
  file.get();
  page.rgb.assign(std::istreambuf_iterator<char>(file), {});
  EXPECT_EQ(kind, "P6") << name;
  EXPECT_EQ(page.rgb.size(), static_cast<std::size_t>(page.width * page.height * 3)) << name;
  return page;
}

}  // namespace docket::golden
