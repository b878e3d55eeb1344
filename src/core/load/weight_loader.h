// WeightLoader: named tensors of a checkpoint into the layout of the kernels.
//
// The first thing wrong is kept and asked for once at the end (status), so that a model's load function is a list of
// its weights. With a measuring Arena it checks names, types and shapes and counts bytes, but reads no values: the same
// function gives the memory plan and then the weights.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/kernels/elementwise.h"
#include "core/kernels/linear_weight.h"
#include "core/load/quant_policy.h"
#include "core/tensor/arena.h"
#include "core/weights/checkpoint.h"

namespace docket::load {

// A linear weight of the model by its 4.45 name: what an adapter may attach to. Its place in the list is the weight's
// LinearWeight::module.
struct Module {
  std::string name;
  std::int64_t out_features = 0, in_features = 0;
};

class WeightLoader {
 public:
  // Borrows all three; the arena must outlive the weights, the checkpoint the tables.
  WeightLoader(const weights::Checkpoint& checkpoint, Arena& arena, const QuantPolicy& policy)
      : checkpoint_(checkpoint), arena_(arena), policy_(policy) {}

  // `module`.weight [out_features, in_features] in whatever form it is stored, quantised here if the policy says so,
  // and `module`.bias when `has_bias`. A 4-bit weight whose blocks cross rows is brought to fp32; a packed one
  // (packed_weight.h) stays in the mapped file.
  kernels::LinearWeight linear(const std::string& module, std::int64_t out_features, std::int64_t in_features,
                               bool has_bias = false);
  // A floating tensor of this shape as a linear weight [shape[0], the rest]: the patch convolution.
  kernels::LinearWeight convolution(const std::string& module, const Shape& shape);
  // `name` [count] in fp32.
  const float* vector(const std::string& name, std::int64_t count);
  float scalar(const std::string& name);  // [1]; 0 while measuring
  // Numbers that the configuration gives, laid beside the weights.
  const float* values(std::span<const float> numbers);
  // `name` [rows, cols], left in the mapped file.
  kernels::EmbeddingTable table(const std::string& name, std::int64_t rows, std::int64_t cols);
  kernels::EmbeddingTable row_table(const std::string& name, std::int64_t cols);  // `name` [cols] as one row

  // Every weight that linear() was asked for, in order.
  const std::vector<Module>& modules() const { return modules_; }

  Status status() const { return error_ ? Status(Unexpected{*error_}) : Status(); }

 private:
  template <typename T>
  std::optional<T> keep(Result<T> result);
  const weights::StoredTensor* floating(const std::string& name, const Shape& shape);
  kernels::LinearWeight unpacked(const std::string& module, std::int64_t out_features, std::int64_t in_features);
  kernels::LinearWeight from_block4(const std::string& module, std::int64_t out_features, std::int64_t in_features);
  kernels::LinearWeight from_floating(const std::string& module, const weights::StoredTensor& tensor,
                                      std::int64_t out_features, std::int64_t in_features);
  kernels::LinearWeight quantized(QuantKind kind, const std::string& module, const weights::StoredTensor& tensor,
                                  std::int64_t out_features, std::int64_t in_features);

  const weights::Checkpoint& checkpoint_;
  Arena& arena_;
  QuantPolicy policy_;
  std::vector<Module> modules_;
  std::optional<Error> error_;
};

}  // namespace docket::load
