// docket bench kernels --device cuda: what share of its roof each kernel reaches, over weights too large for any cache.
#include <cstdio>
#include <random>

#include "apps/cli/command.h"
#include "apps/cli/engine_flags.h"
#include "core/kernels/attention.h"
#include "core/kernels/linear.h"

namespace docket::cli {
namespace {

using kernels::Kernels;
using kernels::LinearWeight;

constexpr std::size_t kEnoughBytes = std::size_t{256} << 20;  // of copies of a weight, so that none stays in a cache
constexpr int kRuns = 9;

// Device memory that matrices are cut from, with a control region beside it.
struct Workspace {
  std::shared_ptr<std::byte> memory, host;
  Arena arena;

  static Result<Workspace> make(kernels::DeviceContext& device, std::size_t size_bytes) {
    constexpr std::size_t kHost = std::size_t{4} << 20;
    Workspace out;
    DOCKET_TRY(out.memory, device.allocate(size_bytes + kHost, "a benchmark"));
    DOCKET_TRY(out.host, device.allocate_host(kHost, "a benchmark"));
    out.arena = Arena::of_device(device.work_dtype(), out.memory.get(), size_bytes, out.host.get(), kHost);
    device.set_control(out.host.get(), out.memory.get() + size_bytes, kHost);
    return out;
  }
};

// A weight with random codes in the CPU's panels; only its speed means something.
struct HostWeight {
  std::vector<std::uint8_t> panels;
  std::vector<float> scale, code;
  LinearWeight weight;

