#include "language/decoder.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/base/check.h"
#include "core/kernels/elementwise.h"
#include "core/kernels/linear.h"
#include "core/kernels/norm.h"
#include "language/pass.h"

namespace docket::language {
namespace {

// Rows [first, last) of images that cover `row`; images that share a row are neighbours (spec 3.7).
CrossRange range_of_row(const ImageSet& set, std::span<const prompt::ImageSpan> images, int row) {
  int first = 0, last = 0;
  for (int i = 0; i < static_cast<int>(images.size()); ++i) {
    if (!images[static_cast<std::size_t>(i)].covers(row)) continue;
    if (last == 0) first = i;
    last = i + 1;
  }
  return cross_range(set, first, last);
}

Status check_room(const State& state, const Sequence& sequence, std::size_t more) {
  if (sequence.length + static_cast<std::int64_t>(more) <= state.limits.max_positions) return {};
  return make_error(ErrorCode::kLimitExceeded, std::to_string(sequence.length) + " tokens and " + std::to_string(more) +
                                                   " more pass the planned " +
                                                   std::to_string(state.limits.max_positions) + " positions");
}

// Sets up a pass over rows of one sequence.
Pass prompt_pass(State& state, int number, std::span<const prompt::TokenId> ids,
                 std::span<const prompt::ImageSpan> images) {
  Sequence& sequence = state.sequences[static_cast<std::size_t>(number)];
  Pass pass;
  pass.rows = static_cast<std::int64_t>(ids.size());
  pass.segments.push_back({number, 0, pass.rows});
  pass.image_rows = sequence.image_set >= 0 ? pass.rows : 0;
  for (std::int64_t r = 0; r < pass.rows; ++r) {
    const std::int64_t position = sequence.length + r;
    CrossRange range;
    if (sequence.image_set >= 0) {
      const ImageSet& set = state.image_sets[static_cast<std::size_t>(sequence.image_set)];
      range = range_of_row(set, images, static_cast<int>(position));
    }
    set_row(state, pass, r, ids[static_cast<std::size_t>(r)], position, range);
    sequence.last_range = range;
  }
  return pass;
}

}  // namespace

void add_image(const Decoder& d, State& state, int image_set, int image, const vision::VisionTokens& tokens,
               const kernels::Adapter* adapter) {
  ImageSet& set = state.image_sets[static_cast<std::size_t>(image_set)];
  const std::int64_t visible = set.visible_begin[static_cast<std::size_t>(image)];
  CHECK(set.visible_begin[static_cast<std::size_t>(image) + 1] - visible == tokens.num_visible,
        "image %d of %ld tokens", image, tokens.num_visible);
  const std::int64_t hidden = set.num_keys;
  CHECK(hidden + tokens.num_tokens() - tokens.num_visible <= set.capacity, "%ld keys", set.capacity);
  const std::int64_t head_dim = d.config.head_dim;
  // Rows [first, first + count) of the tokens become keys at `key`.
  const auto store_rows = [&](const LayerWeights& w, const kernels::KvStore& store, std::int64_t first,
                              std::int64_t count, std::int64_t key) {
    for (std::int64_t done = 0; done < count; done += state.key.rows) {
      const std::int64_t rows = std::min(state.key.rows, count - done);
      const Matrix source = tokens.tokens.slice_rows(first + done, rows);  // [rows, H]
      const Matrix k = state.key.slice_rows(0, rows);                      // [rows, K]
      const Matrix v = state.value.slice_rows(0, rows);                    // [rows, K]
      kernels::linear(d.kernels, source, w.k_proj, k);
      kernels::linear(d.kernels, source, w.v_proj, v);
      if (adapter != nullptr) {
        kernels::add_lora(d.kernels, source, adapter->find(w.k_proj), 1, state.lora, k);
        kernels::add_lora(d.kernels, source, adapter->find(w.v_proj), 1, state.lora, v);
      }
      const Matrix heads(k.f32(), rows * d.config.num_key_value_heads, head_dim);
      kernels::rms_norm(d.kernels, heads, w.k_norm, static_cast<float>(d.config.rms_norm_eps), heads);
      kernels::store_kv(d.kernels, k, v, key + done, store);
    }
  };
  std::size_t cross = 0;
  for (const LayerWeights& w : d.weights.layers) {
    if (!w.is_cross) continue;
    store_rows(w, set.layers[cross], 0, tokens.num_visible, visible);
    store_rows(w, set.layers[cross], tokens.num_visible, tokens.num_tokens() - tokens.num_visible, hidden);
    ++cross;
  }
  std::copy_n(tokens.key_bias, tokens.num_visible, set.key_bias + visible);
  std::copy_n(tokens.key_bias + tokens.num_visible, tokens.num_tokens() - tokens.num_visible, set.key_bias + hidden);
  set.num_keys = static_cast<std::int32_t>(hidden + tokens.num_tokens() - tokens.num_visible);
}

Result<Logits> prefill(const Decoder& d, State& state, int number, std::span<const prompt::TokenId> ids,
                       std::span<const prompt::ImageSpan> images, Trace* trace) {
  Sequence& sequence = state.sequences[static_cast<std::size_t>(number)];
  CHECK(!ids.empty(), "a prompt without tokens");
  DOCKET_TRY_VOID(check_room(state, sequence, ids.size()));
  const auto chunk = static_cast<std::size_t>(state.limits.chunk_rows);
  for (std::size_t first = 0; first < ids.size(); first += chunk) {
    const std::size_t count = std::min(chunk, ids.size() - first);
    const Pass pass = prompt_pass(state, number, ids.subspan(first, count), images);
    run_layers(d, state, pass, trace);
    sequence.length += static_cast<std::int64_t>(count);
    state.wanted[0] = pass.rows - 1;
  }
  const Segment last{number, 0, 1};
  return head(d, state, {&last, 1});
}

Status prefill_all(const Decoder& d, State& state, int number, std::span<const prompt::TokenId> ids,
                   std::span<const prompt::ImageSpan> images, RowsBody body, void* context, Trace* trace) {
  Sequence& sequence = state.sequences[static_cast<std::size_t>(number)];
  DOCKET_TRY_VOID(check_room(state, sequence, ids.size()));
  const auto chunk = static_cast<std::size_t>(std::min(state.limits.chunk_rows, state.limits.logit_rows));
  for (std::size_t first = 0; first < ids.size(); first += chunk) {
    const std::size_t count = std::min(chunk, ids.size() - first);
    const Pass pass = prompt_pass(state, number, ids.subspan(first, count), images);
    run_layers(d, state, pass, trace);
    sequence.length += static_cast<std::int64_t>(count);
    for (std::int64_t r = 0; r < pass.rows; ++r) state.wanted[r] = r;
    body(context, static_cast<std::int64_t>(first), head(d, state, pass.segments));
  }
  return {};
}

Result<Logits> decode(const Decoder& d, State& state, std::span<const int> sequences,
                      std::span<const prompt::TokenId> ids) {
  const auto count = static_cast<std::int64_t>(sequences.size());
  CHECK(count >= 1 && count <= state.limits.chunk_rows && count <= state.limits.logit_rows &&
            ids.size() == sequences.size(),
        "%zu sequences, %zu ids", sequences.size(), ids.size());
  for (const int number : sequences) {
    const Sequence& sequence = state.sequences[static_cast<std::size_t>(number)];
    CHECK(sequence.length > 0, "sequence %d has no prompt", number);
    DOCKET_TRY_VOID(check_room(state, sequence, 1));
  }
  // Rows with images first, those over the same images together: cross layers work on the front rows alone and read a
  // set once for all its sequences.
  std::vector<std::size_t> order(sequences.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto set_of = [&](std::size_t i) { return state.sequences[static_cast<std::size_t>(sequences[i])].image_set; };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return set_of(a) > set_of(b); });
  Pass pass;
  for (const std::size_t i : order) {
    Sequence& sequence = state.sequences[static_cast<std::size_t>(sequences[i])];
    pass.segments.push_back({sequences[i], pass.rows, 1});
    set_row(state, pass, pass.rows, ids[i], sequence.length, sequence.last_range);
    state.wanted[i] = pass.rows++;
    pass.image_rows += sequence.image_set >= 0 ? 1 : 0;
  }
  run_layers(d, state, pass, nullptr);
  for (const int number : sequences) ++state.sequences[static_cast<std::size_t>(number)].length;
  std::vector<Segment> asked;
  for (std::int64_t i = 0; i < count; ++i) asked.push_back({sequences[static_cast<std::size_t>(i)], i, 1});
  return head(d, state, asked);
}

}  // namespace docket::language
