#include "extract/file_list.h"

#include <glob.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <string_view>

#include "core/base/file.h"

namespace docket::extract {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMaxListBytes = std::size_t{64} << 20;
constexpr std::array<std::string_view, 9> kDocumentEndings = {".jpg",  ".jpeg", ".png",  ".webp", ".tif",
                                                              ".tiff", ".heic", ".heif", ".pdf"};

std::string lower_extension(const fs::path& path) {
  std::string extension = path.extension().string();
  for (char& c : extension) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return extension;
}

bool looks_like_document(const fs::path& path) {
  return std::find(kDocumentEndings.begin(), kDocumentEndings.end(), lower_extension(path)) != kDocumentEndings.end();
}

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

Result<std::vector<std::string>> files_below(const fs::path& folder) {
  std::vector<std::string> out;
  std::error_code error;
  auto it = fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    if (is_hidden(it->path())) {
      if (it->is_directory(error)) it.disable_recursion_pending();
      continue;
    }
    if (it->is_regular_file(error) && looks_like_document(it->path())) out.push_back(it->path().string());
  }
  if (error) return make_error(ErrorCode::kIo, "cannot list: " + error.message(), folder.string());
  if (out.empty()) return make_error(ErrorCode::kNotFound, "holds no image or PDF", folder.string());
  std::sort(out.begin(), out.end());
  return out;
}

Result<std::vector<std::string>> files_matching(const std::string& pattern) {
  glob_t found{};
  const int code = ::glob(pattern.c_str(), 0, nullptr, &found);
  std::vector<std::string> out;
  if (code == 0) out.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  if (out.empty()) return make_error(ErrorCode::kNotFound, "no file matches the pattern", pattern);
  return out;
}

std::vector<std::string> listed_files(std::string_view text, const fs::path& folder) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    out.push_back((folder / fs::path(line)).string());
  }
  return out;
}

Result<std::vector<std::string>> files_of(const std::string& input, const std::string* standard_input) {
  std::error_code error;
  if (input == "-" && standard_input != nullptr) return listed_files(*standard_input, {});
  if (fs::is_directory(input, error)) return files_below(input);
  if (fs::exists(input, error)) {
    const std::string extension = lower_extension(input);
    if (extension != ".txt" && extension != ".lst") return std::vector<std::string>{input};
    DOCKET_TRY(const std::string text, read_text_file(input, kMaxListBytes));
    return listed_files(text, fs::path(input).parent_path());
  }
  if (input.find_first_of("*?[") != std::string::npos) return files_matching(input);
  return std::vector<std::string>{input};
}

}  // namespace

Result<std::vector<std::string>> list_files(const std::vector<std::string>& inputs, const std::string* standard_input) {
  std::vector<std::string> out;
  std::set<std::string> seen;
  for (const std::string& input : inputs) {
    DOCKET_TRY(const auto files, files_of(input, standard_input));
    for (const std::string& file : files) {
      if (seen.insert(file).second) out.push_back(file);
    }
  }
  return out;
}

}  // namespace docket::extract
