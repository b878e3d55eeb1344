// The vision-language model as a reader: asks each page for its fields and gives the reply line by line.
#pragma once

#include <memory>

#include "extract/reader.h"

namespace docket::extract {

// Errors: those of reply::Engine::load for the folder `options.model`.
Result<std::unique_ptr<Reader>> make_vlm_reader(const VlmOptions& options);

}  // namespace docket::extract
