#include "convert/pack_checkpoint.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "convert/safetensors_writer.h"
#include "convert/unused_tensor.h"
#include "core/device/memory.h"
#include "core/load/packed_weight.h"
#include "core/load/weight_loader.h"
#include "core/weights/quantized.h"

namespace docket::convert {
namespace {

namespace fs = std::filesystem;
using kernels::LinearWeight;
using weights::StoredTensor;

constexpr std::array<std::string_view, 11> kLinears = {"q_proj",
                                                       "k_proj",
                                                       "v_proj",
                                                       "o_proj",
                                                       "fc1",
                                                       "fc2",
                                                       "gate_proj",
                                                       "up_proj",
                                                       "down_proj",
                                                       "lm_head",
                                                       "multi_modal_projector"};

// "a.b.q_proj" of "a.b.q_proj.weight" when that is a linear module; empty otherwise.
std::string linear_module(const std::string& name) {
  constexpr std::string_view kSuffix = ".weight";
  if (!name.ends_with(kSuffix)) return {};
  const std::string module = name.substr(0, name.size() - kSuffix.size());
  const std::string_view leaf = std::string_view(module).substr(module.rfind('.') + 1);
  return std::find(kLinears.begin(), kLinears.end(), leaf) != kLinears.end() ? module : std::string();
}

struct Linear {
  std::string module;
  std::int64_t out_features = 0, in_features = 0;
};

// The logical shape, which for 4-bit weights stands in the quant_state alone.
Result<Linear> describe(const weights::Checkpoint& checkpoint, const std::string& module) {
  DOCKET_TRY(const weights::StoredKind kind, weights::stored_kind(checkpoint, module));
  const StoredTensor& tensor = *checkpoint.find(module + ".weight");
  Shape shape = tensor.shape;
  if (kind == weights::StoredKind::kBlock4) {
    DOCKET_TRY(shape, weights::block4_shape(checkpoint, module));
  }
  if (shape.rank() != 2) {
    return make_error(ErrorCode::kMalformed, "has the shape " + shape.text() + ", expected two extents",
                      tensor.file + ": " + tensor.name);
  }
  return Linear{module, shape[0], shape[1]};
}

Result<LinearWeight> load_one(const weights::Checkpoint& checkpoint, Arena& arena, const load::QuantPolicy& policy,
                              const Linear& linear) {
  load::WeightLoader loader(checkpoint, arena, policy);
  const LinearWeight weight = loader.linear(linear.module, linear.out_features, linear.in_features);
  if (const Status status = loader.status(); !status) return status.failure();
  return weight;
}

// Whether `name` belongs to one of the linears: its weight, or what lies beside it.
bool belongs_to(const std::string& name, const Linear& linear) {
  const std::string weight = linear.module + ".weight";
  return name == weight || name.starts_with(weight + ".") || name == linear.module + ".weight_format" ||
         name == linear.module + ".SCB";
}

Status copy_files(const fs::path& folder, const fs::path& out) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const fs::path name = entry.path().filename();
    const std::string text = name.string();
    if (!entry.is_regular_file() || text.find(".safetensors") != std::string::npos) continue;
    fs::copy_file(entry.path(), out / name, fs::copy_options::overwrite_existing, error);
    if (error) return make_error(ErrorCode::kIo, "cannot be copied: " + error.message(), entry.path().string());
  }
  return {};
}

}  // namespace

Status pack_checkpoint(const fs::path& folder, const load::QuantPolicy& policy, const fs::path& out) {
  std::error_code error;
  fs::create_directories(out, error);
  if (error) return make_error(ErrorCode::kIo, "cannot be created: " + error.message(), out.string());
  if (fs::equivalent(folder, out, error))
    return make_error(ErrorCode::kInvalidArgument, "is the folder to be packed", out.string());
  DOCKET_TRY(const weights::Checkpoint checkpoint, weights::Checkpoint::open(folder));

  std::vector<Linear> linears;
  for (const auto& [name, tensor] : checkpoint.tensors()) {
    if (name.ends_with(".packed.about"))
      return make_error(ErrorCode::kInvalidArgument, "is packed already", folder.string());
    const std::string module = linear_module(name);
    if (module.empty()) continue;
    DOCKET_TRY(Linear linear, describe(checkpoint, module));
    linears.push_back(std::move(linear));
  }
  SafetensorsWriter writer;
  load::PackedScalars scalars;
  std::size_t largest = 0;
  for (const Linear& linear : linears) {
    Arena plan;
    DOCKET_TRY(const LinearWeight weight, load_one(checkpoint, plan, policy, linear));
    largest = std::max(largest, plan.size_bytes());
    for (const load::PackedPart& part : load::packed_parts(weight, scalars))
      writer.declare(linear.module + ".packed." + part.name, DType::kU8, Shape{part.size_bytes});
  }
  std::vector<const StoredTensor*> copied;
  for (const auto& [name, tensor] : checkpoint.tensors()) {
    const auto mine = [&, &key = name](const Linear& linear) { return belongs_to(key, linear); };
    if (std::any_of(linears.begin(), linears.end(), mine) || is_unused(checkpoint, name)) continue;
    writer.declare(name, tensor.dtype, tensor.shape);
    copied.push_back(&tensor);
  }
  DOCKET_TRY_VOID(writer.begin(out / "model.safetensors"));
  DOCKET_TRY(const device::Buffer buffer, device::Buffer::allocate(largest, "one packed weight"));
  for (const Linear& linear : linears) {
    Arena arena(buffer.data(), buffer.size());
    DOCKET_TRY(const LinearWeight weight, load_one(checkpoint, arena, policy, linear));
    for (const load::PackedPart& part : load::packed_parts(weight, scalars)) {
      DOCKET_TRY_VOID(
          writer.append({static_cast<const std::byte*>(part.data), static_cast<std::size_t>(part.size_bytes)}));
    }
  }
  for (const StoredTensor* tensor : copied) DOCKET_TRY_VOID(writer.append(tensor->bytes));
  DOCKET_TRY_VOID(writer.finish());
  return copy_files(folder, out);
}

}  // namespace docket::convert
