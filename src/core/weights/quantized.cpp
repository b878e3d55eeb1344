#include "core/weights/quantized.h"

#include <array>
#include <bit>
#include <cmath>

#include "core/weights/json_fields.h"

namespace docket::weights {
namespace {

constexpr std::array<const char*, 2> kStateNames = {".quant_state.bitsandbytes__nf4", ".quant_state.bitsandbytes__fp4"};

const StoredTensor* find_state(const Checkpoint& checkpoint, const std::string& weight) {
  for (const char* suffix : kStateNames) {
    if (const StoredTensor* state = checkpoint.find(weight + suffix)) return state;
  }
  return nullptr;
}

std::string place(const StoredTensor& tensor) { return tensor.file + ": " + tensor.name; }

Result<const StoredTensor*> require_typed(const Checkpoint& checkpoint, const std::string& name, DType dtype,
                                          std::int64_t count) {
  const StoredTensor* tensor = checkpoint.find(name);
  if (tensor == nullptr)
    return make_error(ErrorCode::kNotFound, "the tensor is missing", checkpoint.folder().string() + ": " + name);
  if (tensor->dtype != dtype || tensor->shape.count() != count) {
    return make_error(ErrorCode::kMalformed,
                      std::string("is ") + to_string(tensor->dtype) + " " + tensor->shape.text() + ", expected " +
                          std::to_string(count) + " values of " + to_string(dtype),
                      place(*tensor));
  }
  return tensor;
}

Result<std::vector<float>> read_floats(const Checkpoint& checkpoint, const std::string& name, std::int64_t count) {
  DOCKET_TRY(const StoredTensor* tensor, require_typed(checkpoint, name, DType::kF32, count));
  std::vector<float> out(static_cast<std::size_t>(count));
  convert_to_f32(DType::kF32, tensor->bytes.data(), out.data(), out.size());
  for (const float value : out) {
    if (!std::isfinite(value))
      return make_error(ErrorCode::kMalformed, "holds a value that is not finite", place(*tensor));
  }
  return out;
}

struct State {
  int block_size = 0;
  bool nested = false;
  float nested_offset = 0;
};

// The JSON object in quant_state; spec 7.4.
Result<State> read_state(const StoredTensor& tensor, std::int64_t out_features, std::int64_t in_features) {
  if (tensor.dtype != DType::kU8) return make_error(ErrorCode::kMalformed, "is not U8", place(tensor));
  const std::string_view text(reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size());
  JsonFields f = JsonFields::parse(text, place(tensor));
  State out;
  const std::string kind = f.text_or("quant_type", "");
  if (f.ok()) f.supports(kind == "nf4" || kind == "fp4", "quant_type", "is \"" + kind + "\", expected nf4 or fp4");
  out.block_size = static_cast<int>(f.integer("blocksize", 32, 4096));
  f.require(std::has_single_bit(static_cast<unsigned>(out.block_size)), "blocksize", "is not a power of two");
  const std::vector<std::int64_t> shape = f.integers("shape", 0, std::int64_t{1} << 40);
  f.require(shape == std::vector<std::int64_t>{out_features, in_features}, "shape",
            "is " + Shape(shape).text() + ", expected " + Shape{out_features, in_features}.text());
  out.nested = f.has("nested_blocksize") || f.has("nested_offset");
  if (out.nested) {
    f.supports(f.integer("nested_blocksize", 1, 1 << 20) == quant::kNestedBlockSize, "nested_blocksize", "is not 256");
    out.nested_offset = static_cast<float>(f.number("nested_offset", -1e30, 1e30));
  }
  if (!f.ok()) return f.status().failure();
  return out;
}

}  // namespace

Result<StoredKind> stored_kind(const Checkpoint& checkpoint, const std::string& module) {
  const StoredTensor* weight = checkpoint.find(module + ".weight");
  if (weight == nullptr) {
    return make_error(ErrorCode::kNotFound, "the tensor is missing",
                      checkpoint.folder().string() + ": " + module + ".weight");
  }
  if (weight->dtype == DType::kF32 || weight->dtype == DType::kF16 || weight->dtype == DType::kBF16)
    return StoredKind::kFloating;
  if (find_state(checkpoint, weight->name) != nullptr || find_state(checkpoint, module + ".weight") != nullptr)
    return StoredKind::kBlock4;
  if (weight->dtype == DType::kI8 && checkpoint.find(module + ".SCB") != nullptr) return StoredKind::kInt8;
  return make_error(ErrorCode::kUnsupported,
                    std::string("is ") + to_string(weight->dtype) + " without a quant_state or SCB beside it",
                    place(*weight));
}

Result<StoredBlock4> read_block4(const Checkpoint& checkpoint, const std::string& module, std::int64_t out_features,
                                 std::int64_t in_features) {
  const std::string name = module + ".weight";
  const StoredTensor* weight = checkpoint.find(name);
  const StoredTensor* state_tensor = find_state(checkpoint, name);
  if (weight == nullptr || state_tensor == nullptr) {
    return make_error(ErrorCode::kNotFound, "weight or quant_state is missing",
                      checkpoint.folder().string() + ": " + name);
  }
  DOCKET_TRY(const State state, read_state(*state_tensor, out_features, in_features));
  StoredBlock4 out;
  quant::Block4View& view = out.view;
  view.out_features = out_features;
  view.in_features = in_features;
  view.block_size = state.block_size;
  // bnb_4bit_quant_storage may view the packed bytes as another type: only their number counts.
  if (weight->bytes.size() != static_cast<std::size_t>((view.num_values() + 1) / 2)) {
    return make_error(ErrorCode::kMalformed,
                      "holds " + std::to_string(weight->bytes.size()) + " bytes, " +
                          Shape{out_features, in_features}.text() + " takes " +
                          std::to_string((view.num_values() + 1) / 2),
                      place(*weight));
  }
  view.packed = reinterpret_cast<const std::uint8_t*>(weight->bytes.data());
  DOCKET_TRY(out.code, read_floats(checkpoint, name + ".quant_map", 16));
  view.code = out.code.data();
  if (!state.nested) {
    DOCKET_TRY(out.absmax, read_floats(checkpoint, name + ".absmax", view.num_blocks()));
    view.absmax = out.absmax.data();
    return out;
  }
  DOCKET_TRY(const StoredTensor* absmax, require_typed(checkpoint, name + ".absmax", DType::kU8, view.num_blocks()));
  const std::int64_t nested_blocks = (view.num_blocks() + quant::kNestedBlockSize - 1) / quant::kNestedBlockSize;
  DOCKET_TRY(out.nested_absmax, read_floats(checkpoint, name + ".nested_absmax", nested_blocks));
  DOCKET_TRY(out.nested_code, read_floats(checkpoint, name + ".nested_quant_map", 256));
  view.absmax_q = reinterpret_cast<const std::uint8_t*>(absmax->bytes.data());
  view.nested_absmax = out.nested_absmax.data();
  view.nested_code = out.nested_code.data();
  view.nested_offset = state.nested_offset;
  return out;
}

Result<Shape> block4_shape(const Checkpoint& checkpoint, const std::string& module) {
  const StoredTensor* tensor = find_state(checkpoint, module + ".weight");
  if (tensor == nullptr) {
    return make_error(ErrorCode::kNotFound, "quant_state is missing",
                      checkpoint.folder().string() + ": " + module + ".weight");
  }
  JsonFields f =
      JsonFields::parse({reinterpret_cast<const char*>(tensor->bytes.data()), tensor->bytes.size()}, place(*tensor));
  const std::vector<std::int64_t> shape = f.integers("shape", 0, 1 << 24);
  if (!f.ok()) return f.status().failure();
  return Shape(shape);
}

Result<StoredInt8> read_int8(const Checkpoint& checkpoint, const std::string& module, std::int64_t out_features,
                             std::int64_t in_features) {
  DOCKET_TRY(const StoredTensor* weight, checkpoint.require(module + ".weight", Shape{out_features, in_features}));
  if (weight->dtype != DType::kI8) return make_error(ErrorCode::kMalformed, "is not I8", place(*weight));
  if (const StoredTensor* format = checkpoint.find(module + ".weight_format")) {
    if (format->bytes.size() != 1 || format->bytes[0] != std::byte{0})
      return make_error(ErrorCode::kUnsupported, "is not 0 (row-major)", place(*format));
  }
  StoredInt8 out;
  DOCKET_TRY(out.scb, read_floats(checkpoint, module + ".SCB", out_features));
  out.view = {out_features, in_features, reinterpret_cast<const std::int8_t*>(weight->bytes.data()), out.scb.data()};
  return out;
}

}  // namespace docket::weights
