// docket bench engine: how long each stage takes, and what share of the measured memory rate decoding reaches.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <map>
#include <thread>

#include "apps/cli/bench_device.h"
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
  int new_tokens = 64, repeats = 3, batch = 1, prompt_tokens = 0;
  bool json = false, ops = false;
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

// The wall-clock of one run; the median of all of them counts on a device, the best on the CPU.
struct Run {
  double vision = 0, prefill = 0, decode = 0;
  int prompt_tokens = 0, reply_tokens = 0;
  double all() const { return vision + prefill + decode; }
};

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

// The prompt as given, or one image token and enough others.
Result<prompt::Prompt> bench_prompt(const reply::Engine& engine, const BenchFlags& flags) {
  const auto image = static_cast<prompt::TokenId>(engine.model().config().image_token_index);
  if (flags.prompt_tokens == 0) return prompt::make_prompt(engine.model().tokenizer(), flags.prompt, 1);
  std::vector<prompt::TokenId> ids = {image};
  for (int i = 1; i < flags.prompt_tokens; ++i)
    ids.push_back(static_cast<prompt::TokenId>((i * 7919) % engine.model().config().text.vocab_size));
  return prompt::make_prompt(ids, image, 1);
}

// `batch` documents: each its own image, prompts of different last tokens so that nothing is shared.
Result<Run> run_batch(reply::Engine& engine, const BenchFlags& flags, const prompt::Prompt& prompt,
                      const tiles::Tiles& tiles) {
  Run run;
  std::vector<int> sets;
  const auto start = Clock::now();
  for (int i = 0; i < flags.batch; ++i) {
    DOCKET_TRY(sets.emplace_back(), engine.encode_tiles({&tiles, 1}));
  }
  run.vision = seconds_since(start);
  reply::ReplyOptions options;
  options.max_new_tokens = flags.new_tokens;
  options.ignore_end_tokens = true;
  const std::vector<prompt::Prompt> prompts(sets.size(), prompt);
  const std::vector<reply::ReplyOptions> all(sets.size(), options);
  DOCKET_TRY(const auto replies, engine.reply_batch(prompts, sets, all));
  for (const reply::Reply& reply : replies) {
    run.prefill += reply.prefill_ms / 1e3;
    run.decode = std::max(run.decode, reply.decode_ms / 1e3);
  }
  run.prompt_tokens = replies[0].prompt_tokens;
  run.reply_tokens = static_cast<int>(replies[0].tokens.size());
  return run;
}

template <typename Get>
double median_of(std::vector<Run> runs, Get get) {
  std::sort(runs.begin(), runs.end(), [&](const Run& a, const Run& b) { return get(a) < get(b); });
  return get(runs[runs.size() / 2]);
}

void print_ops(const char* stage, const std::map<std::string, kernels::OpTime>& ops) {
  std::vector<std::pair<std::string, kernels::OpTime>> sorted(ops.begin(), ops.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& a, const auto& b) { return a.second.seconds > b.second.seconds; });
  double all = 0;
  for (const auto& [what, op] : sorted) all += op.seconds;
  std::printf("%s, op by op, %.2f ms:\n", stage, all * 1e3);
  for (const auto& [what, op] : sorted)
    std::printf("  %-16s %9.3f ms in %5d launches, %8.1f us each\n", what.c_str(), op.seconds * 1e3, op.launches,
                op.seconds * 1e6 / op.launches);
}

// Where the time of one image goes: without graphs and overlap, so that the sum is more than a stage's own time.
Status bench_ops(reply::Engine& engine, const prompt::Prompt& prompt, const tiles::Tiles& tiles) {
  kernels::DeviceContext& device = *engine.kernels().device();
  Status status;
  int set = 0;
  const auto profile = [&](const char* stage, const std::function<Status()>& body) {
    if (!status) return;
    print_ops(stage, device.profile([&] { status = body(); }));
  };
  const auto reply = [&](int tokens) -> Status {
    reply::ReplyOptions options;
    options.max_new_tokens = tokens;
    options.ignore_end_tokens = true;
    DOCKET_TRY(const auto done, engine.reply(prompt, set, options));
    return {};
  };
  profile("vision", [&]() -> Status {
    DOCKET_TRY(set, engine.encode_tiles({&tiles, 1}));
    return {};
  });
  profile("prefill", [&] { return reply(1); });
  profile("8 tokens", [&] { return reply(8); });  // the prompt is there: its last token, and 7 steps
  return status;
}

