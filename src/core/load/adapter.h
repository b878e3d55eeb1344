// A LoRA adapter as PEFT saves it: adapter_config.json and adapter_model.safetensors, with tensors
//   base_model.model.<module>.lora_A.weight [r, in]    .lora_B.weight [out, r]
// in the module names of either layout of the model (core/weights/checkpoint.h); an adapter name that was left between
// "lora_A" and "weight" is passed over.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/kernels/lora.h"
#include "core/load/adapter_config.h"
#include "core/load/weight_loader.h"
#include "core/weights/safetensors.h"

namespace docket::load {

class AdapterFile {
 public:
  // Reads the configuration and every name, type and shape, and finds the module of each among `modules`.
  // Errors: those of parse_lora_config and parse_safetensors; kNotFound; kMalformed with file and tensor for a tensor
  // that belongs to no linear weight of the model, A without B, a shape that does not fit the module or the rank, and a
  // module met twice; kUnsupported for a type that is not floating and for tensors of DoRA, embeddings or biases.
  static Result<AdapterFile> open(const std::filesystem::path& folder, std::span<const Module> modules);

  std::int64_t max_rank() const;
  std::vector<int> modules() const;  // the numbers of those that it changes, ascending

  // Lays the adapter out in `arena`, for a model of `num_modules`; a measuring arena gives its size.
  kernels::Adapter load(Arena& arena, std::size_t num_modules) const;

 private:
  struct Part {
    const weights::StoredTensor* a = nullptr;
    const weights::StoredTensor* b = nullptr;
    std::string path;  // as the file spells it, without "base_model.model."
    float scale = 0;
  };
  explicit AdapterFile(weights::MappedFile file) : file_(std::move(file)) {}
  Status sort_in(std::span<const Module> modules);
  Status check(const Module& module, Part& part) const;

  weights::MappedFile file_;
  std::string where_;  // the safetensors file
  LoraConfig config_;
  weights::TensorMap tensors_;
  std::map<int, Part> parts_;  // by module number
};

}  // namespace docket::load
