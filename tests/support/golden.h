// Reads the fixtures of tests/golden/data: a plain safetensors reader for tests alone, which trusts its files and
// shares no code with the product's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace docket::golden {

inline const std::string kData = "tests/golden/data/";

struct Tensor {
  std::string dtype;  // "F32", "BF16", "F16", "U8", "I8", "I64"
  std::vector<std::int64_t> shape;
  std::vector<std::uint8_t> bytes;

  // F32, BF16 or F16 as fp32.
  std::vector<float> floats() const;
};

// Fails the running test and returns an empty map when the file cannot be read.
std::map<std::string, Tensor> read_tensors(const std::string& path);
nlohmann::json read_json(const std::string& path);

// ||a - b|| / ||b||, or the plain norm of a when b is all zero.
double relative_l2(const std::vector<float>& a, const std::vector<float>& b);
double max_abs(const std::vector<float>& a, const std::vector<float>& b);

// Every `stride`-th value of `full`, as the goldens thin their large tensors.
std::vector<float> thin(const std::vector<float>& full, std::size_t stride);

}  // namespace docket::golden
