// Reading a `.env` file: KEY=VALUE lines, as shells and container tools write them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace docket {

struct DotEnvEntry {
  std::string key;  // [A-Za-z_][A-Za-z0-9_]*
  std::string value;
  int line = 0;  // 1-based
};

// The entries in file order. Accepted: blank lines, `# comment` lines, an `export ` prefix, spaces around `=`, values
// bare (trimmed; ` #` starts a comment), in 'single quotes' (literal) or "double quotes" (\n \t \r \" \\ \$ escapes).
// A value ends with its line; `$NAME` is not expanded. Errors: kMalformed with `where` and the line for anything else,
// NUL bytes included.
Result<std::vector<DotEnvEntry>> parse_dotenv(std::string_view text, const std::string& where);

}  // namespace docket
