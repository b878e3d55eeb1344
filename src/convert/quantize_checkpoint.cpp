#include "convert/quantize_checkpoint.h"

#include <array>
#include <string_view>

#include "convert/safetensors_writer.h"
#include "convert/unused_tensor.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/quant/codebook.h"
#include "core/quant/quantize.h"
#include "core/weights/checkpoint.h"

namespace docket::convert {
namespace {

using load::QuantKind;
using weights::StoredTensor;

// The quant_state text is padded with spaces to this, so that its size is known before its numbers are.
constexpr std::size_t kStateBytes = 256;

struct Plan {
  std::string name;    // as the file spells it
  std::string module;  // 4.45 name; empty: copied
  const StoredTensor* tensor = nullptr;
  QuantKind kind = QuantKind::kNone;

  std::int64_t blocks() const { return (tensor->shape.count() + quant::kBlockSize - 1) / quant::kBlockSize; }
  std::string stem() const { return name.substr(0, name.size() - std::string_view("weight").size()); }
};

const char* kind_name(QuantKind kind) { return kind == QuantKind::kNf4 ? "nf4" : "fp4"; }

const char* torch_dtype(DType dtype) {
  return dtype == DType::kBF16 ? "bfloat16" : dtype == DType::kF16 ? "float16" : "float32";
}

void declare(SafetensorsWriter& writer, const Plan& p, bool nested) {
  const Shape& shape = p.tensor->shape;
  if (p.kind == QuantKind::kNone) return writer.declare(p.name, p.tensor->dtype, shape);
  if (p.kind == QuantKind::kInt8) {
    writer.declare(p.name, DType::kI8, shape);
    writer.declare(p.stem() + "SCB", DType::kF32, Shape{shape[0]});
    return writer.declare(p.stem() + "weight_format", DType::kU8, Shape{});
  }
  writer.declare(p.name, DType::kU8, Shape{(shape.count() + 1) / 2, 1});
  writer.declare(p.name + ".absmax", nested ? DType::kU8 : DType::kF32, Shape{p.blocks()});
  writer.declare(p.name + ".quant_map", DType::kF32, Shape{16});
  if (nested) {
    const std::int64_t groups = (p.blocks() + quant::kNestedBlockSize - 1) / quant::kNestedBlockSize;
    writer.declare(p.name + ".nested_absmax", DType::kF32, Shape{groups});
    writer.declare(p.name + ".nested_quant_map", DType::kF32, Shape{256});
  }
  writer.declare(p.name + ".quant_state.bitsandbytes__" + kind_name(p.kind), DType::kU8,
                 Shape{static_cast<std::int64_t>(kStateBytes)});
}

std::string state_text(const Plan& p, const quant::Block4& q, bool nested) {
  OrderedJson state = {{"quant_type", kind_name(p.kind)},
                       {"blocksize", quant::kBlockSize},
                       {"dtype", torch_dtype(p.tensor->dtype)},
                       {"shape", p.tensor->shape.dims()}};
  if (nested) {
    state["nested_blocksize"] = quant::kNestedBlockSize;
    state["nested_dtype"] = "float32";
    state["nested_offset"] = static_cast<double>(q.nested_offset);
  }
  std::string text = json_line(state);
  text.resize(kStateBytes, ' ');
  return text;
}

template <typename T>
Status append(SafetensorsWriter& writer, const std::vector<T>& values) {
  return writer.append_values(std::span<const T>(values));
}

Status write_4bit(SafetensorsWriter& writer, const Plan& p, std::span<const float> values, bool nested) {
  const auto code = p.kind == QuantKind::kNf4 ? quant::Code4::kNf4 : quant::Code4::kFp4;
  const auto q = quant::quantize_4bit(values, p.tensor->shape[0], p.tensor->shape[1], code, nested);
  DOCKET_TRY_VOID(append(writer, q.packed));
  if (nested) {
    DOCKET_TRY_VOID(append(writer, q.absmax_q));
  } else {
    DOCKET_TRY_VOID(append(writer, q.absmax));
  }
  DOCKET_TRY_VOID(append(writer, q.code));
  if (nested) {
    DOCKET_TRY_VOID(append(writer, q.nested_absmax));
    DOCKET_TRY_VOID(append(writer, q.nested_code));
  }
  const std::string state = state_text(p, q, nested);
  return writer.append_values(std::span<const char>(state));
}

Status write_8bit(SafetensorsWriter& writer, const Plan& p, std::span<const float> values) {
  const auto q = quant::quantize_8bit(values, p.tensor->shape[0], p.tensor->shape[1]);
  DOCKET_TRY_VOID(append(writer, q.q));
  DOCKET_TRY_VOID(append(writer, q.scb));
  const std::array<std::uint8_t, 1> row_major = {0};
  return writer.append_values(std::span<const std::uint8_t>(row_major));
}

Status write(SafetensorsWriter& writer, const Plan& p, bool nested) {
  if (p.kind == QuantKind::kNone) return writer.append(p.tensor->bytes);
  std::vector<float> values(static_cast<std::size_t>(p.tensor->shape.count()));
  convert_to_f32(p.tensor->dtype, p.tensor->bytes.data(), values.data(), values.size());
  if (!quant::fits_fp16(values)) {
    return make_error(ErrorCode::kUnsupported, "holds a value beyond fp16's range, which cannot be quantised",
                      p.tensor->file + ": " + p.name);
  }
  return p.kind == QuantKind::kInt8 ? write_8bit(writer, p, values) : write_4bit(writer, p, values, nested);
}

// The modules that stay as they are, in the spelling of llm_int8_skip_modules.
std::vector<std::string> skipped(const load::QuantPolicy& policy) {
  std::vector<std::string> out;
  if (policy.skip_vision) out.emplace_back("vision_model");
  if (policy.skip_projector) out.emplace_back("multi_modal_projector");
  if (policy.skip_cross) out.emplace_back("cross_attn");
  if (policy.head == QuantKind::kNone) out.emplace_back("lm_head");
  return out;
}

Status write_config(const std::filesystem::path& from, const std::filesystem::path& to,
                    const load::QuantPolicy& policy) {
  DOCKET_TRY(const std::string text, read_text_file(from, 1 << 24));
  DOCKET_TRY(Json config, parse_json(text, from.string()));
  if (!config.is_object()) return make_error(ErrorCode::kMalformed, "expected a JSON object", from.string());
  const bool int8 = policy.linears == QuantKind::kInt8;
  config["quantization_config"] = {{"quant_method", "bitsandbytes"},
                                   {"load_in_8bit", int8},
                                   {"load_in_4bit", !int8},
                                   {"_load_in_8bit", int8},
                                   {"_load_in_4bit", !int8},
                                   {"bnb_4bit_quant_type", int8 ? "fp4" : kind_name(policy.linears)},
                                   {"bnb_4bit_use_double_quant", policy.double_quantize && !int8},
                                   {"bnb_4bit_compute_dtype", "float32"},
                                   {"bnb_4bit_quant_storage", "uint8"},
                                   {"llm_int8_threshold", 6.0},
                                   {"llm_int8_has_fp16_weight", false},
                                   {"llm_int8_enable_fp32_cpu_offload", false},
                                   {"llm_int8_skip_modules", skipped(policy)}};
  return write_file_atomic(to, config.dump(2) + "\n");
}

Result<std::vector<Plan>> make_plan(const weights::Checkpoint& checkpoint, const load::QuantPolicy& policy) {
  std::vector<Plan> plans;
  for (const auto& [name, tensor] : checkpoint.tensors()) {
    if (is_unused(checkpoint, name)) continue;
    Plan p{tensor.name, "", &tensor, QuantKind::kNone};
    if (is_linear_weight(name, p.module)) {
      if (!is_floating(tensor.dtype)) {
        return make_error(ErrorCode::kUnsupported, std::string("is ") + to_string(tensor.dtype) + ": quantised already",
                          tensor.file + ": " + tensor.name);
      }
      if (tensor.shape.rank() == 2) p.kind = policy.kind_of(p.module);
    }
    plans.push_back(std::move(p));
  }
  return plans;
}

}  // namespace

bool is_linear_weight(const std::string& name, std::string& module) {
  constexpr std::string_view kWeight = ".weight";
  if (!name.ends_with(kWeight)) return false;
  module = name.substr(0, name.size() - kWeight.size());
  const std::string_view leaf = std::string_view(module).substr(module.rfind('.') + 1);
  return leaf.ends_with("_proj") || leaf == "fc1" || leaf == "fc2" || leaf == "lm_head" ||
         leaf == "multi_modal_projector";
}

Status quantize_checkpoint(const std::filesystem::path& folder, const load::QuantPolicy& policy,
                           const std::filesystem::path& out, const Progress& progress) {
  std::error_code error;
  std::filesystem::create_directories(out, error);
  if (error) return make_error(ErrorCode::kIo, "cannot be created: " + error.message(), out.string());
  if (std::filesystem::equivalent(folder, out, error)) {
    return make_error(ErrorCode::kInvalidArgument, "the quantised model needs a folder of its own", out.string());
  }
  DOCKET_TRY(const auto checkpoint, weights::Checkpoint::open(folder));
  DOCKET_TRY(const auto plans, make_plan(checkpoint, policy));
  SafetensorsWriter writer;
  for (const Plan& p : plans) declare(writer, p, policy.double_quantize);
  DOCKET_TRY_VOID(writer.begin(out / "model.safetensors"));
  for (std::size_t i = 0; i < plans.size(); ++i) {
    if (progress) progress(plans[i].name, i, plans.size());
    DOCKET_TRY_VOID(write(writer, plans[i], policy.double_quantize));
    checkpoint.release_pages(*plans[i].tensor);
  }
  DOCKET_TRY_VOID(writer.finish());
  for (const char* name : {"generation_config.json", "preprocessor_config.json", "tokenizer.json",
                           "tokenizer_config.json", "special_tokens_map.json"}) {
    if (!std::filesystem::exists(folder / name)) continue;
    std::filesystem::copy_file(folder / name, out / name, std::filesystem::copy_options::overwrite_existing, error);
    if (error) return make_error(ErrorCode::kIo, "cannot be copied: " + error.message(), (folder / name).string());
  }
  return write_config(folder / "config.json", out / "config.json", policy);
}

}  // namespace docket::convert
