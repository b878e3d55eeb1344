#include "core/load/adapter.h"

#include <algorithm>

#include "core/base/file.h"
#include "core/weights/checkpoint.h"

namespace docket::load {
namespace {

using weights::StoredTensor;

constexpr std::size_t kMaxConfigBytes = 1 << 20;

enum class Role { kNone, kA, kB };

struct Name {
  std::string path;  // the module, as the file spells it
  Role role = Role::kNone;
};

// "base_model.model.P.lora_A.weight" or "....lora_A.default.weight": {P, kA}.
Name parse_name(std::string_view name) {
  constexpr std::string_view kPrefix = "base_model.model.";
  if (name.starts_with(kPrefix)) name.remove_prefix(kPrefix.size());
  if (!name.ends_with(".weight")) return {};
  for (const auto& [marker, role] : {std::pair(".lora_A.", Role::kA), std::pair(".lora_B.", Role::kB)}) {
    const auto at = name.rfind(marker);
    if (at != std::string_view::npos) return {std::string(name.substr(0, at)), role};
  }
  return {};
}

std::string canonical_module(const std::string& path) {
  constexpr std::string_view kEnd = ".weight";
  std::string name = weights::canonical_name(path + std::string(kEnd));
  return name.substr(0, name.size() - kEnd.size());
}

// Why a tensor that fits nowhere does not.
Unexpected stray(const StoredTensor& tensor) {
  const std::string where = tensor.file + ": " + tensor.name;
  if (tensor.name.find("lora_magnitude_vector") != std::string::npos)
    return make_error(ErrorCode::kUnsupported, "belongs to a DoRA adapter, which is not supported", where);
  if (tensor.name.find("lora_embedding_") != std::string::npos)
    return make_error(ErrorCode::kUnsupported, "adapts an embedding, which is not supported", where);
  if (tensor.name.ends_with(".bias"))
    return make_error(ErrorCode::kUnsupported, "is a bias (lora_bias), which is not supported", where);
  return make_error(ErrorCode::kMalformed, "belongs to no linear weight of this model", where);
}

Status expect_shape(const StoredTensor& tensor, const Shape& shape) {
  const std::string where = tensor.file + ": " + tensor.name;
  if (tensor.dtype != DType::kF32 && tensor.dtype != DType::kF16 && tensor.dtype != DType::kBF16) {
    return make_error(ErrorCode::kUnsupported,
                      std::string("is ") + to_string(tensor.dtype) + ", expected F32, F16 or BF16", where);
  }
  if (tensor.shape == shape) return {};
  return make_error(ErrorCode::kMalformed, "has the shape " + tensor.shape.text() + ", expected " + shape.text(),
                    where);
}

}  // namespace

Result<AdapterFile> AdapterFile::open(const std::filesystem::path& folder, std::span<const Module> modules) {
  const auto config_path = folder / "adapter_config.json";
  DOCKET_TRY(const std::string text, read_text_file(config_path, kMaxConfigBytes));
  DOCKET_TRY(auto config, parse_lora_config(text, config_path.string()));
  const auto path = folder / "adapter_model.safetensors";
  DOCKET_TRY(auto file, weights::MappedFile::open(path));
  AdapterFile out(std::move(file));
  out.where_ = path.string();
  out.config_ = std::move(config);
  DOCKET_TRY(out.tensors_, weights::parse_safetensors(out.file_.bytes(), out.where_));
  DOCKET_TRY_VOID(out.sort_in(modules));
  for (auto& [number, part] : out.parts_) DOCKET_TRY_VOID(out.check(modules[static_cast<std::size_t>(number)], part));
  if (out.parts_.empty()) return make_error(ErrorCode::kMalformed, "holds no tensors", out.where_);
  return out;
}

Status AdapterFile::sort_in(std::span<const Module> modules) {
  std::map<std::string_view, int> numbers;
  for (std::size_t i = 0; i < modules.size(); ++i) numbers.emplace(modules[i].name, static_cast<int>(i));
  for (const auto& [key, tensor] : tensors_) {
    const Name name = parse_name(key);
    const auto number = numbers.find(name.role == Role::kNone ? std::string() : canonical_module(name.path));
    if (number == numbers.end()) return stray(tensor);
    Part& part = parts_[number->second];
    if (part.path.empty()) part.path = name.path;
    const StoredTensor*& place = name.role == Role::kA ? part.a : part.b;
    if (place != nullptr) {
      return make_error(ErrorCode::kMalformed, "adapts the same weight as " + place->name,
                        tensor.file + ": " + tensor.name);
    }
    place = &tensor;
  }
  return {};
}

Status AdapterFile::check(const Module& module, Part& part) const {
  if (part.a == nullptr || part.b == nullptr) {
    return make_error(ErrorCode::kMalformed, std::string("has no ") + (part.a == nullptr ? "lora_A" : "lora_B"),
                      where_ + ": " + part.path);
  }
  DOCKET_TRY(const LoraScale scale, scale_of(config_, part.path, where_));
  DOCKET_TRY_VOID(expect_shape(*part.a, Shape{scale.r, module.in_features}));
  DOCKET_TRY_VOID(expect_shape(*part.b, Shape{module.out_features, scale.r}));
  part.scale = static_cast<float>(scale.scale);
  return {};
}

std::int64_t AdapterFile::max_rank() const {
  std::int64_t rank = 0;
  for (const auto& [number, part] : parts_) rank = std::max(rank, part.a->shape[0]);
  return rank;
}

std::vector<int> AdapterFile::modules() const {
  std::vector<int> out;
  for (const auto& [number, part] : parts_) out.push_back(number);
  return out;
}

kernels::Adapter AdapterFile::load(Arena& arena, std::size_t num_modules) const {
  kernels::Adapter out;
  out.modules.resize(num_modules);
  for (const auto& [number, part] : parts_) {
    kernels::Lora& lora = out.modules[static_cast<std::size_t>(number)];
    const Shape &a = part.a->shape, &b = part.b->shape;
    lora.a = kernels::pack_linear(arena, part.a->dtype, part.a->bytes.data(), a[0], a[1]);
    lora.b = kernels::pack_linear(arena, part.b->dtype, part.b->bytes.data(), b[0], b[1]);
    lora.scale = part.scale;
  }
  return out;
}

}  // namespace docket::load
