#include "vision/encoder.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/base/check.h"
#include "core/kernels/elementwise.h"
#include "core/kernels/linear.h"
#include "core/kernels/norm.h"

namespace docket::vision {
namespace {

using kernels::Kernels;
using weights::VisionConfig;

// One pass over one image: what every step needs.
struct Pass {
  const Kernels& kernels;
  const VisionConfig& config;
  const Weights& weights;
  State& state;
  TokenPlan plan;
  int aspect_ratio_id = 0;
  Trace* trace = nullptr;
  const kernels::Adapter* adapter = nullptr;

  float eps() const { return static_cast<float>(config.norm_eps); }
  // Which tile slot of the model the t-th computed tile is: its own, or the first of its group of missing ones.
  std::int64_t table_row(std::int64_t t) const { return aspect_ratio_id * config.max_num_tiles + t; }
  Matrix tile_rows(std::int64_t t) const { return state.x.slice_rows(t * plan.patches, plan.patches); }
};

// Calls body(first, count) for chunks of rows, as many as the scratch holds.
template <typename Body>
void for_each_chunk(const Pass& p, std::int64_t rows, Body body) {
  const std::int64_t most = p.state.norm.rows, chunks = (rows + most - 1) / most;
  const std::int64_t size = chunks == 0 ? 0 : (rows + chunks - 1) / chunks;
  for (std::int64_t first = 0; first < rows; first += size) body(first, std::min(size, rows - first));
}

// x = patch embedding of a tile's pixels, behind a row for the class token. A missing tile is all zeros.
void embed_patches(const Pass& p, std::int64_t t, const float* pixels) {
  const Matrix patches = p.tile_rows(t).slice_rows(1, p.plan.patches - 1);
  if (pixels == nullptr) {
    kernels::fill(p.kernels, patches, 0);
    return;
  }
  const std::int64_t values = p.weights.patch_embedding.in_features;
  const Matrix& taps = p.state.taps;  // free until the first layer
  const Matrix unfolded(taps.data, taps.dtype, patches.rows, values);
  kernels::unfold_patches(p.kernels, pixels, p.config.num_channels, p.config.patches_per_side(), p.config.patch_size,
                          unfolded);
  kernels::linear(p.kernels, unfolded, p.weights.patch_embedding, patches);
}

// x += pre-tile embedding on the patches; x[0] = class embedding; x += gated position and tile embeddings.
void embed_positions(const Pass& p, std::int64_t t) {
  const Matrix tile = p.tile_rows(t);
  const Matrix row = p.state.embedding.slice_rows(0, 1);
  const std::int64_t table_row = p.table_row(t);
  kernels::embed(p.kernels, p.weights.pre_tile_embedding.from_row(table_row), p.state.ids, row);
  kernels::add_scaled(p.kernels, tile.slice_rows(1, tile.rows - 1), row, p.weights.pre_tile_gate);
  kernels::embed(p.kernels, p.weights.class_embedding, p.state.ids, tile.slice_rows(0, 1));

  kernels::embed(p.kernels, p.weights.position_embedding, p.state.ids, p.state.embedding);
  kernels::add_scaled(p.kernels, tile, p.state.embedding, 1.0F - p.weights.position_gate);
  if (p.weights.position_gate == 0) return;
  kernels::embed(p.kernels, p.weights.tile_embedding.from_row(table_row * tile.rows), p.state.ids, p.state.embedding);
  kernels::add_scaled(p.kernels, tile, p.state.embedding, p.weights.position_gate);
}

// y += factor (what the adapter adds to W x).
void add_adapter(const Pass& p, const Matrix& x, const kernels::LinearWeight& w, float factor, const Matrix& y) {
  if (p.adapter != nullptr) kernels::add_lora(p.kernels, x, p.adapter->find(w), factor, p.state.lora, y);
}

// y = W x + b
void project_rows(const Pass& p, const Matrix& x, const kernels::LinearWeight& w, const Matrix& y) {
  kernels::linear(p.kernels, x, w, y);
  add_adapter(p, x, w, 1, y);
}

// y += factor (W x + b)
void project_into(const Pass& p, const Matrix& x, const kernels::LinearWeight& w, float factor, const Matrix& y) {
  kernels::linear_add(p.kernels, x, w, factor, y);
  add_adapter(p, x, w, factor, y);
}

// y = gelu(W x + b); an adapter adds to the argument, so that GELU comes apart from the product then.
void project_gelu(const Pass& p, const Matrix& x, const kernels::LinearWeight& w, const Matrix& y) {
  if (p.adapter == nullptr || p.adapter->find(w) == nullptr) return kernels::linear_gelu(p.kernels, x, w, y);
  project_rows(p, x, w, y);
  kernels::gelu(p.kernels, y);
}

void attend(const Pass& p, const LayerWeights& w, const Matrix& x) {
  const std::int64_t width = p.config.hidden_size;
  const kernels::KvStore& kv = p.state.kv;
  for_each_chunk(p, x.rows, [&](std::int64_t first, std::int64_t count) {
    const Matrix norm = p.state.norm.slice_rows(0, count);  // [C, D]
    const Matrix wide = p.state.wide.slice_rows(0, count);
    const Matrix keys = kv.by_rows ? kernels::key_rows(kv, first, count) : wide.slice_cols(0, width);          // [C, D]
    const Matrix values = kv.by_rows ? kernels::value_rows(kv, first, count) : wide.slice_cols(width, width);  // [C, D]
    kernels::layer_norm(p.kernels, x.slice_rows(first, count), w.input_layernorm_weight, w.input_layernorm_bias,
                        p.eps(), norm);
    const Matrix queries = p.state.q.slice_rows(first, count);  // [C, D]
    const kernels::LinearPart parts[] = {{&w.q_proj, queries}, {&w.k_proj, keys}, {&w.v_proj, values}};
    kernels::linear_parts(p.kernels, norm, parts);
    for (const kernels::LinearPart& part : parts) add_adapter(p, norm, *part.weight, 1, part.y);
    if (!kv.by_rows) kernels::store_kv(p.kernels, keys, values, first, kv);
  });
  const Matrix q = p.state.q.slice_rows(0, x.rows);  // [rows, D]
  const kernels::AttentionMask mask{nullptr, p.state.ends, p.state.key_bias};
  const float scale = 1.0F / std::sqrt(static_cast<float>(p.config.head_dim()));
  kernels::attention(p.kernels, q, p.config.attention_heads, kv, x.rows, mask, scale, q);
  project_into(p, q, w.o_proj, w.gate_attn, x);
}

void feed_forward(const Pass& p, const LayerWeights& w, const Matrix& x) {
  for_each_chunk(p, x.rows, [&](std::int64_t first, std::int64_t count) {
    const Matrix rows = x.slice_rows(first, count);
    const Matrix norm = p.state.norm.slice_rows(0, count);                                              // [C, D]
    const Matrix hidden = p.state.wide.slice_rows(0, count).slice_cols(0, p.config.intermediate_size);  // [C, I]
    const bool has_bias = kernels::layer_norm_adding(p.kernels, rows, w.post_attention_layernorm_weight,
                                                     w.post_attention_layernorm_bias, p.eps(), norm, w.fc2, w.gate_ffn);
    if (!has_bias) {
      kernels::layer_norm(p.kernels, rows, w.post_attention_layernorm_weight, w.post_attention_layernorm_bias, p.eps(),
                          norm);
    }
    project_gelu(p, norm, w.fc1, hidden);
    project_into(p, hidden, has_bias ? w.fc2.without_bias() : w.fc2, w.gate_ffn, rows);
  });
}

void record(const Pass& p, const char* stage, const Matrix& values) {
  if (p.trace != nullptr) p.trace->record(stage, kernels::HostCopy(p.kernels, values).matrix());
}

void record_layer(const Pass& p, const char* stage, std::size_t layer, const Matrix& values) {
  if (p.trace == nullptr) return;
  p.trace->record(stage + std::to_string(layer), kernels::HostCopy(p.kernels, values).matrix());
}

// Saves the residual stream that enters a tapped layer: channel 1 + tap of the interleaved ones after the first D.
void save_tap(const Pass& p, std::int64_t layer) {
  const auto& indices = p.config.intermediate_layers_indices;
  const auto found = std::find(indices.begin(), indices.end(), layer);
  if (found == indices.end()) return;
  const std::int64_t rows = p.plan.num_patches();
  kernels::interleave(p.kernels, p.state.x.slice_rows(0, rows), p.config.hidden_size + (found - indices.begin()),
                      static_cast<std::int64_t>(indices.size()), p.state.taps.slice_rows(0, rows));
}

void set_masks(const Pass& p, bool global) {
  fill_masks(p.plan, global, p.state.ends, p.state.key_bias);
  const std::int64_t rows = global ? p.plan.global_rows() : p.plan.local_rows();
  kernels::publish(p.kernels, p.state.ends, rows);
  kernels::publish(p.kernels, p.state.key_bias, rows);
}

void run_local(const Pass& p) {
  set_masks(p, /*global=*/false);
  const Matrix x = p.state.x.slice_rows(0, p.plan.local_rows());
  kernels::fill(p.kernels, x.slice_rows(x.rows - 1, 1), 0);  // appended tokens: true zeros, behind the layer norm
  for (std::size_t i = 0; i < p.weights.local.size(); ++i) {
    save_tap(p, static_cast<std::int64_t>(i));
    attend(p, p.weights.local[i], x);
    feed_forward(p, p.weights.local[i], x);
    record_layer(p, "vision.local.", i, x);
  }
  kernels::layer_norm(p.kernels, x, p.weights.layernorm_post_weight, p.weights.layernorm_post_bias, p.eps(), x);
}

// One appended token becomes one for each tile, and every token of a tile gets the tile's post embedding.
void embed_post_tile(const Pass& p) {
  const Matrix x = p.state.x.slice_rows(0, p.plan.global_rows());
  const Matrix row = p.state.embedding.slice_rows(0, 1);
  for (std::int64_t t = p.plan.tiles_and_groups() - 1; t >= 0; --t) {
    const Matrix appended = x.slice_rows(p.plan.num_patches() + t, 1);
    kernels::copy(p.kernels, x.slice_rows(p.plan.num_patches(), 1), appended);
    kernels::embed(p.kernels, p.weights.post_tile_embedding.from_row(p.table_row(t)), p.state.ids, row);
    kernels::add_scaled(p.kernels, appended, row, p.weights.post_tile_gate);
    kernels::add_scaled(p.kernels, p.tile_rows(t), row, p.weights.post_tile_gate);
  }
}

void run_global(const Pass& p) {
  embed_post_tile(p);
  set_masks(p, /*global=*/true);
  const Matrix x = p.state.x.slice_rows(0, p.plan.global_rows());
  for (std::size_t i = 0; i < p.weights.global.size(); ++i) {
    attend(p, p.weights.global[i], x);
    feed_forward(p, p.weights.global[i], x);
    record_layer(p, "vision.global.", i, x);
  }
}

VisionTokens project(const Pass& p) {
  const std::int64_t rows = p.plan.num_patches();
  const Matrix taps = p.state.taps.slice_rows(0, rows);
  kernels::interleave(p.kernels, p.state.x.slice_rows(0, rows), 0, 1, taps);
  record(p, "vision", taps);
  VisionTokens out;
  out.tokens = p.state.tokens.slice_rows(0, rows);
  project_rows(p, taps, p.weights.multi_modal_projector, out.tokens);
  record(p, "projector", out.tokens);
  out.num_visible = p.plan.num_visible();
  out.key_bias = p.state.key_bias;
  out.num_tiles = p.plan.num_tiles;
  return out;
}

}  // namespace

State make_state(Arena& arena, const weights::ModelConfig& model, std::int64_t max_lora_rank, std::int64_t chunk_rows) {
  const VisionConfig& config = model.vision;
  const std::int64_t rows = max_rows(config), width = config.hidden_size;
  const std::int64_t patches = config.num_patches(), chunk = std::min(rows, chunk_rows);
  const std::int64_t patch_values = config.num_channels * config.patch_size * config.patch_size;
  const std::int64_t tap_rows = config.max_num_tiles * patches;
  State s;
  s.x = arena.take_matrix(rows, width);
  s.q = arena.take_work(rows, width);
  s.kv = kernels::take_kv_rows(arena, config.attention_heads, config.head_dim(), rows);
  s.norm = arena.take_work(chunk, width);
  s.wide = arena.take_work(chunk, std::max(config.intermediate_size, 2 * width));
  // Also holds one tile's unfolded patches before the first layer.
  const std::int64_t tap_values = std::max(tap_rows * config.vision_output_dim, (patches - 1) * patch_values);
  s.taps = Matrix(arena.take_work(1, tap_values).data, arena.work_dtype(), tap_rows, config.vision_output_dim);
  s.tokens = arena.take_work(tap_rows, model.text.hidden_size);
  s.embedding = arena.take_matrix(patches, width);
  s.lora = arena.take_work(chunk, max_lora_rank);
  s.ids = arena.take_host<std::int64_t>(patches);
  s.ends = arena.take_host<std::int32_t>(rows);
  s.key_bias = arena.take_host<float>(rows + 2 * kernels::kPanel);
  for (std::int64_t i = 0; s.ids != nullptr && i < patches; ++i) s.ids[i] = i;
  return s;
}

VisionTokens encode(const Kernels& kernels, const weights::ModelConfig& config, const Weights& weights, State& state,
                    const tiles::Tiles& tiles, Trace* trace, const kernels::Adapter* adapter) {
  const int id = tiles.aspect_ratio.id;
  Pass p{kernels, config.vision, weights, state, plan_tokens(config.vision, weights, id), id, trace, adapter};
  CHECK(tiles.tile_size == config.vision.image_size && tiles.num_tiles() == p.plan.num_tiles,
        "tiles of %d pixels, %d of them", tiles.tile_size, tiles.num_tiles());
  kernels::publish(kernels, state.ids, p.plan.patches);
  const std::int64_t tile_values = config.vision.num_channels * tiles.tile_size * std::int64_t{tiles.tile_size};
  for (int t = 0; t < p.plan.tiles_and_groups(); ++t) {
    embed_patches(p, t, t < p.plan.num_tiles ? tiles.pixels.data() + t * tile_values : nullptr);
    embed_positions(p, t);
  }
  const Matrix x = state.x.slice_rows(0, p.plan.num_patches());
  kernels::layer_norm(kernels, x, weights.layernorm_pre_weight, weights.layernorm_pre_bias, p.eps(), x);
  run_local(p);
  run_global(p);
  return project(p);
}

}  // namespace docket::vision
