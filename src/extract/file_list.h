// extract: which files a run means: a folder, a pattern, or a list of names.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"

namespace docket::extract {

// Each of `inputs` in turn:
//   a folder            every file below it whose name ends like a document (jpg jpeg png webp tif tiff heic heif pdf,
//                       case folded), hidden ones left out, sorted by name
//   a pattern (* ? [)   what glob(3) finds, sorted; unless a file of exactly that name exists
//   name.txt, name.lst  a list: one file a line, relative to the list's folder; blank lines and # comments left out.
//   "-"                 such a list on standard input, relative to the working folder, when `standard_input` is given
//   anything else       the file itself, whether it exists or not: reading it will tell
// A file that is named twice is kept once, at its first place.
// Errors: kNotFound for a pattern or folder without documents, those of reading a list or a folder.
Result<std::vector<std::string>> list_files(const std::vector<std::string>& inputs,
                                            const std::string* standard_input = nullptr);

}  // namespace docket::extract
