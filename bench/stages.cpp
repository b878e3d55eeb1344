// Stage by stage over one model folder: load, vision, cross keys, prefill, decode.
//   bench_stages MODEL [--quant none|int8|nf4|fp4] [--tiles 1..max] [--prompt N] [--new N] [--runs N]
// Pixels and token ids are pseudo-random: times do not depend on them.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>

#include "bench/timing.h"
#include "core/device/memory.h"
#include "core/load/weight_loader.h"
#include "language/decoder.h"
#include "vision/encoder.h"

namespace docket::bench {
namespace {

struct Options {
  std::string folder, quant = "none";
  int tiles = 4, prompt = 16, fresh = 64, runs = 3;
};

Options parse(int argc, char** argv) {
  Options o;
  if (argc > 1) o.folder = argv[1];
  for (int i = 2; i + 1 < argc; i += 2) {
    const std::string key = argv[i];
    if (key == "--quant") o.quant = argv[i + 1];
    if (key == "--tiles") o.tiles = std::atoi(argv[i + 1]);
    if (key == "--prompt") o.prompt = std::atoi(argv[i + 1]);
    if (key == "--new") o.fresh = std::atoi(argv[i + 1]);
    if (key == "--runs") o.runs = std::atoi(argv[i + 1]);
  }
  return o;
}

[[noreturn]] void fail(const Error& error) {
  std::fprintf(stderr, "%s\n", error.text().c_str());
  std::exit(1);
}

template <typename T>
T must(Result<T> result) {
  if (!result) fail(result.error());
  return std::move(*result);
}

struct Loaded {
  weights::ModelConfig config;
  vision::Weights vision;
  language::Weights language;
  device::Buffer memory;
};

// Shapes of which `tiles` are used: one column of tiles.
tiles::Tiles random_tiles(const weights::VisionConfig& config, int count) {
  tiles::Tiles t;
  t.tile_size = static_cast<int>(config.image_size);
  for (std::size_t i = 0; i < config.supported_aspect_ratios.size(); ++i) {
    const auto& ratio = config.supported_aspect_ratios[i];
    if (ratio[0] * ratio[1] == count) t.aspect_ratio = {ratio[0], ratio[1], static_cast<int>(i) + 1};
  }
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  t.pixels.resize(static_cast<std::size_t>(count) * 3 *
                  static_cast<std::size_t>(config.image_size * config.image_size));
  for (float& pixel : t.pixels) pixel = normal(random);
  return t;
}

void load_all(const weights::Checkpoint& checkpoint, Arena& arena, const load::QuantPolicy& policy, Loaded& out) {
  load::WeightLoader loader(checkpoint, arena, policy);
  out.vision = vision::load_weights(loader, out.config);
  out.language = language::load_weights(loader, out.config.text);
  if (const Status status = loader.status(); !status) fail(status.error());
}

std::size_t bytes_per_token(const language::Weights& w) {
  std::size_t bytes = kernels::weight_bytes(w.lm_head);
  for (const language::LayerWeights& layer : w.layers) {
    for (const kernels::LinearWeight* weight :
         {&layer.q_proj, &layer.o_proj, &layer.gate_proj, &layer.up_proj, &layer.down_proj})
      bytes += kernels::weight_bytes(*weight);
    if (!layer.is_cross) bytes += kernels::weight_bytes(layer.k_proj) + kernels::weight_bytes(layer.v_proj);
  }
  return bytes;
}

void print(const char* stage, const Times& t, const char* note = "") {
  std::printf("%-12s %10.2f ms wall %10.2f ms cpu  %s\n", stage, t.wall_s * 1e3, t.cpu_s * 1e3, note);
}

int run(const Options& o) {
  const auto checkpoint = must(weights::Checkpoint::open(o.folder));
  Loaded m;
  m.config = must(weights::read_model_config(o.folder));
  const auto policy = must(load::parse_quant_policy(o.quant));
  const auto kernels = must(kernels::Kernels::create(must(kernels::kernel_options_from_environment())));
  print("load", best_of(1, [&] {
          Arena plan;
          load_all(checkpoint, plan, policy, m);
          m.memory = must(device::Buffer::allocate(plan.size_bytes(), "weights"));
          Arena arena(m.memory.data(), m.memory.size());
          load_all(checkpoint, arena, policy, m);
        }));
  language::Limits limits;
  limits.max_positions = o.prompt + o.fresh + 1;
  Arena plan;
  vision::make_state(plan, m.config);
  language::make_state(plan, m.config, limits);
  const auto state_memory = must(device::Buffer::allocate(plan.size_bytes(), "state"));
  Arena arena(state_memory.data(), state_memory.size());
  vision::State vision_state = vision::make_state(arena, m.config);
  language::State state = language::make_state(arena, m.config, limits);
  std::printf("isa %s, threads %d, weights %.1f MB, state %.1f MB\n", to_string(kernels.isa()),
              kernels.threads().size(), static_cast<double>(m.memory.size()) / 1e6,
              static_cast<double>(plan.size_bytes()) / 1e6);

  const tiles::Tiles tiles = random_tiles(m.config.vision, o.tiles);
  const language::Decoder decoder{kernels, m.config.text, m.language};
  vision::VisionTokens tokens;
  print("vision", best_of(o.runs, [&] { tokens = vision::encode(kernels, m.config, m.vision, vision_state, tiles); }));
  const int count = tiles.num_tiles();
  print("cross keys", best_of(o.runs, [&] {
          language::start_images(state, 0, m.config.vision, {&count, 1});
          language::add_image(decoder, state, 0, 0, tokens);
        }));
  std::vector<prompt::TokenId> ids(static_cast<std::size_t>(o.prompt), 5);
  ids[0] = static_cast<prompt::TokenId>(m.config.image_token_index);
  const auto spans = prompt::image_spans(ids, ids[0]);
  print("prefill", best_of(o.runs, [&] {
          language::start_sequence(state, 0, 0);
          must(language::prefill(decoder, state, 0, ids, spans));
        }));
  const Times decode = best_of(o.runs, [&] {
    language::truncate_sequence(state, 0, o.prompt);
    const int slot = 0;
    prompt::TokenId id = 7;
    for (int i = 0; i < o.fresh; ++i) must(language::decode(decoder, state, {&slot, 1}, {&id, 1}));
  });
  print("decode", decode);
  const double bytes = static_cast<double>(bytes_per_token(m.language));
  std::printf("decode: %.3f ms a token (cpu %.3f), %.1f MB of weights a token, %.2f GB/s\n",
              decode.wall_s * 1e3 / o.fresh, decode.cpu_s * 1e3 / o.fresh, bytes / 1e6,
              bytes * o.fresh / decode.wall_s / 1e9);
  std::printf("peak resident %.1f MB\n", static_cast<double>(device::peak_resident_bytes()) / 1e6);
  return 0;
}

}  // namespace
}  // namespace docket::bench

int main(int argc, char** argv) {
  const auto options = docket::bench::parse(argc, argv);
  if (options.folder.empty()) {
    std::fprintf(stderr, "usage: bench_stages MODEL [--quant KIND] [--tiles N] [--prompt N] [--new N] [--runs N]\n");
    return 2;
  }
  return docket::bench::run(options);
}