  HostWeight(kernels::WeightFormat format, std::int64_t n, std::int64_t k) : code(16) {
    weight.format = format;
    weight.out_features = n;
    weight.in_features = k;
    const bool code4 = format == kernels::WeightFormat::kCode4;
    const std::int64_t values = weight.num_panels() * kernels::kPanel * k;
    panels.resize(
        static_cast<std::size_t>(code4 ? values / 2 : (format == kernels::WeightFormat::kI8 ? values : 2 * values)));
    std::mt19937 random(3);
    for (std::uint8_t& byte : panels)
      byte = static_cast<std::uint8_t>(random() & (format == kernels::WeightFormat::kF16 ? 0x33U : 0xFFU));
    scale.assign(static_cast<std::size_t>(code4 ? values / 64 : weight.num_panels() * kernels::kPanel), 0.02F);
    for (std::size_t i = 0; i < 16; ++i) code[i] = (static_cast<float>(i) - 7.5F) / 8;
    weight.panels = panels.data();
    weight.scale = scale.data();
    weight.code = code.data();
  }
};

double bytes_of(const LinearWeight& w) {
  const double values = static_cast<double>(w.out_features) * static_cast<double>(w.in_features);
  if (w.device.format == kernels::DeviceFormat::kCode4) return values * (0.5 + 2.0 / 64);
  return w.device.format == kernels::DeviceFormat::kI8 ? values : 2 * values;
}

// [rows, k] of values as large as activations are: products of one constant run faster than any real one.
Matrix random_rows(kernels::DeviceContext& device, Arena& arena, std::int64_t rows, std::int64_t k) {
  std::mt19937 random(5);
  std::uniform_real_distribution<float> value(-1, 1);
  std::vector<std::uint16_t> halves(static_cast<std::size_t>(rows * k));
  for (std::uint16_t& half : halves) half = f32_to_f16(value(random));
  const void* memory = device.place_bytes(halves.data(), halves.size() * sizeof(std::uint16_t), arena);
  return {const_cast<void*>(memory), DType::kF16, rows, k};
}

// Shares of the memory roof, and from kMatrixRows rows on of the matrix roof (M). The last two row counts stand on both
// sides of the change from the packed weights to expanded ones and cuBLAS.
Status bench_linear(const Kernels& kernels, double roof, double matrix, kernels::WeightFormat format, std::int64_t n,
                    std::int64_t k) {
  constexpr std::int64_t kMatrixRows = 64, kMostRows = 257;
  kernels::DeviceContext& device = *kernels.device();
  const HostWeight host(format, n, k);
  DOCKET_TRY(Workspace space, Workspace::make(device, kEnoughBytes * 3));
  std::vector<LinearWeight> copies;
  double total = 0;
  while (total < static_cast<double>(kEnoughBytes)) {
    LinearWeight& w = copies.emplace_back(host.weight);
    w.device = device.place(host.weight, space.arena);
    total += bytes_of(w);
  }
  std::printf("linear %-6s %6ld x %5ld ", to_string(format), n, k);
  const Matrix all_x = random_rows(device, space.arena, kMostRows, k), all_y = space.arena.take_work(kMostRows, n);
  const double products = 2.0 * static_cast<double>(n * k) * static_cast<double>(copies.size());
  for (const std::int64_t rows : {1, 4, 8, 9, 16, 32, 64, 100, 128, 256, 257}) {
    const Matrix x = all_x.slice_rows(0, rows), y = all_y.slice_rows(0, rows);
    const double seconds = device.time(kRuns, [&] {
      for (const LinearWeight& w : copies) kernels::linear(kernels, x, w, y);
    });
    std::printf(" %3ld: %5.1f us %3.0f %%", rows, seconds * 1e6 / static_cast<double>(copies.size()),
                100 * total / seconds / roof);
    if (rows >= kMatrixRows && matrix > 0)
      std::printf(" (M %.0f %%)", 100 * products * static_cast<double>(rows) / seconds / matrix);
  }
  std::puts("");
  return device.finish();
}

// rows queries against keys of one image or sequence: operations for many rows, bytes for few.
Status bench_attention(const Kernels& kernels, double roof, double matrix, std::int64_t rows, std::int64_t heads,
                       std::int64_t kv_heads, std::int64_t dim, std::int64_t keys) {
  kernels::DeviceContext& device = *kernels.device();
  DOCKET_TRY(Workspace space, Workspace::make(device, std::size_t{512} << 20));
  const kernels::KvStore store = kernels::take_kv_store(space.arena, kv_heads, dim, keys);
  const Matrix q = space.arena.take_work(rows, heads * dim), kv = space.arena.take_work(keys, kv_heads * dim);
  kernels::fill(kernels, q, 0.1F);
  kernels::fill(kernels, kv, 0.1F);
  kernels::store_kv(kernels, kv, kv, 0, store);
  const double seconds = device.time(kRuns, [&] { kernels::attention(kernels, q, heads, store, keys, {}, 0.1F, q); });
  const double flop = 4.0 * static_cast<double>(rows * heads) * static_cast<double>(keys * dim);
  const double bytes = 4.0 * static_cast<double>(keys * kv_heads * dim);
  std::printf(
      "attention %5ld rows, %2ld heads (%ld) of %3ld, %5ld keys: %9.1f us, %3.0f %% of the matrix roof, %3.0f %% of "
      "the memory roof\n",
      rows, heads, kv_heads, dim, keys, seconds * 1e6, matrix > 0 ? 100 * flop / seconds / matrix : 0.0,
      100 * bytes / seconds / roof);
  return device.finish();
}

Status bench_kernels(const EngineFlags& flags) {
  DOCKET_TRY(const auto options, kernel_options_of(flags));
  DOCKET_TRY(const auto kernels, Kernels::create(options));
  if (kernels.device() == nullptr)
    return make_error(ErrorCode::kInvalidArgument, "measures a device, expected --device cuda");
  const double roof = kernels.device()->read_rate(), matrix = kernels.device()->matrix_rate();
  std::printf("device %s; reads %.0f GB/s, multiplies %.0f TFLOP/s\n", kernels.device()->name().c_str(), roof / 1e9,
              matrix / 1e12);
  using kernels::WeightFormat;
  for (const WeightFormat format : {WeightFormat::kCode4, WeightFormat::kI8, WeightFormat::kF16}) {
    DOCKET_TRY_VOID(bench_linear(kernels, roof, matrix, format, 4096, 4096));
    DOCKET_TRY_VOID(bench_linear(kernels, roof, matrix, format, 14336, 4096));
    DOCKET_TRY_VOID(bench_linear(kernels, roof, matrix, format, 4096, 14336));
  }
  DOCKET_TRY_VOID(bench_attention(kernels, roof, matrix, 6405, 16, 16, 80, 6405));  // vision
  DOCKET_TRY_VOID(bench_attention(kernels, roof, matrix, 100, 32, 8, 128, 6404));   // prefill over an image
  DOCKET_TRY_VOID(bench_attention(kernels, roof, matrix, 1, 32, 8, 128, 6404));     // a step over an image
  return bench_attention(kernels, roof, matrix, 1, 32, 8, 128, 512);                // a step over the text
}

}  // namespace

void add_bench_kernels_command(CLI::App& bench, Program& program) {
  auto flags = std::make_shared<EngineFlags>();
  flags->device = "cuda";
  CLI::App* command = bench.add_subcommand("kernels", "each kernel of a device against its roof");
  command->add_option("--gpu", flags->gpu, "number of the GPU [0]")->check(CLI::Range(0, 255));
  command->callback([flags, &program] {
    program.run = [flags](const Settings&) {
      const Status status = bench_kernels(*flags);
      return status ? kOk : fail(status.error(), kSomeFailed);
    };
  });
}

}  // namespace docket::cli
