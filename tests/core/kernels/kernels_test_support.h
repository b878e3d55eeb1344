// What the kernel tests share: seeded random matrices and one Kernels for each instruction set of this machine.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <random>
#include <vector>

#include "core/kernels/kernels.h"
#include "core/tensor/matrix.h"

namespace docket::kernels {

inline Kernels kernels_for(CpuIsa isa, int num_threads = 2) {
  KernelOptions options;
  options.isa = to_string(isa);
  options.num_threads = num_threads;
  options.pin_threads = false;
  auto kernels = Kernels::create(options);
  EXPECT_TRUE(kernels) << kernels.error().text();
  return std::move(*kernels);
}

// Everything but the reference that this CPU runs. A machine without AVX2 has nothing to compare: tests say so.
inline std::vector<CpuIsa> vector_isas() {
  std::vector<CpuIsa> out = available_isas();
  out.pop_back();
  return out;
}

inline std::vector<float> random_values(std::size_t count, std::uint32_t seed, float spread = 1) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, spread);
  std::vector<float> out(count);
  for (float& value : out) value = normal(random);
  return out;
}

inline Matrix view(std::vector<float>& values, std::int64_t rows, std::int64_t cols) {
  return Matrix(values.data(), rows, cols);
}

// |a - b| <= tolerance * max(1, |b|) for every element.
inline void expect_close(const std::vector<float>& a, const std::vector<float>& b, double tolerance,
                         const std::string& what) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    ASSERT_LE(std::abs(double{a[i]} - double{b[i]}), tolerance * std::max(1.0, std::abs(double{b[i]})))
        << what << " at " << i << ": " << a[i] << " and " << b[i];
  }
}

}  // namespace docket::kernels
