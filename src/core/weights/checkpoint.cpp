#include "core/weights/checkpoint.h"

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/base/file.h"

namespace docket::weights {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::size_t kMaxIndexBytes = 64 << 20;

bool take_prefix(std::string_view& name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return false;
  name.remove_prefix(prefix.size());
  return true;
}

// File of each tensor: {tensor name in the file: shard}.
Result<std::map<std::string, std::string>> read_index(const fs::path& path) {
  DOCKET_TRY(const std::string text, read_text_file(path, kMaxIndexBytes));
  const json index = json::parse(text, nullptr, /*allow_exceptions=*/false);
  const auto bad = [&](const std::string& reason) { return make_error(ErrorCode::kMalformed, reason, path.string()); };
  if (!index.is_object()) return bad("is not a JSON object");
  const auto map = index.find("weight_map");
  if (map == index.end() || !map->is_object()) return bad("weight_map is missing or not an object");
  std::map<std::string, std::string> out;
  for (const auto& [tensor, shard] : map->items()) {
    if (!shard.is_string()) return bad("weight_map: " + tensor + ": is not a file name");
    const auto& name = shard.get_ref<const std::string&>();
    // A name with a path in it could read any file of the machine.
    if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos ||
        name.find('\0') != std::string::npos) {
      return bad(
          std::string("weight_map: ").append(tensor).append(": \"").append(name).append("\" is not a plain file name"));
    }
    out.emplace(tensor, name);
  }
  return out;
}

}  // namespace

std::string canonical_name(std::string_view name) {
  take_prefix(name, "base_model.model.");
  const auto join = [&](const char* prefix) { return prefix + std::string(name); };
  if (take_prefix(name, "model.vision_model.")) return join("vision_model.");
  if (take_prefix(name, "model.multi_modal_projector.")) return join("multi_modal_projector.");
  if (take_prefix(name, "model.language_model.")) return join("language_model.model.");
  if (take_prefix(name, "lm_head.")) return join("language_model.lm_head.");
  if (take_prefix(name, "model.")) return join("language_model.model.");
  return std::string(name);
}

Result<Checkpoint> Checkpoint::open(const fs::path& folder) {
  Checkpoint out;
  out.folder_ = folder;
  const fs::path index_path = folder / "model.safetensors.index.json";
  std::error_code ignored;
  const bool indexed = fs::exists(index_path, ignored);
  std::map<std::string, std::string> promised;
  std::set<std::string> shards;
  if (indexed) {
    DOCKET_TRY(promised, read_index(index_path));
    for (const auto& [tensor, shard] : promised) shards.insert(shard);
  } else if (fs::exists(folder / "model.safetensors", ignored)) {
    shards.insert("model.safetensors");
  } else {
    return make_error(ErrorCode::kNotFound, "holds neither model.safetensors.index.json nor model.safetensors",
                      folder.string());
  }
  for (const std::string& shard : shards) {
    DOCKET_TRY(MappedFile file, MappedFile::open(folder / shard));
    DOCKET_TRY(TensorMap tensors, parse_safetensors(file.bytes(), (folder / shard).string()));
    out.files_.push_back(std::move(file));
    for (auto& [name, tensor] : tensors) {
      if (indexed) {
        const auto entry = promised.find(name);
        if (entry == promised.end() || entry->second != shard) continue;
        promised.erase(entry);
      }
      const std::string where = tensor.file + ": " + name;
      if (!out.tensors_.emplace(canonical_name(name), std::move(tensor)).second)
        return make_error(ErrorCode::kMalformed, "another tensor already has this name", where);
    }
  }
  if (!promised.empty()) {
    const auto& [tensor, shard] = *promised.begin();
    return make_error(ErrorCode::kMalformed, "the index promises this tensor, the file does not hold it",
                      (folder / shard).string() + ": " + tensor);
  }
  return out;
}

const StoredTensor* Checkpoint::find(const std::string& name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

Result<const StoredTensor*> Checkpoint::require(const std::string& name, const Shape& shape) const {
  const StoredTensor* tensor = find(name);
  if (tensor == nullptr) {
    return make_error(ErrorCode::kNotFound, "the tensor is missing, expected " + shape.text(),
                      folder_.string() + ": " + name);
  }
  if (tensor->shape != shape) {
    return make_error(ErrorCode::kMalformed, "has the shape " + tensor->shape.text() + ", expected " + shape.text(),
                      tensor->file + ": " + tensor->name);
  }
  return tensor;
}

void Checkpoint::release_pages(const StoredTensor& tensor) const {
  // Any mapping will do: the advice goes by address.
  if (!files_.empty()) files_.front().dont_need(tensor.bytes);
}

}  // namespace docket::weights
