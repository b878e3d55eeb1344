#include "tests/support/golden.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>

namespace docket::golden {
namespace {

float from_f16(std::uint16_t h) {
  const int exponent = (h >> 10) & 31, fraction = h & 1023;
  const float magnitude = exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                                        : std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
  return (h >> 15) != 0 ? -magnitude : magnitude;
}

std::string read_all(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) ADD_FAILURE() << "cannot open " << path;
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

std::vector<float> Tensor::floats() const {
  const std::size_t width = dtype == "F32" ? 4 : 2;
  std::vector<float> out(bytes.size() / width);
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, bytes.data() + i * width, width);
    if (dtype == "F32") out[i] = std::bit_cast<float>(bits);
    if (dtype == "BF16") out[i] = std::bit_cast<float>(bits << 16);
    if (dtype == "F16") out[i] = from_f16(static_cast<std::uint16_t>(bits));
  }
  return out;
}

std::map<std::string, Tensor> read_tensors(const std::string& path) {
  const std::string all = read_all(path);
  std::map<std::string, Tensor> out;
  if (all.size() < 8) return out;
  std::uint64_t length = 0;
  std::memcpy(&length, all.data(), 8);
  const nlohmann::json header = nlohmann::json::parse(all.substr(8, length));
  for (const auto& [name, about] : header.items()) {
    if (name == "__metadata__") continue;
    const std::size_t begin = about["data_offsets"][0], end = about["data_offsets"][1];
    Tensor t{about["dtype"], about["shape"], {}};
    const char* data = all.data() + 8 + length;
    t.bytes.assign(data + begin, data + end);
    out.emplace(name, std::move(t));
  }
  return out;
}

nlohmann::json read_json(const std::string& path) { return nlohmann::json::parse(read_all(path)); }

double relative_l2(const std::vector<float>& a, const std::vector<float>& b) {
  EXPECT_EQ(a.size(), b.size());
  double difference = 0, norm = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    difference += std::pow(static_cast<double>(a[i]) - static_cast<double>(b[i]), 2);
    norm += std::pow(static_cast<double>(b[i]), 2);
  }
  return norm > 0 ? std::sqrt(difference / norm) : std::sqrt(difference);
}

double max_abs(const std::vector<float>& a, const std::vector<float>& b) {
  EXPECT_EQ(a.size(), b.size());
  double largest = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    largest = std::max(largest, std::fabs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  }
  return largest;
}

std::vector<float> thin(const std::vector<float>& full, std::size_t stride) {
  std::vector<float> out;
  for (std::size_t i = 0; i < full.size(); i += stride) out.push_back(full[i]);
  return out;
}

}  // namespace docket::golden
