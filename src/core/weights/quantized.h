// Linear weights that bitsandbytes has quantised, as they lie in a checkpoint (spec 7.4, 7.6). What a tensor is gets
// decided by the tensors beside it, never by config.json: dynamic checkpoints keep single modules in 16 bits.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/quant/block4.h"
#include "core/weights/checkpoint.h"

namespace docket::weights {

enum class StoredKind { kFloating, kBlock4, kInt8 };

// What `module`.weight is: U8 beside a quant_state is kBlock4, I8 beside an SCB is kInt8, F32, F16 and BF16 are
// kFloating. Errors: kNotFound without the tensor, kUnsupported for anything else, naming its type.
Result<StoredKind> stored_kind(const Checkpoint& checkpoint, const std::string& module);

// Small tables are copied, because a file aligns nothing; the packed values stay in the mapping. Movable; the view
// lives as long as this and the checkpoint.
struct StoredBlock4 {
  quant::Block4View view;
  std::vector<float> code, absmax, nested_absmax, nested_code;
};

// Reads `module` of [out_features, in_features]. Errors: kNotFound, kMalformed and kUnsupported with the tensor's name:
// every size is checked against the shape, code book and block size against what the format allows.
Result<StoredBlock4> read_block4(const Checkpoint& checkpoint, const std::string& module, std::int64_t out_features,
                                 std::int64_t in_features);

// The [out_features, in_features] that a 4-bit weight's quant_state gives. Errors: as read_block4.
Result<Shape> block4_shape(const Checkpoint& checkpoint, const std::string& module);

struct StoredInt8 {
  quant::Int8View view;
  std::vector<float> scb;
};
Result<StoredInt8> read_int8(const Checkpoint& checkpoint, const std::string& module, std::int64_t out_features,
                             std::int64_t in_features);

}  // namespace docket::weights
