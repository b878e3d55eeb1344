#include "language/state.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/kernels/elementwise.h"
#include "core/kernels/linear_weight.h"

namespace docket::language {
namespace {

// Vision tokens go through the key and value layers this many rows at a time.
constexpr std::int64_t kCrossChunk = 512;

std::int64_t round_up(std::int64_t n) { return (n + kernels::kPanel - 1) / kernels::kPanel * kernels::kPanel; }

Sequence& sequence_at(State& state, int sequence) {
  CHECK(sequence >= 0 && sequence < static_cast<int>(state.sequences.size()), "sequence %d", sequence);
  return state.sequences[static_cast<std::size_t>(sequence)];
}

ImageSet make_image_set(Arena& arena, const weights::ModelConfig& config, std::int64_t max_images) {
  ImageSet set;
  set.capacity = max_images * config.vision.max_num_tiles * config.vision.num_patches();
  for (std::size_t i = 0; i < config.text.cross_attention_layers.size(); ++i) {
    set.layers.push_back(
        kernels::take_kv_store(arena, config.text.num_key_value_heads, config.text.head_dim, set.capacity));
  }
  set.key_bias = arena.take_host<float>(round_up(set.capacity));
  set.visible_begin.reserve(static_cast<std::size_t>(max_images) + 1);
  return set;
}

}  // namespace

State make_state(Arena& arena, const weights::ModelConfig& config, const Limits& limits) {
  const weights::TextConfig& text = config.text;
  CHECK(limits.max_sequences > 0 && limits.max_positions > 0 && limits.chunk_rows > 0 && limits.logit_rows > 0,
        "limits of %ld sequences, %ld positions", limits.max_sequences, limits.max_positions);
  const std::int64_t keys = text.num_key_value_heads * text.head_dim;
  // A device takes the keys of a whole image at once: a weight is expanded for each product of many rows.
  const std::int64_t image_rows = config.vision.max_num_tiles * config.vision.num_patches();
  const std::int64_t rows = limits.chunk_rows, key_rows = std::max(rows, arena.is_device() ? image_rows : kCrossChunk);
  State s;
  s.limits = limits;
  const auto self_layers = text.num_hidden_layers - static_cast<std::int64_t>(text.cross_attention_layers.size());
  for (std::int64_t i = 0; i < limits.max_sequences; ++i) {
    Sequence sequence;
    for (std::int64_t layer = 0; layer < self_layers; ++layer) {
      sequence.layers.push_back(
          kernels::take_kv_store(arena, text.num_key_value_heads, text.head_dim, limits.max_positions));
    }
    s.sequences.push_back(std::move(sequence));
  }
  for (std::int64_t i = 0; i < limits.max_image_sets; ++i)
    s.image_sets.push_back(make_image_set(arena, config, limits.max_images));
  s.hidden = arena.take_matrix(rows, text.hidden_size);
  s.norm = arena.take_work(rows, text.hidden_size);
  s.query = arena.take_work(rows, text.num_attention_heads * text.head_dim);
  s.key = arena.take_work(key_rows, keys);
  s.value = arena.take_work(key_rows, keys);
  s.lora = arena.take_work(key_rows, limits.max_lora_rank);
  s.gate = arena.take_work(rows, text.intermediate_size);
  s.up = arena.take_work(rows, text.intermediate_size);
  s.last = arena.take_matrix(limits.logit_rows, text.hidden_size);
  s.logits = arena.take_matrix(limits.logit_rows, text.vocab_size);
  s.host_logits = s.logits;
  if (arena.is_device()) {
    const std::int64_t vocab = text.vocab_size;
    s.host_logits = Matrix(arena.take_host<float>(limits.logit_rows * vocab), limits.logit_rows, vocab);
    s.best = arena.take_matrix(limits.logit_rows, kernels::kBestColumns);
    s.host_best = Matrix(arena.take_host<float>(limits.logit_rows * kernels::kBestColumns), limits.logit_rows,
                         kernels::kBestColumns);
  }
  // From ids to cross_end: published as one piece (embed_rows).
  s.ids = arena.take_host<std::int64_t>(rows);
  s.positions = arena.take_host<std::int64_t>(rows);
  s.wanted = arena.take_host<std::int64_t>(limits.logit_rows);
  s.self_end = arena.take_host<std::int32_t>(rows);
  s.cross_begin = arena.take_host<std::int32_t>(rows);
  s.cross_end = arena.take_host<std::int32_t>(rows);
  s.store_jobs.reserve(static_cast<std::size_t>(limits.max_sequences));
  s.attention_jobs.reserve(static_cast<std::size_t>(limits.max_sequences));
  s.pass.segments.reserve(static_cast<std::size_t>(limits.max_sequences));
  s.pass.blind_rows.reserve(static_cast<std::size_t>(limits.chunk_rows));
  s.order.reserve(static_cast<std::size_t>(limits.max_sequences));
  s.asked.reserve(static_cast<std::size_t>(limits.max_sequences));
  return s;
}

void start_sequence(State& state, int sequence, int image_set, const kernels::Adapter* adapter) {
  CHECK(image_set >= -1 && image_set < static_cast<int>(state.image_sets.size()), "image set %d", image_set);
  Sequence& s = sequence_at(state, sequence);
  s.length = 0;
  s.image_set = image_set;
  s.adapter = adapter;
  s.last_range = {};
}

void truncate_sequence(State& state, int sequence, std::int64_t length) {
  Sequence& s = sequence_at(state, sequence);
  CHECK(length >= 0 && length <= s.length, "%ld of %ld tokens", length, s.length);
  s.length = length;
}

void copy_prefix(const kernels::Kernels& kernels, State& state, int from, int to, std::int64_t length) {
  const Sequence& source = sequence_at(state, from);
  Sequence& target = sequence_at(state, to);
  CHECK(from != to && length >= 0 && length <= source.length, "%ld tokens of sequence %d to %d", length, from, to);
  for (std::size_t layer = 0; layer < source.layers.size(); ++layer)
    kernels::copy_kv(kernels, source.layers[layer], target.layers[layer], length);
  target.length = length;
  target.image_set = source.image_set;
  target.adapter = source.adapter;
  target.last_range = source.last_range;
}

void start_images(State& state, int image_set, const weights::VisionConfig& config, std::span<const int> num_tiles) {
  CHECK(image_set >= 0 && image_set < static_cast<int>(state.image_sets.size()), "image set %d", image_set);
  CHECK(static_cast<std::int64_t>(num_tiles.size()) <= state.limits.max_images, "%zu images", num_tiles.size());
  ImageSet& set = state.image_sets[static_cast<std::size_t>(image_set)];
  set.visible_begin.assign(1, 0);
  for (const int tiles : num_tiles) {
    set.visible_begin.push_back(set.visible_begin.back() + static_cast<std::int32_t>(tiles * config.num_patches()));
  }
  set.num_keys = set.visible_begin.back();
}

CrossRange cross_range(const ImageSet& set, int first, int last) {
  if (first >= last) return {0, set.num_keys, false};
  const auto at = [&](int image) { return set.visible_begin[static_cast<std::size_t>(image)]; };
  CHECK(first >= 0 && static_cast<std::size_t>(last) < set.visible_begin.size(), "images [%d, %d)", first, last);
  return {at(first), at(last), true};
}

}  // namespace docket::language