Status bench_on_device(const BenchFlags& given) {
  BenchFlags flags = given;
  flags.engine.max_batch = flags.engine.max_image_sets = flags.batch;
  const auto start = Clock::now();
  DOCKET_TRY(const auto engine, load_engine(flags.engine));
  const double load = seconds_since(start);
  const auto& model = engine->model();
  kernels::DeviceContext& device = *engine->kernels().device();
  const page::Page page = test_page(2 * model.tiles_config().tile_size);
  DOCKET_TRY(const auto tiles, tiles::make_tiles(page, model.tiles_config()));
  DOCKET_TRY(const auto prompt, bench_prompt(*engine, flags));
  std::vector<Run> runs;
  for (int i = 0; i < flags.repeats + 1; ++i) {
    DOCKET_TRY(const Run run, run_batch(*engine, flags, prompt, tiles));
    if (i > 0) runs.push_back(run);  // the first warms up
  }
  const kernels::DeviceMemory memory = device.memory();
  const Roofs roofs{device.read_rate(), device.matrix_rate()};
  const vision::TokenPlan plan = vision::plan_tokens(model.config().vision, model.vision(), tiles.aspect_ratio.id);
  const std::int64_t keys = plan.num_patches(),
                     length = static_cast<std::int64_t>(prompt.ids.size()) + flags.new_tokens / 2;
  Work vision = vision_work(model.config(), model.vision(), plan.local_rows(), keys);
  for (const auto& layer : model.language().layers) {
    if (!layer.is_cross) continue;
    vision.flop += 2.0 * static_cast<double>(keys) * static_cast<double>(layer.k_proj.in_features) *
                   static_cast<double>(layer.k_proj.out_features + layer.v_proj.out_features);
    vision.bytes += device_weight_bytes(layer.k_proj) + device_weight_bytes(layer.v_proj);
  }
  const Work prefill =
      prefill_work(model.config(), model.language(), static_cast<std::int64_t>(prompt.ids.size()), keys);
  const Work decode = decode_work(model.config(), model.language(), flags.batch, length, keys);
  const double images = flags.batch, steps = std::max(1, runs[0].reply_tokens - 1);
  const double all = median_of(runs, [](const Run& r) { return r.all(); });
  const double vision_s = median_of(runs, [](const Run& r) { return r.vision; }) / images;
  const double prefill_s = median_of(runs, [](const Run& r) { return r.prefill; }) / images;
  const double token_s = median_of(runs, [](const Run& r) { return r.decode; }) / steps;
  if (flags.json) {
    const OrderedJson out = {
        {"device", device.name()},
        {"quant", flags.engine.quant},
        {"batch", flags.batch},
        {"prompt_tokens", runs[0].prompt_tokens},
        {"reply_tokens", runs[0].reply_tokens},
        {"load_s", load},
        {"read_bytes_per_s", roofs.bytes_per_second},
        {"matrix_flop_per_s", roofs.flop_per_second},
        {"stages",
         {stage_json("vision", vision_s, vision, roofs), stage_json("prefill", prefill_s, prefill, roofs),
          stage_json("token", token_s, decode, roofs)}},
        {"total_s", all},
        {"images_per_s", images / all},
        {"memory", memory_json(memory)}};
    std::puts(json_line(out).c_str());
    return {};
  }
  std::printf("model      %s, %s\n", flags.engine.model.c_str(), flags.engine.quant.c_str());
  std::printf("device     %s; reads %.0f GB/s, multiplies %.0f TFLOP/s\n", device.name().c_str(),
              roofs.bytes_per_second / 1e9, roofs.flop_per_second / 1e12);
  std::printf("load       %10.1f ms   %.1f MB of weights\n", load * 1e3,
              static_cast<double>(engine->memory_plan().weights) / 1e6);
  print_stage("vision", vision_s, vision, roofs);
  print_stage("prefill", prefill_s, prefill, roofs);
  print_stage("token", token_s, decode, roofs);
  std::printf("all        %10.2f ms   %d image(s), %d + %d tokens each: %.2f images/s\n", all * 1e3, flags.batch,
              runs[0].prompt_tokens, runs[0].reply_tokens, images / all);
  if (flags.ops) DOCKET_TRY_VOID(bench_ops(*engine, prompt, tiles));
  std::printf("memory     %10.1f MB used on the device as the driver says (%.1f by this process), %.1f MB planned\n",
              static_cast<double>(memory.used) / 1e6, static_cast<double>(memory.process) / 1e6,
              static_cast<double>(memory.planned) / 1e6);
  return {};
}

