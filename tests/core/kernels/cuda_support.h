// What the CUDA tests share: a device with the path of the parameter, matrices on it, and the plain reference beside
// it.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <vector>

#include "tests/core/kernels/kernels_test_support.h"

namespace docket::kernels {

inline constexpr std::size_t kTestBytes = std::size_t{512} << 20;
inline constexpr std::size_t kTestControlBytes = std::size_t{8} << 20;

inline std::vector<float> rounded_to_half(std::vector<float> values) {
  for (float& value : values) value = f16_to_f32(f32_to_f16(value));
  return values;
}

// ||a - b|| / ||b||; infinite for a NaN, so that it never passes.
inline double relative_l2(const std::vector<float>& a, const std::vector<float>& b) {
  double difference = 0, norm = 0;
  EXPECT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += std::pow(double{a[i]} - double{b[i]}, 2);
    norm += std::pow(double{b[i]}, 2);
  }
  const double out = norm > 0 ? std::sqrt(difference / norm) : std::sqrt(difference);
  return std::isfinite(out) ? out : std::numeric_limits<double>::infinity();
}

// Every test runs on the device's own path and on the forced sm_70 path.
class Cuda : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    KernelOptions options;
    options.device = "cuda";
    options.device_options.force_sm70 = std::string(GetParam()) == "sm70";
    auto kernels = Kernels::create(options);
    if (!kernels) GTEST_SKIP() << kernels.error().text();
    kernels_ = std::make_unique<Kernels>(std::move(*kernels));
    memory_ = device().allocate(kTestBytes + kTestControlBytes, "a test").value();
    control_ = device().allocate_host(kTestControlBytes, "a test").value();
    device().set_control(control_.get(), memory_.get() + kTestBytes, kTestControlBytes);
    reset();
  }
  void TearDown() override {
    if (!kernels_) return;
    const Status done = device().finish();
    EXPECT_TRUE(done) << done.error().text();
  }

  DeviceContext& device() { return *kernels_->device(); }
  const Kernels& kernels() { return *kernels_; }
  const Kernels& plain() {
    static const Kernels reference = kernels_for(CpuIsa::kReference, 1);
    return reference;
  }
  // Gives all of the test's device memory back.
  void reset() { arena_ = Arena::of_device(DType::kF16, memory_.get(), kTestBytes, control_.get(), kTestControlBytes); }

  Matrix put(const std::vector<float>& values, std::int64_t rows, std::int64_t cols, DType dtype) {
    const void* data = nullptr;
    if (dtype == DType::kF32) {
      data = device().place_bytes(values.data(), values.size() * sizeof(float), arena_);
    } else {
      std::vector<std::uint16_t> halves;
      for (const float value : values) halves.push_back(f32_to_f16(value));
      data = device().place_bytes(halves.data(), halves.size() * sizeof(std::uint16_t), arena_);
    }
    return Matrix(const_cast<void*>(data), dtype, rows, cols);
  }
  // NaN everywhere: what an op does not write shows.
  Matrix poisoned(std::int64_t rows, std::int64_t cols, DType dtype) {
    const std::vector<float> nan(static_cast<std::size_t>(rows * cols), std::numeric_limits<float>::quiet_NaN());
    return put(nan, rows, cols, dtype);
  }
  std::vector<float> get(const Matrix& m) {
    std::vector<float> out(static_cast<std::size_t>(m.rows * m.cols));
    device().fetch(m, Matrix(out.data(), m.rows, m.cols));
    return out;
  }
  const float* put_vector(const std::vector<float>& values) {
    return static_cast<const float*>(device().place_bytes(values.data(), values.size() * sizeof(float), arena_));
  }
  // Control memory with these values, published.
  template <typename T>
  T* control(const std::vector<T>& values) {
    T* out = arena_.take_host<T>(static_cast<std::int64_t>(values.size()));
    std::memcpy(out, values.data(), values.size() * sizeof(T));
    publish(kernels(), out, static_cast<std::int64_t>(values.size()));
    return out;
  }

  std::unique_ptr<Kernels> kernels_;
  std::shared_ptr<std::byte> memory_, control_;
  Arena arena_;
};

}  // namespace docket::kernels
