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

// state.pass without rows.
Pass& empty_pass(State& state) {
  state.pass.rows = state.pass.image_rows = 0;
  state.pass.segments.clear();
  state.pass.blind_rows.clear();
  return state.pass;
}

// Sets up a pass over rows of one sequence.
const Pass& prompt_pass(State& state, int number, std::span<const prompt::TokenId> ids,
                        std::span<const prompt::ImageSpan> images) {
  Sequence& sequence = state.sequences[static_cast<std::size_t>(number)];
  Pass& pass = empty_pass(state);
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

// Logits where the caller reads them; the work of the pass ends here, and what went wrong in it shows.
Result<Logits> on_host(const Decoder& d, const State& state, const Logits& logits, LogitsWanted wanted) {
  Logits out;
  if (logits.best.data != nullptr) {
    out.best = state.host_best.slice_rows(0, logits.best.rows);
    kernels::fetch(d.kernels, logits.best, out.best);
  }
  if (logits.best.data == nullptr || wanted == LogitsWanted::kValues) {
    out.values = state.host_logits.slice_rows(0, logits.values.rows);
    kernels::fetch(d.kernels, logits.values, out.values);
  }
  DOCKET_TRY_VOID(kernels::finish(d.kernels));
  return out;
}

// Decode steps that enqueue the same ops with the same arguments have the same key: rows of the same slots over the
// same images with the same adapters, and about as many keys (kernels read exact ends from control memory).
std::string step_key(const State& state, const Pass& pass, std::span<const Segment> asked) {
  std::string key;
  const auto add = [&](std::int64_t value) { key += std::to_string(value) + ","; };
  for (const Segment& segment : pass.segments) {
    const Sequence& sequence = state.sequences[static_cast<std::size_t>(segment.sequence)];
    add(segment.sequence);
    add(kernels::round_keys(sequence.length + 1));
    add(sequence.image_set);
    add(sequence.image_set < 0 ? 0 : state.image_sets[static_cast<std::size_t>(sequence.image_set)].num_keys);
    add(static_cast<std::int64_t>(reinterpret_cast<std::intptr_t>(sequence.adapter)));
  }
  for (const std::int64_t r : pass.blind_rows) add(r);
  for (const Segment& segment : asked) add(segment.sequence);
  return key;
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
      const kernels::LinearPart parts[] = {{&w.k_proj, k}, {&w.v_proj, v}};
      kernels::linear_parts(d.kernels, source, parts);
      if (adapter != nullptr) {
        kernels::add_lora(d.kernels, source, adapter->find(w.k_proj), 1, state.lora, k);
        kernels::add_lora(d.kernels, source, adapter->find(w.v_proj), 1, state.lora, v);
      }
      const Matrix heads = k.reshaped(rows * d.config.num_key_value_heads, head_dim);
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
  kernels::publish(d.kernels, set.key_bias, set.num_keys);
}

Result<Logits> prefill(const Decoder& d, State& state, int number, std::span<const prompt::TokenId> ids,
                       std::span<const prompt::ImageSpan> images, Trace* trace, LogitsWanted wanted) {
  Sequence& sequence = state.sequences[static_cast<std::size_t>(number)];
  CHECK(!ids.empty(), "a prompt without tokens");
  DOCKET_TRY_VOID(check_room(state, sequence, ids.size()));
  const auto chunk = static_cast<std::size_t>(state.limits.chunk_rows);
  for (std::size_t first = 0; first < ids.size(); first += chunk) {
    const std::size_t count = std::min(chunk, ids.size() - first);
    const Pass& pass = prompt_pass(state, number, ids.subspan(first, count), images);
    embed_rows(d, state, pass);
    run_layers(d, state, pass, trace);
    sequence.length += static_cast<std::int64_t>(count);
    state.wanted[0] = pass.rows - 1;
  }
  kernels::publish(d.kernels, state.wanted, 1);
  const Segment last{number, 0, 1};
  return on_host(d, state, head(d, state, {&last, 1}), wanted);
}

Status prefill_all(const Decoder& d, State& state, int number, std::span<const prompt::TokenId> ids,
                   std::span<const prompt::ImageSpan> images, RowsBody body, void* context, Trace* trace) {
  Sequence& sequence = state.sequences[static_cast<std::size_t>(number)];
  DOCKET_TRY_VOID(check_room(state, sequence, ids.size()));
  const auto chunk = static_cast<std::size_t>(std::min(state.limits.chunk_rows, state.limits.logit_rows));
  for (std::size_t first = 0; first < ids.size(); first += chunk) {
    const std::size_t count = std::min(chunk, ids.size() - first);
    const Pass& pass = prompt_pass(state, number, ids.subspan(first, count), images);
    embed_rows(d, state, pass);
    run_layers(d, state, pass, trace);
    sequence.length += static_cast<std::int64_t>(count);
    for (std::int64_t r = 0; r < pass.rows; ++r) state.wanted[r] = r;
    kernels::publish(d.kernels, state.wanted, pass.rows);
    DOCKET_TRY(const Logits logits, on_host(d, state, head(d, state, pass.segments), LogitsWanted::kValues));
    body(context, static_cast<std::int64_t>(first), logits);
  }
  return {};
}

Result<Logits> decode(const Decoder& d, State& state, std::span<const int> sequences,
                      std::span<const prompt::TokenId> ids, LogitsWanted wanted) {
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
  state.order.clear();
  for (std::size_t i = 0; i < sequences.size(); ++i) state.order.push_back(i);
  const auto set_of = [&](std::size_t i) { return state.sequences[static_cast<std::size_t>(sequences[i])].image_set; };
  // std::stable_sort would allocate.
  std::sort(state.order.begin(), state.order.end(),
            [&](std::size_t a, std::size_t b) { return set_of(a) != set_of(b) ? set_of(a) > set_of(b) : a < b; });
  Pass& pass = empty_pass(state);
  for (const std::size_t i : state.order) {
    Sequence& sequence = state.sequences[static_cast<std::size_t>(sequences[i])];
    pass.segments.push_back({sequences[i], pass.rows, 1});
    set_row(state, pass, pass.rows, ids[i], sequence.length, sequence.last_range);
    state.wanted[i] = pass.rows++;
    pass.image_rows += sequence.image_set >= 0 ? 1 : 0;
  }
  state.asked.clear();
  for (std::int64_t i = 0; i < count; ++i) state.asked.push_back({sequences[static_cast<std::size_t>(i)], i, 1});
  embed_rows(d, state, pass);  // publishes `wanted` as well
  const auto step = [&] {
    run_layers(d, state, pass, nullptr);
    head(d, state, state.asked);
  };
  if (d.kernels.device() != nullptr) {
    kernels::replay(d.kernels, step_key(state, pass, state.asked), step);
  } else {
    step();  // without the key, which would be made of the heap's memory in every step
  }
  for (const int number : sequences) ++state.sequences[static_cast<std::size_t>(number)].length;
  const Matrix best = state.best.data == nullptr ? Matrix() : state.best.slice_rows(0, count);
  return on_host(d, state, {state.logits.slice_rows(0, count), best}, wanted);
}

}  // namespace docket::language
