#include "apps/cli/model_setting.h"

#include <filesystem>

namespace docket::cli {

namespace fs = std::filesystem;

std::string model_folder(const Settings& settings) {
  const std::string& text = settings.text("DOCKET_MODEL");
  if (text != kShippedModel) return text;
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return {};
  for (const char* place : {"models/nano", "share/docket/models/nano"}) {
    const fs::path folder = program.parent_path().parent_path() / place;
    if (fs::exists(folder / "model.safetensors", error)) return folder.string();
  }
  return {};
}

}  // namespace docket::cli
