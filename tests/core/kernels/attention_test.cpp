#include "core/kernels/attention.h"

#include "tests/core/kernels/kernels_test_support.h"

namespace docket::kernels {
namespace {

struct Case {
  std::int64_t rows, heads, kv_heads, head_dim, keys;
  std::vector<std::int32_t> begin, end;
  std::vector<float> key_bias;
};

std::vector<float> attend(CpuIsa isa, const Case& c) {
  const Kernels kernels = kernels_for(isa);
  const auto seed = static_cast<std::uint32_t>(c.rows * 31 + c.keys * 7 + c.head_dim);
  Arena plan;
  take_kv_store(plan, c.kv_heads, c.head_dim, c.keys);
  std::vector<float> memory(plan.size_bytes() / 4, 0);
  Arena arena(reinterpret_cast<std::byte*>(memory.data()), plan.size_bytes());
  const KvStore store = take_kv_store(arena, c.kv_heads, c.head_dim, c.keys);
  const std::int64_t kv_cols = c.kv_heads * c.head_dim, q_cols = c.heads * c.head_dim;
  auto k = random_values(static_cast<std::size_t>(c.keys * kv_cols), seed);
  auto v = random_values(static_cast<std::size_t>(c.keys * kv_cols), seed + 1);
  auto q = random_values(static_cast<std::size_t>(c.rows * q_cols), seed + 2);
  // In two parts, as a chunked prefill stores them.
  const std::int64_t part = c.keys / 3;
  const Matrix km = view(k, c.keys, kv_cols), vm = view(v, c.keys, kv_cols);
  store_kv(kernels, km.slice_rows(0, part), vm.slice_rows(0, part), 0, store);
  store_kv(kernels, km.slice_rows(part, c.keys - part), vm.slice_rows(part, c.keys - part), part, store);
  AttentionMask mask;
  mask.begin = c.begin.empty() ? nullptr : c.begin.data();
  mask.end = c.end.empty() ? nullptr : c.end.data();
  mask.key_bias = c.key_bias.empty() ? nullptr : c.key_bias.data();
  const Matrix qm = view(q, c.rows, q_cols);
  attention(kernels, qm, c.heads, store, c.keys, mask, 1.0F / std::sqrt(static_cast<float>(c.head_dim)), qm);
  return q;
}

void expect_like_reference(const Case& c, const std::string& what) {
  const auto expected = attend(CpuIsa::kReference, c);
  // Weights sum to one, so outputs keep the size of the values; scores carry a few roundings.
  for (const CpuIsa isa : vector_isas()) expect_close(attend(isa, c), expected, 4e-6, what + " " + to_string(isa));
}

TEST(Attention, EqualsTheReferenceAtEveryNumberOfKeys) {
  for (std::int64_t keys = 1; keys <= 130 && !HasFatalFailure(); ++keys)
    expect_like_reference({1 + keys % 20, 4, 2, 16, keys, {}, {}, {}}, "keys " + std::to_string(keys));
}

TEST(Attention, EqualsTheReferenceAtEveryNumberOfRows) {
  for (std::int64_t rows = 1; rows <= 130 && !HasFatalFailure(); ++rows)
    expect_like_reference({rows, 3, 1, 8, 40, {}, {}, {}}, "rows " + std::to_string(rows));
}

TEST(Attention, EqualsTheReferenceAtEveryHeadWidth) {
  for (const std::int64_t dim : {2, 4, 8, 12, 16, 20, 32, 48, 64, 80, 96, 128, 256})
    expect_like_reference({17, 4, 2, dim, 300, {}, {}, {}}, "width " + std::to_string(dim));
}

TEST(Attention, CausalAndRangedRows) {
  Case c{150, 8, 2, 64, 400, {}, {}, {}};
  for (int r = 0; r < 150; ++r) {
    c.begin.push_back(r % 5 == 0 ? 0 : r);
    c.end.push_back(r % 7 == 3 ? r : r + 1 + 251 * (r % 2));  // some rows see nothing
  }
  expect_like_reference(c, "ranges");
  const auto out = attend(vector_isas().empty() ? CpuIsa::kReference : vector_isas().front(), c);
  for (std::size_t i = 0; i < 8 * 64; ++i) EXPECT_EQ(out[3 * 8 * 64 + i], 0.0F);  // row 3: an empty range
}

TEST(Attention, AKeyWithACountEqualsItsCopies) {  // spec 4.1
  const std::int64_t keys = 40, copies = 3;
  Case once{9, 2, 2, 16, keys, {}, {}, std::vector<float>(48, 0)};
  once.key_bias[keys - 1] = std::log(static_cast<float>(copies));
  const auto expected = attend(CpuIsa::kReference, once);
  expect_like_reference(once, "bias");
  // By hand: the same softmax with the last key three times, in double.
  auto k = random_values(static_cast<std::size_t>(keys * 32), 9 * 31 + keys * 7 + 16);
  auto v = random_values(static_cast<std::size_t>(keys * 32), 9 * 31 + keys * 7 + 17);
  auto q = random_values(9 * 32, 9 * 31 + keys * 7 + 18);
  for (std::size_t h = 0; h < 2; ++h) {
    std::vector<double> sum(16, 0);
    double total = 0;
    for (std::int64_t s = 0; s < keys; ++s) {
      double score = 0;
      for (std::size_t d = 0; d < 16; ++d)
        score += double{q[h * 16 + d]} * double{k[static_cast<std::size_t>(s) * 32 + h * 16 + d]};
      const double weight = std::exp(score / 4) * (s == keys - 1 ? copies : 1);
      total += weight;
      for (std::size_t d = 0; d < 16; ++d) sum[d] += weight * double{v[static_cast<std::size_t>(s) * 32 + h * 16 + d]};
    }
    for (std::size_t d = 0; d < 16; ++d) EXPECT_NEAR(double{expected[h * 16 + d]}, sum[d] / total, 1e-6);
  }
}

}  // namespace
}  // namespace docket::kernels
