#include "core/kernels/lora.h"

#include "tests/core/kernels/kernels_test_support.h"

namespace docket::kernels {
namespace {

struct Weights {
  std::vector<std::byte> memory;
  Lora lora;
};

// A random adapter of one weight [n, k].
Weights make(std::int64_t n, std::int64_t k, std::int64_t rank) {
  const auto a = random_values(static_cast<std::size_t>(rank * k), 1, 0.3F);
  const auto b = random_values(static_cast<std::size_t>(n * rank), 2, 0.3F);
  Weights out;
  const auto lay_out = [&](Arena& arena) {
    out.lora.a = pack_linear(arena, DType::kF32, a.data(), rank, k);
    out.lora.b = pack_linear(arena, DType::kF32, b.data(), n, rank);
  };
  Arena plan;
  lay_out(plan);
  out.memory.resize(plan.size_bytes() + 64);
  const auto base = reinterpret_cast<std::uintptr_t>(out.memory.data());
  Arena arena(out.memory.data() + (64 - base % 64) % 64, plan.size_bytes());
  lay_out(arena);
  out.lora.scale = 1.5F;
  return out;
}

TEST(Lora, AddsTheScaledProductAtEveryRank) {
  const std::int64_t n = 37, k = 70;
  for (std::int64_t rank = 1; rank <= 35; ++rank) {
    const Weights w = make(n, k, rank);
    const std::int64_t rows = 1 + rank % 11;
    auto x = random_values(static_cast<std::size_t>(rows * k), 3);
    const auto start = random_values(static_cast<std::size_t>(rows * n), 4);
    std::vector<float> expected = start;
    for (std::int64_t m = 0; m < rows; ++m) {
      for (std::int64_t i = 0; i < n; ++i) {
        double sum = 0;
        for (std::int64_t r = 0; r < rank; ++r) {
          double inner = 0;
          for (std::int64_t j = 0; j < k; ++j)
            inner += double{x[static_cast<std::size_t>(m * k + j)]} * double{weight_at(w.lora.a, r, j)};
          sum += inner * double{weight_at(w.lora.b, i, r)};
        }
        expected[static_cast<std::size_t>(m * n + i)] += static_cast<float>(0.5 * 1.5 * sum);
      }
    }
    for (const CpuIsa isa : available_isas()) {
      for (const std::int64_t scratch_rows : {1, 4, 64}) {  // A x in pieces
        std::vector<float> scratch(static_cast<std::size_t>(scratch_rows * 40)), y = start;
        add_lora(kernels_for(isa, 1), view(x, rows, k), &w.lora, 0.5F, view(scratch, scratch_rows, 40),
                 view(y, rows, n));
        // Sums of 70 and of 35 products of size 1 in fp32.
        expect_close(y, expected, 1e-5, std::string(to_string(isa)) + " rank " + std::to_string(rank));
      }
    }
  }
}

TEST(Lora, IsFoundByTheWeightsNumber) {
  Adapter adapter;
  adapter.modules.resize(3);
  adapter.modules[1].a.out_features = 4;
  LinearWeight weight;
  EXPECT_EQ(adapter.find(weight), nullptr);  // a weight without a number has no adapter
  weight.module = 0;
  EXPECT_EQ(adapter.find(weight), nullptr);
  weight.module = 1;
  EXPECT_EQ(adapter.find(weight), &adapter.modules[1]);
}

}  // namespace
}  // namespace docket::kernels
