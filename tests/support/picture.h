// The pictures of tests/golden/data/pictures as pages.
#pragma once

#include <string>

#include "page/page.h"

namespace docket::golden {

// "photo", "tall", ... A build without the document side reads NAME.ppm, which the program golden_ppm writes in a build
// that has it. Fails the running test when there is none.
page::Page read_picture(const std::string& name);

}  // namespace docket::golden
