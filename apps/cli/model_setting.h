// Which vision-language model reads documents, from DOCKET_MODEL.
#pragma once

#include <string>

#include "core/base/settings.h"

namespace docket::cli {

inline constexpr const char* kShippedModel = "shipped";

// The folder that DOCKET_MODEL names. "shipped" is the small model beside the program: ../models/nano of the program's
// folder, or ../share/docket/models/nano; empty where there is none, and OCR reads alone.
std::string model_folder(const Settings& settings);

}  // namespace docket::cli
