#include "reply/engine.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "core/base/file.h"
#include "core/base/threads.h"
#include "core/device/memory.h"

namespace docket::reply {
namespace {

// Rows of a prompt that a device runs at once: weights of many rows are expanded for each pass.
constexpr std::int64_t kDeviceChunkRows = 512;

language::Limits language_limits(const EngineLimits& limits, const Model& model, bool on_device = false) {
  language::Limits out;
  out.max_sequences = limits.max_batch;
  out.max_positions = limits.max_positions;
  out.max_image_sets = limits.max_image_sets;
  out.max_images = limits.max_images;
  out.chunk_rows =
      std::max(on_device ? std::max(limits.chunk_rows, kDeviceChunkRows) : limits.chunk_rows, limits.max_batch);
  out.logit_rows = std::max<std::int64_t>(limits.max_batch, 1);
  out.max_lora_rank = model.max_lora_rank();
  return out;
}

// A device keeps a copy of what the host writes.
std::uint64_t language_bytes(const weights::ModelConfig& config, const language::Limits& limits, Arena arena = {}) {
  language::make_state(arena, config, limits);
  return arena.size_bytes() + arena.host_bytes();
}

// The state is linear in its positions and in its image sets: doubling one shows what it costs.
void plan_language(const weights::ModelConfig& config, const language::Limits& limits, const Arena& arena,
                   MemoryPlan& out) {
  const std::uint64_t all = language_bytes(config, limits, arena);
  language::Limits doubled = limits;
  doubled.max_positions *= 2;
  out.self_kv = language_bytes(config, doubled, arena) - all;
  doubled = limits;
  doubled.max_image_sets *= 2;
  out.cross_kv = language_bytes(config, doubled, arena) - all;
  out.text = all - out.self_kv - out.cross_kv;
}

// What of an adapter an image set depends on: all of it or nothing.
const ModelAdapter* of_images(const ModelAdapter* adapter) {
  return adapter != nullptr && adapter->changes_images ? adapter : nullptr;
}

const kernels::Adapter* weights_of(const ModelAdapter* adapter) {
  return adapter == nullptr ? nullptr : &adapter->weights;
}

std::string megabytes(std::uint64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f MB", static_cast<double>(bytes) / 1e6);
  return text;
}

double milliseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

// The content of pages as a key: size and pixels of each.
std::string key_of(std::span<const page::Page> pages) {
  std::string key;
  for (const page::Page& page : pages) {
    key += std::to_string(page.width) + "x" + std::to_string(page.height) + ":" + sha256_hex(page.rgb) + " ";
  }
  return key;
}

Status check_limits(const EngineLimits& limits, const weights::ModelConfig& config) {
  if (limits.max_positions < 1 || limits.max_positions > config.text.max_position_embeddings) {
    return make_error(ErrorCode::kInvalidArgument,
                      "max_positions is " + std::to_string(limits.max_positions) + ", expected 1.." +
                          std::to_string(config.text.max_position_embeddings) + " as the model allows");
  }
  if (limits.max_batch < 1 || limits.max_image_sets < 1 || limits.max_images < 1 || limits.chunk_rows < 1) {
    return make_error(ErrorCode::kInvalidArgument, "an engine's limits must be at least 1");
  }
  return {};
}

// Says what would make the plan fit, from the cheapest.
std::string advice(const MemoryPlan& plan, std::uint64_t available, const load::QuantPolicy& policy) {
  if (plan.total() - plan.self_kv < available) return "fewer positions would fit";
  if (policy.linears != load::QuantKind::kNf4 && plan.weights / 3 + (plan.total() - plan.weights) < available) {
    return "--quant nf4 would fit";
  }
  return "no setting of docket fits this model here";
}

}  // namespace

MemoryPlan Engine::plan(const Model& model, const EngineLimits& limits, const kernels::KernelOptions& options) {
  MemoryPlan out;
  out.weights = model.weights_bytes();
  out.mapped = model.mapped_bytes();
  Arena vision;
  vision::make_state(vision, model.config(), model.max_lora_rank());
  out.vision = vision.size_bytes();
  plan_language(model.config(), language_limits(limits, model), Arena(), out);
  const int threads = options.num_threads > 0 ? options.num_threads : usable_processors();
  out.scratch = static_cast<std::uint64_t>(threads) * kernels::Kernels::kScratchBytes;
  return out;
}

MemoryPlan Engine::plan_on_device(Model& model, const EngineLimits& limits, kernels::DeviceContext& device) {
  MemoryPlan out;
  out.weights = model.device_bytes(device);
  out.mapped = model.mapped_bytes();
  const Arena empty = Arena::of_device(device.work_dtype());
  Arena vision = empty;
  const std::int64_t rows = vision::max_rows(model.config().vision);
  vision::make_state(vision, model.config(), model.max_lora_rank(), rows);
  out.vision = vision.size_bytes() + vision.host_bytes();
  plan_language(model.config(), language_limits(limits, model, true), empty, out);
  out.scratch = device.memory().planned;  // taken when the device was opened
  return out;
}

namespace {

Status check_fits(const MemoryPlan& planned, std::uint64_t available, const load::QuantPolicy& policy,
                  const std::filesystem::path& folder) {
  if (planned.total() <= available) return {};
  return make_error(ErrorCode::kOutOfMemory,
                    "needs " + megabytes(planned.total()) + " (weights " + megabytes(planned.weights) + ", caches " +
                        megabytes(planned.self_kv + planned.cross_kv) + ", work " +
                        megabytes(planned.vision + planned.text + planned.scratch) + ") and " + megabytes(available) +
                        " are there; " + advice(planned, available, policy),
                    folder.string());
}

Status check_device(const weights::ModelConfig& config) {
  for (const std::int64_t head_dim : {config.text.head_dim, config.vision.head_dim()}) {
    if (head_dim % 8 == 0 && head_dim <= 128) continue;
    return make_error(ErrorCode::kUnsupported, "heads of " + std::to_string(head_dim) +
                                                   " are beyond the device's kernels, which take multiples of 8 up to "
                                                   "128");
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Engine>> Engine::load(const std::filesystem::path& folder, const load::QuantPolicy& policy,
                                             const EngineLimits& limits, const kernels::KernelOptions& options,
                                             std::span<const AdapterSource> adapters) {
  DOCKET_TRY(std::shared_ptr<Model> model, Model::open(folder, policy, adapters));
  DOCKET_TRY_VOID(check_limits(limits, model->config()));
  DOCKET_TRY(auto kernels, kernels::Kernels::create(options));
  kernels::DeviceContext* device = kernels.device();
  const MemoryPlan planned =
      device != nullptr ? plan_on_device(*model, limits, *device) : plan(*model, limits, options);
  if (device != nullptr) {
    DOCKET_TRY_VOID(check_device(model->config()));
    const kernels::DeviceMemory there = device->memory();
    DOCKET_TRY_VOID(check_fits(planned, there.limit + there.planned, policy, folder));
  } else {
    const std::uint64_t available = limits.max_bytes > 0 ? limits.max_bytes : device::available_memory_bytes();
    DOCKET_TRY_VOID(check_fits(planned, available, policy, folder));
  }
  DOCKET_TRY_VOID(model->load_weights());
  if (device != nullptr) DOCKET_TRY_VOID(model->place_weights(*device));
  std::unique_ptr<Engine> engine(new Engine(std::move(model), std::move(kernels), limits));
  engine->plan_ = planned;
  DOCKET_TRY_VOID(engine->take_memory());
  return engine;
}

Status Engine::take_device_memory() {
  kernels::DeviceContext& device = *kernels_.device();
  const std::int64_t rank = model_->max_lora_rank(), rows = vision::max_rows(model_->config().vision);
  const language::Limits limits = language_limits(limits_, *model_, true);
  const auto lay_out = [&](Arena& arena) {
    vision_ = vision::make_state(arena, model_->config(), rank, rows);
    language_ = language::make_state(arena, model_->config(), limits);
  };
  Arena measure = Arena::of_device(device.work_dtype());
  lay_out(measure);
  const std::size_t size = measure.size_bytes(), host_size = measure.host_bytes();
  DOCKET_TRY(device_memory_, device.allocate(size + host_size, "the engine's state"));
  DOCKET_TRY(control_memory_, device.allocate_host(host_size, "the engine's state"));
  Arena arena = Arena::of_device(device.work_dtype(), device_memory_.get(), size, control_memory_.get(), host_size);
  lay_out(arena);
  device.set_control(control_memory_.get(), device_memory_.get() + size, host_size);
  return device.finish();
}

void Engine::forget() {
  for (Slot& slot : slots_) slot = {};
  for (ImageSlot& slot : image_slots_) slot = {};
}

Status Engine::take_memory() {
  slots_.resize(static_cast<std::size_t>(limits_.max_batch));
  image_slots_.resize(static_cast<std::size_t>(limits_.max_image_sets));
  if (kernels_.device() != nullptr) return take_device_memory();
  Arena measure;
  const std::int64_t rank = model_->max_lora_rank();
  const language::Limits limits = language_limits(limits_, *model_);
  vision::make_state(measure, model_->config(), rank);
  language::make_state(measure, model_->config(), limits);
  DOCKET_TRY(memory_, device::Buffer::allocate(measure.size_bytes(), "the engine's state"));
  Arena arena(memory_.data(), memory_.size());
  vision_ = vision::make_state(arena, model_->config(), rank);
  language_ = language::make_state(arena, model_->config(), limits);
  return {};
}

int Engine::free_image_slot() {
  const auto least = std::min_element(image_slots_.begin(), image_slots_.end(),
                                      [](const ImageSlot& a, const ImageSlot& b) { return a.used < b.used; });
  return static_cast<int>(least - image_slots_.begin());
}

Result<int> Engine::encode_images(std::span<const page::Page> pages, Trace* trace, const std::string& adapter) {
  DOCKET_TRY(const ModelAdapter* chosen, model_->find_adapter(adapter));
  const std::string key = key_of(pages);
  encode_ms_ = 0;
  for (std::size_t i = 0; i < image_slots_.size() && trace == nullptr; ++i) {
    if (pages.empty() || image_slots_[i].key != key || image_slots_[i].adapter != of_images(chosen)) continue;
    image_slots_[i].used = ++clock_;
    return static_cast<int>(i);
  }
  const auto start = std::chrono::steady_clock::now();
  std::vector<tiles::Tiles> images;
  for (const page::Page& page : pages) {
    DOCKET_TRY(images.emplace_back(), tiles::make_tiles(page, model_->tiles_config()));
  }
  DOCKET_TRY(const int set, encode_tiles(images, trace, adapter));
  image_slots_[static_cast<std::size_t>(set)].key = key;
  encode_ms_ = milliseconds_since(start);
  return set;
}

Result<int> Engine::encode_tiles(std::span<const tiles::Tiles> images, Trace* trace, const std::string& adapter) {
  DOCKET_TRY(const ModelAdapter* chosen, model_->find_adapter(adapter));
  const ModelAdapter* changing = of_images(chosen);
  if (images.empty()) return make_error(ErrorCode::kInvalidArgument, "no images were given");
  if (static_cast<std::int64_t>(images.size()) > limits_.max_images) {
    return make_error(ErrorCode::kLimitExceeded, std::to_string(images.size()) + " images for one prompt, at most " +
                                                     std::to_string(limits_.max_images) + " fit");
  }
  const auto start = std::chrono::steady_clock::now();
  const int set = free_image_slot();
  std::vector<int> num_tiles;
  for (const tiles::Tiles& t : images) num_tiles.push_back(t.num_tiles());
  language::start_images(language_, set, model_->config().vision, num_tiles);
  for (std::size_t i = 0; i < images.size(); ++i) {
    const auto tokens =
        vision::encode(kernels_, model_->config(), model_->vision(), vision_, images[i], trace, weights_of(changing));
    language::add_image(decoder(), language_, set, static_cast<int>(i), tokens, weights_of(changing));
  }
  if (const Status done = kernels::finish(kernels_); !done) {
    forget();
    return done.failure();
  }
  ImageSlot& slot = image_slots_[static_cast<std::size_t>(set)];
  ++clock_;
  slot = {"", clock_, changing, clock_, static_cast<int>(images.size())};
  encode_ms_ = milliseconds_since(start);
  return set;
}

Result<const ModelAdapter*> Engine::check(const prompt::Prompt& prompt, int image_set,
                                          const ReplyOptions& options) const {
  DOCKET_TRY(const ModelAdapter* adapter, model_->find_adapter(options.adapter));
  if (image_set >= 0 && image_slots_[static_cast<std::size_t>(image_set)].adapter != of_images(adapter)) {
    return make_error(ErrorCode::kInvalidArgument, "the images were encoded for another adapter than the reply's",
                      options.adapter);
  }
  const int images = image_set < 0 ? 0 : image_slots_[static_cast<std::size_t>(image_set)].images;
  if (static_cast<int>(prompt.images.size()) != images) {
    return make_error(ErrorCode::kInvalidArgument, "the prompt has " + std::to_string(prompt.images.size()) +
                                                       " image tokens, its image set " + std::to_string(images) +
                                                       " images");
  }
  if (prompt.ids.empty()) return make_error(ErrorCode::kInvalidArgument, "the prompt is empty");
  const auto embeddings = model_->config().text.vocab_size + weights::kExtraEmbeddings;
  for (const TokenId id : prompt.ids) {
    if (id < 0 || id >= embeddings) {
      return make_error(ErrorCode::kInvalidArgument,
                        "token id " + std::to_string(id) + " is not one of the model's " + std::to_string(embeddings));
    }
  }
  const auto needed = static_cast<std::int64_t>(prompt.ids.size()) + options.max_new_tokens;
  if (options.max_new_tokens < 1 || needed > limits_.max_positions) {
    return make_error(ErrorCode::kLimitExceeded, "a prompt of " + std::to_string(prompt.ids.size()) +
                                                     " tokens and a reply of " +
                                                     std::to_string(options.max_new_tokens) + " do not fit " +
                                                     std::to_string(limits_.max_positions) + " positions");
  }
  if (options.constraint != nullptr && options.max_new_tokens <= options.constraint->shortest_bytes()) {
    return make_error(ErrorCode::kInvalidArgument, "the grammar's shortest reply may need " +
                                                       std::to_string(options.constraint->shortest_bytes() + 1) +
                                                       " tokens, max_new_tokens is " +
                                                       std::to_string(options.max_new_tokens));
  }
  return adapter;
}

// Makes the slot begin like `tokens` as far as it already does; the last token always runs again, for its logits.
std::int64_t Engine::reuse(std::size_t index, const std::vector<TokenId>& tokens, int image_set,
                           const ModelAdapter* adapter) {
  const std::uint64_t images = image_set < 0 ? 0 : image_slots_[static_cast<std::size_t>(image_set)].number;
  // The slot, or another one, that shares the longest beginning over the same images.
  std::size_t best = index;
  std::size_t longest = 0;
  for (std::size_t s = 0; s < slots_.size(); ++s) {
    if (slots_[s].tokens.empty() || slots_[s].images != images || slots_[s].adapter != adapter) continue;
    const auto end = std::mismatch(tokens.begin(), tokens.end() - 1, slots_[s].tokens.begin(), slots_[s].tokens.end());
    // A pass that failed may have left fewer rows than tokens.
    const auto held = static_cast<std::size_t>(language_.sequences[s].length);
    const auto common = std::min(held, static_cast<std::size_t>(end.first - tokens.begin()));
    if (common > longest || (common == longest && s == index)) {
      best = s;
      longest = common;
    }
  }
  Slot& slot = slots_[index];
  const int sequence = static_cast<int>(index);
  if (longest == 0) {
    language::start_sequence(language_, sequence, image_set, weights_of(adapter));
  } else if (best == index) {
    language::truncate_sequence(language_, sequence, static_cast<std::int64_t>(longest));
  } else {
    language::start_sequence(language_, sequence, image_set, weights_of(adapter));
    language::copy_prefix(kernels_, language_, static_cast<int>(best), sequence, static_cast<std::int64_t>(longest));
  }
  slot.tokens.assign(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(longest));
  slot.images = images;
  slot.adapter = adapter;
  return static_cast<std::int64_t>(longest);
}

Result<language::Logits> Engine::run(std::size_t slot, std::span<const TokenId> tokens, const prompt::Prompt& prompt,
                                     language::LogitsWanted wanted) {
  slots_[slot].tokens.insert(slots_[slot].tokens.end(), tokens.begin(), tokens.end());
  auto logits = language::prefill(decoder(), language_, static_cast<int>(slot), tokens, prompt.images, nullptr, wanted);
  if (!logits && kernels_.device() != nullptr) forget();
  return logits;
}

namespace {

language::LogitsWanted wanted_by(const Generation& generation) {
  return generation.takes_best() ? language::LogitsWanted::kBest : language::LogitsWanted::kValues;
}

// The generation's next tokens, from row `row` of a pass.
std::vector<TokenId> step(Generation& generation, const language::Logits& logits, std::int64_t row) {
  if (logits.best.data != nullptr && generation.takes_best()) {
    const float* best = logits.best.row(row);
    return generation.step_best({static_cast<TokenId>(best[0]), best[1] - best[2]});
  }
  return generation.step({logits.values.row(row), static_cast<std::size_t>(logits.values.cols)});
}

}  // namespace

Result<Reply> Engine::reply(const prompt::Prompt& prompt, int image_set, const ReplyOptions& options) {
  DOCKET_TRY(auto replies, reply_batch({&prompt, 1}, image_set, {&options, 1}));
  return std::move(replies[0]);
}

Result<std::vector<Reply>> Engine::reply_batch(std::span<const prompt::Prompt> prompts, int image_set,
                                               std::span<const ReplyOptions> options) {
  return reply_batch(prompts, std::vector<int>(prompts.size(), image_set), options);
}

Result<std::vector<Reply>> Engine::reply_batch(std::span<const prompt::Prompt> prompts, std::span<const int> image_sets,
                                               std::span<const ReplyOptions> options) {
  CHECK(prompts.size() == options.size() && prompts.size() == image_sets.size(), "%zu prompts, %zu sets, %zu options",
        prompts.size(), image_sets.size(), options.size());
  if (static_cast<std::int64_t>(prompts.size()) > limits_.max_batch) {
    return make_error(ErrorCode::kLimitExceeded, std::to_string(prompts.size()) + " prompts at once, at most " +
                                                     std::to_string(limits_.max_batch) + " fit");
  }
  const std::vector<TokenId> ends = model_->end_tokens();
  std::vector<Generation> live;
  std::vector<std::vector<TokenId>> next(prompts.size());  // of each, the tokens to run; empty when done
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    DOCKET_TRY(const ModelAdapter* adapter, check(prompts[i], image_sets[i], options[i]));
    const auto start = std::chrono::steady_clock::now();
    live.emplace_back(model_->tokenizer(), ends, prompts[i].ids, options[i]);
    std::vector<TokenId> tokens = prompts[i].ids;
    const std::vector<TokenId> forced = live[i].begin();
    tokens.insert(tokens.end(), forced.begin(), forced.end());
    const std::int64_t reused = reuse(i, tokens, image_sets[i], adapter);
    DOCKET_TRY(const auto logits,
               run(i, std::span(tokens).subspan(static_cast<std::size_t>(reused)), prompts[i], wanted_by(live[i])));
    if (!live[i].done()) next[i] = step(live[i], logits, 0);
    live[i].reply().reused_tokens = static_cast<int>(reused);
    live[i].reply().prefill_ms = milliseconds_since(start);
  }
  const auto start = std::chrono::steady_clock::now();
  std::vector<int> sequences;
  std::vector<TokenId> ids;
  for (bool any = true; any;) {
    sequences.clear();
    ids.clear();
    auto wanted = language::LogitsWanted::kBest;  // unless one of them needs all
    any = false;
    for (std::size_t i = 0; i < live.size(); ++i) {
      if (next[i].empty()) continue;
      any = true;
      if (next[i].size() == 1) {
        sequences.push_back(static_cast<int>(i));
        ids.push_back(next[i][0]);
        if (!live[i].takes_best()) wanted = language::LogitsWanted::kValues;
        continue;
      }
      // Several tokens of a forced run: one pass of their own.
      const std::vector<TokenId> tokens = std::move(next[i]);
      DOCKET_TRY(const auto logits, run(i, tokens, prompts[i], wanted_by(live[i])));
      next[i] = step(live[i], logits, 0);
      live[i].reply().decode_ms = milliseconds_since(start);
    }
    if (sequences.empty()) continue;
    auto decoded = language::decode(decoder(), language_, sequences, ids, wanted);
    if (!decoded && kernels_.device() != nullptr) forget();
    DOCKET_TRY(const auto logits, std::move(decoded));
    for (std::size_t k = 0; k < sequences.size(); ++k) {
      const auto i = static_cast<std::size_t>(sequences[k]);
      slots_[i].tokens.push_back(ids[k]);
      next[i] = step(live[i], logits, static_cast<std::int64_t>(k));
      live[i].reply().decode_ms = milliseconds_since(start);
    }
  }
  std::vector<Reply> out;
  out.reserve(live.size());
  for (Generation& generation : live) out.push_back(std::move(generation.reply()));
  return out;
}

Status Engine::forward(const prompt::Prompt& prompt, int image_set, language::RowsBody body, void* context,
                       Trace* trace, const std::string& adapter) {
  ReplyOptions none;
  none.adapter = adapter;
  none.max_new_tokens = 1;
  DOCKET_TRY(const ModelAdapter* chosen, check(prompt, image_set, none));
  slots_[0] = {};
  language::start_sequence(language_, 0, image_set, weights_of(chosen));
  return language::prefill_all(decoder(), language_, 0, prompt.ids, prompt.images, body, context, trace);
}

ReplyOptions Engine::default_options() const {
  const weights::GenerationConfig& g = model_->generation_config();
  ReplyOptions out;
  if (g.do_sample) {
    out.sampling.temperature = g.temperature;
    out.sampling.top_p = g.top_p;
    out.sampling.top_k = static_cast<int>(g.top_k);
    out.sampling.min_p = g.min_p;
  }
  out.sampling.repetition_penalty = g.repetition_penalty;
  return out;
}

}  // namespace docket::reply
