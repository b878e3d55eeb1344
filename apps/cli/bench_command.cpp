// docket bench engine: how long each stage takes, and what share of the measured memory rate decoding reaches.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>

#include "apps/cli/command.h"
#include "apps/cli/engine_flags.h"
#include "core/base/threads.h"
#include "core/device/memory.h"
#include "core/kernels/linear_weight.h"

namespace docket::cli {
namespace {

struct BenchFlags {
  EngineFlags engine;
  std::string image, prompt = "<|image|><|begin_of_text|>Read it.";
  int new_tokens = 64, repeats = 3;
};

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// Bytes a second that `threads` threads read from 1 GiB of memory, best of three.
double read_rate(int threads) {
  constexpr std::size_t kBytes = std::size_t{1} << 30;
  auto buffer = device::Buffer::allocate(kBytes, "the measurement of the read rate");
  if (!buffer) return 0;
  auto* words = reinterpret_cast<std::uint64_t*>(buffer->data());
  const std::size_t count = kBytes / sizeof(std::uint64_t);
  std::fill_n(words, count, std::uint64_t{1});
  double best = 0;
  std::vector<std::uint64_t> sums(static_cast<std::size_t>(threads));
  for (int run = 0; run < 3; ++run) {
    const auto start = Clock::now();
    std::vector<std::thread> workers;
    for (std::size_t t = 0; t < sums.size(); ++t) {
      workers.emplace_back([&, t] {
        std::uint64_t a = 0, b = 0, c = 0, d = 0;
        const std::size_t begin = count / sums.size() * t, end = begin + count / sums.size();
        for (std::size_t i = begin; i + 4 <= end; i += 4) {
          a += words[i];
          b += words[i + 1];
          c += words[i + 2];
          d += words[i + 3];
        }
        sums[t] = a + b + c + d;
      });
    }
    for (std::thread& worker : workers) worker.join();
    best = std::max(best, static_cast<double>(kBytes) / seconds_since(start));
  }
  return sums[0] == 0 ? 0 : best;  // the sums are used, so that the loop is not left out
}

// What one decoded token reads: every linear of the text but cross-attention's keys and values, which stay.
double bytes_per_token(const language::Weights& weights) {
  std::size_t bytes = kernels::weight_bytes(weights.lm_head);
  for (const auto& layer : weights.layers) {
    for (const auto* linear : {&layer.q_proj, &layer.o_proj, &layer.gate_proj, &layer.up_proj, &layer.down_proj}) {
      bytes += kernels::weight_bytes(*linear);
    }
    if (!layer.is_cross) bytes += kernels::weight_bytes(layer.k_proj) + kernels::weight_bytes(layer.v_proj);
  }
  return static_cast<double>(bytes);
}

struct Times {
  double tiles = 1e30, vision = 1e30, prefill = 1e30, decode = 1e30;
  int prompt_tokens = 0, reply_tokens = 0;
};

page::Page test_page(int side) {
  page::Page page;
  page.width = page.height = side;
  page.rgb.resize(static_cast<std::size_t>(side) * static_cast<std::size_t>(side) * 3);
  for (std::size_t i = 0; i < page.rgb.size(); ++i) page.rgb[i] = static_cast<std::uint8_t>(i * 2654435761u >> 24);
  return page;
}

Result<Times> measure(reply::Engine& engine, const BenchFlags& flags, const page::Page& page) {
  DOCKET_TRY(const auto prompt, prompt::make_prompt(engine.model().tokenizer(), flags.prompt, 1));
  Times best;
  for (int run = 0; run < flags.repeats; ++run) {
    auto start = Clock::now();
    DOCKET_TRY(const auto tiles, tiles::make_tiles(page, engine.model().tiles_config()));
    best.tiles = std::min(best.tiles, seconds_since(start));
    start = Clock::now();
    DOCKET_TRY(const int set, engine.encode_tiles({&tiles, 1}));
    best.vision = std::min(best.vision, seconds_since(start));
    reply::ReplyOptions options;
    options.max_new_tokens = flags.new_tokens;
    options.ignore_end_tokens = true;
    DOCKET_TRY(const auto reply, engine.reply(prompt, set, options));
    best.prefill = std::min(best.prefill, reply.prefill_ms / 1e3);
    best.decode = std::min(best.decode, reply.decode_ms / 1e3);
    best.prompt_tokens = reply.prompt_tokens;
    best.reply_tokens = static_cast<int>(reply.tokens.size());
  }
  return best;
}

Status bench(const BenchFlags& flags) {
  auto start = Clock::now();
  DOCKET_TRY(const auto engine, load_engine(flags.engine));
  const double load = seconds_since(start);
  page::Page page = test_page(2 * engine->model().tiles_config().tile_size);
  if (!flags.image.empty()) {
    DOCKET_TRY(auto pages, read_images({flags.image}));
    page = std::move(pages[0]);
  }
  DOCKET_TRY(const Times t, measure(*engine, flags, page));
  const auto peak = static_cast<double>(device::peak_resident_bytes());  // before the roof's own gigabyte
  DOCKET_TRY(const auto options, kernel_options_of(flags.engine));
  const int threads = options.num_threads > 0 ? options.num_threads : usable_processors();
  const double roof = read_rate(threads), bytes = bytes_per_token(engine->model().language());
  const double steps = std::max(1, t.reply_tokens - 1);  // the first token comes with the prompt
  const double token = t.decode / steps, rate = bytes / token;
  std::printf("model      %s, %s, %d threads, %s\n", flags.engine.model.c_str(), flags.engine.quant.c_str(), threads,
              kernels::to_string(engine->kernels().isa()));
  std::printf("load       %10.1f ms   %.1f MB of weights\n", load * 1e3,
              static_cast<double>(engine->memory_plan().weights) / 1e6);
  std::printf("tiles      %10.1f ms   %d x %d pixels\n", t.tiles * 1e3, page.width, page.height);
  std::printf("vision     %10.1f ms\n", t.vision * 1e3);
  std::printf("prefill    %10.1f ms   %d tokens, %.1f tokens/s\n", t.prefill * 1e3, t.prompt_tokens,
              t.prompt_tokens / t.prefill);
  std::printf("decode     %10.1f ms   %.2f ms a token, %.1f tokens/s\n", t.decode * 1e3, token * 1e3, 1 / token);
  std::printf("roof       %10.1f GB/s read by %d threads; a token reads %.1f MB, %.1f GB/s, %.0f %% of it\n",
              roof / 1e9, threads, bytes / 1e6, rate / 1e9, 100 * rate / roof);
  std::printf("memory     %10.1f MB planned, %.1f MB at most\n",
              static_cast<double>(engine->memory_plan().total()) / 1e6, peak / 1e6);
  return {};
}

}  // namespace

void add_bench_command(CLI::App& app, Program& program) {
  auto flags = std::make_shared<BenchFlags>();
  CLI::App* command =
      add_command(app, "bench", "measure a part of docket", "docket bench engine --model DIR --quant nf4");
  command->require_subcommand(1);
  CLI::App* engine = command->add_subcommand("engine", "the engine, stage by stage; the best of some runs");
  add_engine_flags(*engine, flags->engine);
  engine->add_option("--image", flags->image, "image to read [a noisy square of 2 x 2 tiles]")->type_name("FILE");
  engine->add_option("--prompt", flags->prompt, "raw prompt with one <|image|>");
  engine->add_option("--new-tokens", flags->new_tokens, "tokens to decode [64]")->check(CLI::Range(2, 1 << 20));
  engine->add_option("--repeats", flags->repeats, "runs of which the best counts [3]")->check(CLI::Range(1, 1000));
  engine->callback([flags, &program] {
    program.run = [flags](const Settings&) {
      const Status status = bench(*flags);
      return status ? kOk : fail(status.error(), kSomeFailed);
    };
  });
}

}  // namespace docket::cli