// The seed's table: each way to quantise, on the same checkpoint.
Status bench_seed(const BenchFlags& given) {
  std::printf("%-18s %10s %8s %12s %10s %10s\n", "weights", "memory MB", "load s", "first token", "token", "images/s");
  for (const char* quant : {"none", "int8", "int8-skip-vision", "nf4", "fp4"}) {
    BenchFlags flags = given;
    flags.engine.quant = quant;
    const auto start = Clock::now();
    const auto engine = load_engine(flags.engine);
    if (!engine) {
      std::printf("%-18s %s\n", quant, engine.error().text().c_str());
      continue;
    }
    const double load = seconds_since(start);
    const auto tiles = tiles::make_tiles(test_page(2 * (*engine)->model().tiles_config().tile_size),
                                         (*engine)->model().tiles_config());
    const auto prompt = bench_prompt(**engine, flags);
    std::vector<Run> runs;
    Status status = tiles ? (prompt ? Status() : Status(prompt.failure())) : Status(tiles.failure());
    for (int i = 0; i < flags.repeats + 1 && status; ++i) {
      const auto run = run_batch(**engine, flags, *prompt, *tiles);
      if (!run) status = run.failure();
      if (run && i > 0) runs.push_back(*run);
    }
    if (!status) {
      std::printf("%-18s %s\n", quant, status.error().text().c_str());
      continue;
    }
    const kernels::DeviceContext* device = (*engine)->kernels().device();
    const double used = device != nullptr ? static_cast<double>(device->memory().used)
                                          : static_cast<double>((*engine)->memory_plan().total());
    const double first = median_of(runs, [](const Run& r) { return r.vision + r.prefill; });
    const double token = median_of(runs, [](const Run& r) { return r.decode; }) / std::max(1, flags.new_tokens - 1);
    std::printf("%-18s %10.1f %8.2f %9.1f ms %7.2f ms %10.2f\n", quant, used / 1e6, load, first * 1e3, token * 1e3,
                1 / median_of(runs, [](const Run& r) { return r.all(); }));
    std::fflush(stdout);
  }
  return {};
}

Status bench(const BenchFlags& flags) {
  if (flags.engine.device == "cuda") return bench_on_device(flags);
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
  engine->add_option("--prompt-tokens", flags->prompt_tokens, "made-up prompt of this many tokens instead [0]")
      ->check(CLI::Range(0, 1 << 17));
  engine->add_option("--batch", flags->batch, "with --device cuda: documents side by side [1]")
      ->check(CLI::Range(1, 256));
  engine->add_flag("--ops", flags->ops, "with --device cuda: also the time of each op");
  engine->add_flag("--json", flags->json, "with --device cuda: one JSON object");
  CLI::App* seed = command->add_subcommand("seed", "one document with each way to quantise, as a table");
  add_engine_flags(*seed, flags->engine);
  seed->add_option("--prompt-tokens", flags->prompt_tokens, "tokens of the made-up prompt [100]")
      ->check(CLI::Range(1, 1 << 17));
  seed->add_option("--new-tokens", flags->new_tokens, "tokens to decode [64]")->check(CLI::Range(2, 1 << 20));
  seed->add_option("--repeats", flags->repeats, "runs of which the median counts [3]")->check(CLI::Range(1, 1000));
  seed->callback([flags, &program] {
    program.run = [flags](const Settings&) {
      BenchFlags with_prompt = *flags;
      if (with_prompt.prompt_tokens == 0) with_prompt.prompt_tokens = 100;
      const Status status = bench_seed(with_prompt);
      return status ? kOk : fail(status.error(), kSomeFailed);
    };
  });
  add_bench_kernels_command(*command, program);
  engine->callback([flags, &program] {
    program.run = [flags](const Settings&) {
      const Status status = bench(*flags);
      return status ? kOk : fail(status.error(), kSomeFailed);
    };
  });
}

}  // namespace docket::cli
