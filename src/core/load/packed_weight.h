// Packed weights: a linear weight as it lies in memory, stored in a safetensors file, so that a mapped file is ready
// for the kernels and loading is a matter of page faults.
//
// `module`.weight is replaced by U8 tensors `module`.packed.<part>, one for each array of kernels::LinearWeight, and
// `module`.packed.about, I64 [8]: {kPackedVersion, format, out_features, in_features, 0, 0, 0, 0}. Every part is a
// multiple of 64 bytes and the writer starts the data at one, so that vector loads do not cross cache lines.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/kernels/linear_weight.h"
#include "core/weights/checkpoint.h"

namespace docket::load {

inline constexpr std::int64_t kPackedVersion = 1;

struct PackedPart {
  const char* name = nullptr;
  std::int64_t size_bytes = 0;
  const void* data = nullptr;  // borrowed from the weight; null when it was only measured
};

// What a weight holds as plain numbers, laid out as parts.
struct PackedScalars {
  std::int64_t about[8] = {};
  float nested_offset[16] = {};
};

// The arrays of a weight, bias aside; those of `storage` too, which must outlive them.
std::vector<PackedPart> packed_parts(const kernels::LinearWeight& weight, PackedScalars& storage);

bool is_packed(const weights::Checkpoint& checkpoint, const std::string& module);

// The weight of `module`, pointing into the mapped file. Errors: kNotFound, kMalformed and kUnsupported (another
// version or format) with the tensor's name; every part's size is checked against the shape.
Result<kernels::LinearWeight> read_packed(const weights::Checkpoint& checkpoint, const std::string& module,
                                          std::int64_t out_features, std::int64_t in_features);

}  // namespace docket::load
