#include "core/load/weight_loader.h"

#include <algorithm>

#include "core/load/packed_weight.h"
#include "core/quant/quantize.h"
#include "core/weights/quantized.h"

namespace docket::load {

using kernels::LinearWeight;
using weights::StoredTensor;

template <typename T>
std::optional<T> WeightLoader::keep(Result<T> result) {
  if (result) return std::move(*result);
  if (!error_) error_ = result.error();
  return std::nullopt;
}

const StoredTensor* WeightLoader::floating(const std::string& name, const Shape& shape) {
  const auto tensor = keep(checkpoint_.require(name, shape));
  if (!tensor) return nullptr;
  const DType dtype = (*tensor)->dtype;
  if (dtype == DType::kF32 || dtype == DType::kF16 || dtype == DType::kBF16) return *tensor;
  if (!error_) {
    error_ = Error{ErrorCode::kUnsupported, std::string("is ") + to_string(dtype) + ", expected F32, F16 or BF16",
                   (*tensor)->file + ": " + (*tensor)->name};
  }
  return nullptr;
}

LinearWeight WeightLoader::from_block4(const std::string& module, std::int64_t out_features, std::int64_t in_features) {
  const auto stored = keep(weights::read_block4(checkpoint_, module, out_features, in_features));
  if (!stored) return {};
  if (kernels::can_pack(stored->view)) return kernels::pack_linear(arena_, stored->view);
  std::vector<float> values;
  if (!arena_.measures()) {
    values.resize(static_cast<std::size_t>(out_features * in_features));
    quant::dequantize_rows(stored->view, 0, out_features, values);
  }
  return kernels::pack_linear(arena_, DType::kF32, values.data(), out_features, in_features);
}

namespace {

// What pack_linear asks of a 4-bit weight while measuring: shapes and whether its scales are nested.
quant::Block4View shape_of_block4(std::int64_t out_features, std::int64_t in_features, bool nested) {
  static const std::uint8_t kNothing = 0;
  quant::Block4View view;
  view.out_features = out_features;
  view.in_features = in_features;
  view.absmax_q = nested ? &kNothing : nullptr;
  return view;
}

}  // namespace

LinearWeight WeightLoader::quantized(QuantKind kind, const std::string& module, const StoredTensor& tensor,
                                     std::int64_t out_features, std::int64_t in_features) {
  const bool nested = policy_.double_quantize;
  if (arena_.measures()) {
    if (kind == QuantKind::kInt8)
      return kernels::pack_linear(arena_, quant::Int8View{out_features, in_features, nullptr, nullptr});
    return kernels::pack_linear(arena_, shape_of_block4(out_features, in_features, nested));
  }
  std::vector<float> values(static_cast<std::size_t>(out_features * in_features));
  convert_to_f32(tensor.dtype, tensor.bytes.data(), values.data(), values.size());
  if (!quant::fits_fp16(values)) {
    if (!error_) {
      error_ = Error{ErrorCode::kMalformed, "holds a value beyond fp16's range, which cannot be quantised",
                     tensor.file + ": " + module + ".weight"};
    }
    return {};
  }
  if (kind == QuantKind::kInt8)
    return kernels::pack_linear(arena_, quant::quantize_8bit(values, out_features, in_features).view());
  const quant::Code4 code = kind == QuantKind::kNf4 ? quant::Code4::kNf4 : quant::Code4::kFp4;
  return kernels::pack_linear(arena_, quant::quantize_4bit(values, out_features, in_features, code, nested).view());
}

LinearWeight WeightLoader::from_floating(const std::string& module, const StoredTensor& tensor,
                                         std::int64_t out_features, std::int64_t in_features) {
  const QuantKind kind = policy_.kind_of(module);
  const bool blocks_fit = in_features % quant::kBlockSize == 0;
  LinearWeight out;
  if (kind == QuantKind::kNone || (kind != QuantKind::kInt8 && !blocks_fit)) {
    out = kernels::pack_linear(arena_, tensor.dtype, tensor.bytes.data(), out_features, in_features);
  } else {
    out = quantized(kind, module, tensor, out_features, in_features);
  }
  if (!arena_.measures()) checkpoint_.release_pages(tensor);
  return out;
}

LinearWeight WeightLoader::linear(const std::string& module, std::int64_t out_features, std::int64_t in_features,
                                  bool has_bias) {
  if (error_) return {};
  LinearWeight out;
  if (is_packed(checkpoint_, module)) {
    out = keep(read_packed(checkpoint_, module, out_features, in_features)).value_or(LinearWeight{});
  } else {
    out = unpacked(module, out_features, in_features);
  }
  out.module = static_cast<std::int32_t>(modules_.size());
  modules_.push_back({module, out_features, in_features});
  out.has_bias = has_bias;
  if (!has_bias || error_) return out;
  const StoredTensor* bias = floating(module + ".bias", Shape{out_features});
  if (bias != nullptr) out.bias = kernels::pack_bias(arena_, bias->dtype, bias->bytes.data(), out_features);
  return out;
}

LinearWeight WeightLoader::unpacked(const std::string& module, std::int64_t out_features, std::int64_t in_features) {
  const auto kind = keep(weights::stored_kind(checkpoint_, module));
  if (!kind) return {};
  LinearWeight out;
  if (*kind == weights::StoredKind::kBlock4) {
    out = from_block4(module, out_features, in_features);
  } else if (*kind == weights::StoredKind::kInt8) {
    const auto stored = keep(weights::read_int8(checkpoint_, module, out_features, in_features));
    if (stored) out = kernels::pack_linear(arena_, stored->view);
  } else {
    const StoredTensor* tensor = floating(module + ".weight", Shape{out_features, in_features});
    if (tensor != nullptr) out = from_floating(module, *tensor, out_features, in_features);
  }
  return out;
}

LinearWeight WeightLoader::convolution(const std::string& module, const Shape& shape) {
  if (error_) return {};
  const StoredTensor* tensor = floating(module + ".weight", shape);
  if (tensor == nullptr) return {};
  return kernels::pack_linear(arena_, tensor->dtype, tensor->bytes.data(), shape[0], shape.count() / shape[0]);
}

const float* WeightLoader::vector(const std::string& name, std::int64_t count) {
  if (error_) return nullptr;
  const StoredTensor* tensor = floating(name, Shape{count});
  if (tensor == nullptr) return nullptr;
  float* values = arena_.take<float>(count);
  if (values != nullptr) convert_to_f32(tensor->dtype, tensor->bytes.data(), values, static_cast<std::size_t>(count));
  return values;
}

const float* WeightLoader::values(std::span<const float> numbers) {
  float* out = arena_.take<float>(static_cast<std::int64_t>(numbers.size()));
  if (out != nullptr) std::copy(numbers.begin(), numbers.end(), out);
  return out;
}

float WeightLoader::scalar(const std::string& name) {
  if (error_) return 0;
  const StoredTensor* tensor = floating(name, Shape{1});
  if (tensor == nullptr) return 0;
  float value = 0;  // read while measuring too: what else is loaded can depend on it
  convert_to_f32(tensor->dtype, tensor->bytes.data(), &value, 1);
  return value;
}

kernels::EmbeddingTable WeightLoader::table(const std::string& name, std::int64_t rows, std::int64_t cols) {
  if (error_) return {};
  const StoredTensor* tensor = floating(name, Shape{rows, cols});
  if (tensor == nullptr) return {};
  return {tensor->bytes.data(), tensor->dtype, rows, cols};
}

kernels::EmbeddingTable WeightLoader::row_table(const std::string& name, std::int64_t cols) {
  if (error_) return {};
  const StoredTensor* tensor = floating(name, Shape{cols});
  if (tensor == nullptr) return {};
  return {tensor->bytes.data(), tensor->dtype, 1, cols};
}

}  // namespace docket::load
