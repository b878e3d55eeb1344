#include "core/load/packed_weight.h"

#include <cstring>

namespace docket::load {
namespace {

using kernels::LinearWeight;
using kernels::WeightFormat;

std::string part_name(const std::string& module, const char* part) { return module + ".packed." + part; }

std::int64_t value_bytes(const LinearWeight& w) {
  const std::int64_t values = w.num_panels() * kernels::kPanel * w.in_features;
  switch (w.format) {
    case WeightFormat::kF32:
      return values * 4;
    case WeightFormat::kF16:
    case WeightFormat::kBF16:
      return values * 2;
    case WeightFormat::kI8:
      return values;
    case WeightFormat::kCode4:
    case WeightFormat::kCode4Nested:
      return values / 2;
  }
  return 0;
}

// The bytes of one part, its size and alignment checked.
Result<const void*> read_part(const weights::Checkpoint& checkpoint, const std::string& module,
                              const PackedPart& part) {
  const std::string name = part_name(module, part.name);
  const weights::StoredTensor* tensor = checkpoint.find(name);
  if (tensor == nullptr)
    return make_error(ErrorCode::kNotFound, "the tensor is missing", checkpoint.folder().string() + ": " + name);
  const std::string where = tensor->file + ": " + tensor->name;
  if (tensor->bytes.size() != static_cast<std::size_t>(part.size_bytes)) {
    return make_error(
        ErrorCode::kMalformed,
        "holds " + std::to_string(tensor->bytes.size()) + " bytes, expected " + std::to_string(part.size_bytes), where);
  }
  if (reinterpret_cast<std::uintptr_t>(tensor->bytes.data()) % 8 != 0)
    return make_error(ErrorCode::kMalformed, "does not start at a multiple of 8 bytes", where);
  return static_cast<const void*>(tensor->bytes.data());
}

Result<LinearWeight> read_about(const weights::Checkpoint& checkpoint, const std::string& module,
                                std::int64_t out_features, std::int64_t in_features) {
  PackedScalars scalars;
  DOCKET_TRY(const void* data, read_part(checkpoint, module, {"about", sizeof scalars.about, nullptr}));
  std::memcpy(scalars.about, data, sizeof scalars.about);
  const std::string where = checkpoint.folder().string() + ": " + part_name(module, "about");
  if (scalars.about[0] != kPackedVersion || scalars.about[1] < 0 || scalars.about[1] >= kernels::kNumWeightFormats) {
    return make_error(ErrorCode::kUnsupported,
                      "is of version " + std::to_string(scalars.about[0]) + ", format " +
                          std::to_string(scalars.about[1]) + "; pack the checkpoint again",
                      where);
  }
  if (scalars.about[2] != out_features || scalars.about[3] != in_features) {
    return make_error(ErrorCode::kMalformed,
                      "has the shape " + Shape{scalars.about[2], scalars.about[3]}.text() + ", expected " +
                          Shape{out_features, in_features}.text(),
                      where);
  }
  LinearWeight w;
  w.format = static_cast<WeightFormat>(scalars.about[1]);
  w.out_features = out_features;
  w.in_features = in_features;
  const bool blocks = w.format == WeightFormat::kCode4 || w.format == WeightFormat::kCode4Nested;
  if (blocks && in_features % kernels::kScaleBlock != 0)
    return make_error(ErrorCode::kMalformed, "4-bit weights need a multiple of 64 columns", where);
  return w;
}

}  // namespace

std::vector<PackedPart> packed_parts(const LinearWeight& w, PackedScalars& storage) {
  storage = {};
  storage.about[0] = kPackedVersion;
  storage.about[1] = static_cast<std::int64_t>(w.format);
  storage.about[2] = w.out_features;
  storage.about[3] = w.in_features;
  storage.nested_offset[0] = w.nested_offset;
  const std::int64_t rows = w.num_panels() * kernels::kPanel;
  const std::int64_t scales = rows * (w.in_features / kernels::kScaleBlock);
  std::vector<PackedPart> parts = {{"about", sizeof storage.about, storage.about},
                                   {"panels", value_bytes(w), w.panels}};
  if (w.format == WeightFormat::kI8) parts.push_back({"scale", rows * 4, w.scale});
  if (w.format == WeightFormat::kCode4) {
    parts.push_back({"code", 64, w.code});
    parts.push_back({"scale", scales * 4, w.scale});
  }
  if (w.format == WeightFormat::kCode4Nested) {
    parts.push_back({"code", 64, w.code});
    parts.push_back({"nested_offset", sizeof storage.nested_offset, storage.nested_offset});
    parts.push_back({"nested_code", 1024, w.nested_code});
    parts.push_back({"nested_first", rows * 4, w.nested_first});
    parts.push_back({"nested_second", rows * 4, w.nested_second});
    parts.push_back({"nested_split", rows * 4, w.nested_split});
    parts.push_back({"scale_q", scales, w.scale_q});
  }
  return parts;
}

bool is_packed(const weights::Checkpoint& checkpoint, const std::string& module) {
  return checkpoint.find(part_name(module, "about")) != nullptr;
}

Result<LinearWeight> read_packed(const weights::Checkpoint& checkpoint, const std::string& module,
                                 std::int64_t out_features, std::int64_t in_features) {
  DOCKET_TRY(LinearWeight w, read_about(checkpoint, module, out_features, in_features));
  PackedScalars storage;
  for (const PackedPart& part : packed_parts(w, storage)) {
    DOCKET_TRY(const void* data, read_part(checkpoint, module, part));
    const std::string_view name = part.name;
    if (name == "panels") w.panels = data;
    if (name == "scale") w.scale = static_cast<const float*>(data);
    if (name == "code") w.code = static_cast<const float*>(data);
    if (name == "nested_offset") std::memcpy(&w.nested_offset, data, sizeof w.nested_offset);
    if (name == "nested_code") w.nested_code = static_cast<const float*>(data);
    if (name == "nested_first") w.nested_first = static_cast<const float*>(data);
    if (name == "nested_second") w.nested_second = static_cast<const float*>(data);
    if (name == "nested_split") w.nested_split = static_cast<const std::int32_t*>(data);
    if (name == "scale_q") w.scale_q = static_cast<const std::uint8_t*>(data);
  }
  return w;
}

}  // namespace docket::load
