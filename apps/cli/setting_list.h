// Every setting of docket: key, type, default and one line of help. The only place where they are declared.
#pragma once

#include <vector>

#include "core/base/settings.h"

namespace docket::cli {

const std::vector<SettingSpec>& setting_specs();

}  // namespace docket::cli
