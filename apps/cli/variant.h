// One side of an experiment as a user describes it: what it changes of the settings.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/settings.h"

namespace docket::cli {

struct Variant {
  std::string name;              // as described
  std::vector<FlagValue> flags;  // settings that differ, named by `flag` in messages
};

// "default": the settings as they are; "built-in": the prompts of the program; a folder: its prompts; or settings,
// KEY=VALUE with commas between, where quant stands for DOCKET_QUANT. A comma belongs to the value where no KEY= comes
// behind it. Errors: kInvalidArgument naming `flag`.
Result<Variant> parse_variant(const std::string& flag, const std::string& text);

}  // namespace docket::cli
