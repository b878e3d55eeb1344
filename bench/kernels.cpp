// Kernels against the machine: matrix-vector products in GB/s beside the measured read roof, products of many rows in
// GFLOP/s beside oneDNN's sgemm, attention in GFLOP/s.   bench_kernels [runs]
// Threads: DOCKET_THREADS; run oneDNN with OMP_NUM_THREADS of the same number. With DOCKET_BENCH_CPU=1 rates are of
// processor time (one thread only), which holds on a machine that is busy with other work.
#include <dnnl.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "bench/timing.h"
#include "core/device/memory.h"
#include "core/kernels/attention.h"
#include "core/kernels/linear.h"
#include "core/quant/codebook.h"

namespace docket::bench {
namespace {

double seconds(const Times& t) {
  static const bool kCpu = std::getenv("DOCKET_BENCH_CPU") != nullptr;
  return kCpu ? t.cpu_s : t.wall_s;
}

using kernels::Kernels;
using kernels::LinearWeight;

// Sums 64-bit words with every thread: what reading memory costs when nothing else is done.
double read_roof(const Kernels& k, int runs) {
  const std::size_t bytes = std::size_t{1} << 29;
  auto buffer = device::Buffer::allocate(bytes, "roof");
  std::memset(buffer->data(), 1, bytes);
  const auto* words = reinterpret_cast<const std::uint64_t*>(buffer->data());
  constexpr std::int64_t kTasks = 64;
  const std::size_t per_task = bytes / 8 / kTasks;
  std::vector<std::uint64_t> sums(kTasks * 8);
  const Times t = best_of(runs, [&] {
    k.threads().for_each(kTasks, [&](std::int64_t task, int) {
      const std::uint64_t* at = words + static_cast<std::size_t>(task) * per_task;
      std::uint64_t a = 0, b = 0, c = 0, d = 0;
      for (std::size_t i = 0; i < per_task; i += 4) {
        a += at[i];
        b += at[i + 1];
        c += at[i + 2];
        d += at[i + 3];
      }
      sums[static_cast<std::size_t>(task) * 8] = a + b + c + d;
    });
  });
  return static_cast<double>(bytes) / seconds(t) / 1e9;
}

struct Weight {
  device::Buffer memory;
  LinearWeight weight;
};

// Contents do not change the time: zeros for values, ones for scales.
template <typename Pack>
Weight make(Pack pack) {
  Arena plan;
  pack(plan);
  Weight w;
  w.memory = std::move(*device::Buffer::allocate(plan.size_bytes(), "weight"));
  Arena arena(w.memory.data(), w.memory.size());
  w.weight = pack(arena);
  return w;
}

Weight make_weight(const char* kind, std::int64_t n, std::int64_t k) {
  const auto count = static_cast<std::size_t>(n * k);
  if (std::strcmp(kind, "f32") == 0) {
    const std::vector<float> v(count, 0.01F);
    return make([&](Arena& a) { return kernels::pack_linear(a, DType::kF32, v.data(), n, k); });
  }
  if (std::strcmp(kind, "bf16") == 0) {
    const std::vector<std::uint16_t> v(count, 0x3C00);
    return make([&](Arena& a) { return kernels::pack_linear(a, DType::kBF16, v.data(), n, k); });
  }
  if (std::strcmp(kind, "int8") == 0) {
    quant::Int8 w{n, k, std::vector<std::int8_t>(count, 3), std::vector<float>(static_cast<std::size_t>(n), 1)};
    return make([&](Arena& a) { return kernels::pack_linear(a, w.view()); });
  }
  quant::Block4 w;
  w.out_features = n;
  w.in_features = k;
  w.packed.assign(count / 2, 0x5A);
  w.code.assign(16, 0.1F);
  if (std::strcmp(kind, "nf4") == 0) {
    w.absmax.assign(count / 64, 1);
  } else {
    w.absmax_q.assign(count / 64, 7);
    w.nested_absmax.assign(count / 64 / 256 + 1, 1);
    w.nested_code.assign(256, 0.2F);
  }
  return make([&](Arena& a) { return kernels::pack_linear(a, w.view()); });
}

void matrix_vector(const Kernels& k, double roof, int runs) {
  const std::int64_t n = 14336, in = 4096;
  std::printf("\nlinear [%ld, %ld], GB/s of packed weights (share of the roof)\n%-8s", n, in, "rows");
  const std::vector<int> rows = {1, 2, 4, 8};
  for (const int m : rows) std::printf("%18d", m);
  std::printf("\n");
  for (const char* kind : {"f32", "bf16", "int8", "nf4", "nf4+dq"}) {
    const Weight w = make_weight(kind, n, in);
    std::vector<float> x(8 * 4096, 0.5F), y(8 * 14336);
    std::printf("%-8s", kind);
    for (const int m : rows) {
      const Times t =
          best_of(runs, [&] { kernels::linear(k, Matrix(x.data(), m, in), w.weight, Matrix(y.data(), m, n)); });
      const double rate = static_cast<double>(kernels::weight_bytes(w.weight)) / seconds(t) / 1e9;
      std::printf("  %8.2f (%3.0f %%)", rate, 100 * rate / roof);
    }
    std::printf("\n");
  }
}

void many_rows(const Kernels& k, int runs) {
  struct Shape {
    std::int64_t m, n, k;
  };
  std::printf("\nlinear of many rows, GFLOP/s\n%-22s%10s%10s%10s%10s%12s\n", "[rows, out, in]", "f32", "bf16", "int8",
              "nf4+dq", "dnnl_sgemm");
  for (const Shape s : {Shape{2312, 1024, 256}, Shape{2312, 256, 1024}, Shape{1602, 5120, 1280},
                        Shape{1602, 1280, 5120}, Shape{100, 4096, 4096}}) {
    std::vector<float> x(static_cast<std::size_t>(s.m * s.k), 0.5F), y(static_cast<std::size_t>(s.m * s.n));
    const double flop = 2.0 * static_cast<double>(s.m) * static_cast<double>(s.n) * static_cast<double>(s.k) / 1e9;
    std::printf("[%5ld, %5ld, %5ld]  ", s.m, s.n, s.k);
    for (const char* kind : {"f32", "bf16", "int8", "nf4+dq"}) {
      const Weight w = make_weight(kind, s.n, s.k);
      const Times t =
          best_of(runs, [&] { kernels::linear(k, Matrix(x.data(), s.m, s.k), w.weight, Matrix(y.data(), s.m, s.n)); });
      std::printf("%10.1f", flop / seconds(t));
    }
    std::vector<float> w(static_cast<std::size_t>(s.n * s.k), 0.01F);
    const Times t =
        best_of(runs, [&] { dnnl_sgemm('N', 'T', s.m, s.n, s.k, 1, x.data(), s.k, w.data(), s.k, 0, y.data(), s.n); });
    std::printf("%12.1f\n", flop / seconds(t));
  }
}

void attention(const Kernels& k, int runs) {
  std::printf("\nattention, GFLOP/s\n");
  struct Shape {
    std::int64_t rows, heads, kv_heads, dim, keys;
  };
  for (const Shape s : {Shape{2309, 4, 4, 64, 2309}, Shape{3203, 16, 16, 80, 3203}, Shape{100, 32, 8, 128, 6404},
                        Shape{1, 32, 8, 128, 6404}}) {
    Arena plan;
    kernels::take_kv_store(plan, s.kv_heads, s.dim, s.keys);
    const auto memory = device::Buffer::allocate(plan.size_bytes(), "keys");
    Arena arena(memory->data(), memory->size());
    const auto store = kernels::take_kv_store(arena, s.kv_heads, s.dim, s.keys);
    std::vector<float> q(static_cast<std::size_t>(s.rows * s.heads * s.dim), 0.1F);
    const Matrix m(q.data(), s.rows, s.heads * s.dim);
    const Times t = best_of(runs, [&] { kernels::attention(k, m, s.heads, store, s.keys, {}, 0.1F, m); });
    const double flop = 4.0 * static_cast<double>(s.rows * s.heads) * static_cast<double>(s.dim * s.keys);
    std::printf("rows %5ld heads %2ld/%2ld of %3ld keys %5ld: %8.1f GFLOP/s, %.2f ms\n", s.rows, s.heads, s.kv_heads,
                s.dim, s.keys, flop / seconds(t) / 1e9, seconds(t) * 1e3);
  }
}

int run(int runs) {
  auto options = kernels::kernel_options_from_environment();
  if (!options) return 1;
  auto kernels = Kernels::create(*options);
  if (!kernels) return 1;
  const double roof = read_roof(*kernels, runs);
  std::printf("isa %s, threads %d, read roof %.2f GB/s\n", to_string(kernels->isa()), kernels->threads().size(), roof);
  matrix_vector(*kernels, roof, runs);
  many_rows(*kernels, runs);
  attention(*kernels, runs);
  return 0;
}

}  // namespace
}  // namespace docket::bench

int main(int argc, char** argv) { return docket::bench::run(argc > 1 ? std::atoi(argv[1]) : 5); }
