#include "language/pass.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/base/check.h"
#include "core/kernels/attention.h"
#include "core/kernels/elementwise.h"
#include "core/kernels/linear.h"
#include "core/kernels/norm.h"

namespace docket::language {
namespace {

float attention_scale(const Decoder& d) { return 1.0F / std::sqrt(static_cast<float>(d.config.head_dim)); }
// y += factor (what each sequence's adapter adds to W x) on the rows of x; neighbours with one adapter go together.
void add_adapters(const Decoder& d, const State& s, std::span<const Segment> segments, const Matrix& x,
                  const kernels::LinearWeight& w, float factor, const Matrix& y) {
  const auto adapter_of = [&](std::size_t i) {
    return s.sequences[static_cast<std::size_t>(segments[i].sequence)].adapter;
  };
  for (std::size_t i = 0; i < segments.size() && segments[i].first < x.rows;) {
    const kernels::Adapter* adapter = adapter_of(i);
    const std::int64_t first = segments[i].first;
    std::int64_t count = 0;
    for (; i < segments.size() && segments[i].first < x.rows && adapter_of(i) == adapter; ++i)
      count += segments[i].count;
    if (adapter == nullptr) continue;
    kernels::add_lora(d.kernels, x.slice_rows(first, count), adapter->find(w), factor, s.lora,
                      y.slice_rows(first, count));
  }
}

bool has_adapter(const State& s, std::span<const Segment> segments) {
  return std::any_of(segments.begin(), segments.end(), [&](const Segment& segment) {
    return s.sequences[static_cast<std::size_t>(segment.sequence)].adapter != nullptr;
  });
}

// y = W x
void project(const Decoder& d, const State& s, std::span<const Segment> segments, const Matrix& x,
             const kernels::LinearWeight& w, const Matrix& y) {
  kernels::linear(d.kernels, x, w, y);
  add_adapters(d, s, segments, x, w, 1, y);
}

// y[i] = W[i] x, in one go
void project_parts(const Decoder& d, const State& s, std::span<const Segment> segments, const Matrix& x,
                   std::span<const kernels::LinearPart> parts) {
  kernels::linear_parts(d.kernels, x, parts);
  for (const kernels::LinearPart& part : parts) add_adapters(d, s, segments, x, *part.weight, 1, part.y);
}

// y += factor W x
void project_into(const Decoder& d, const State& s, std::span<const Segment> segments, const Matrix& x,
                  const kernels::LinearWeight& w, float factor, const Matrix& y) {
  kernels::linear_add(d.kernels, x, w, factor, y);
  add_adapters(d, s, segments, x, w, factor, y);
}

float eps(const Decoder& d) { return static_cast<float>(d.config.rms_norm_eps); }

// h += O(attention(RoPE(q), RoPE(k), v)) on the normed rows; `self` counts self layers.
void self_attention(const Decoder& d, State& s, const Pass& pass, const LayerWeights& w, std::size_t self) {
  const Matrix hidden = s.hidden.slice_rows(0, pass.rows);  // [R, H]
  const Matrix norm = s.norm.slice_rows(0, pass.rows);      // [R, H]
  const Matrix query = s.query.slice_rows(0, pass.rows);    // [R, Q]
  const Matrix key = s.key.slice_rows(0, pass.rows);        // [R, K]
  const Matrix value = s.value.slice_rows(0, pass.rows);    // [R, K]
  kernels::rms_norm(d.kernels, hidden, w.input_layernorm, eps(d), norm);
  const kernels::LinearPart parts[] = {{&w.q_proj, query}, {&w.k_proj, key}, {&w.v_proj, value}};
  project_parts(d, s, pass.segments, norm, parts);
  s.store_jobs.clear();
  s.attention_jobs.clear();
  for (const Segment& segment : pass.segments) {
    const Sequence& sequence = s.sequences[static_cast<std::size_t>(segment.sequence)];
    const kernels::KvStore& store = sequence.layers[self];
    s.store_jobs.push_back({key.slice_rows(segment.first, segment.count),
                            value.slice_rows(segment.first, segment.count), sequence.length,
                            s.positions + segment.first, store});
    s.attention_jobs.push_back({segment.first, segment.count, store, sequence.length + segment.count, nullptr});
  }
  kernels::rope_store(d.kernels, query, key, value, s.positions, d.weights.rope_frequencies, d.config.head_dim,
                      s.store_jobs);
  const kernels::AttentionMask causal{nullptr, s.self_end, nullptr};
  kernels::attention_jobs(d.kernels, query, d.config.num_attention_heads, s.attention_jobs, causal, attention_scale(d),
                          query);
  project_into(d, s, pass.segments, query, w.o_proj, 1, hidden);
}

// h += gate O(attention(norm(q), k, v)) over the images' keys; neighbouring segments over one image set go together.
void cross_attention(const Decoder& d, State& s, const Pass& pass, const LayerWeights& w, std::size_t cross) {
  const Matrix hidden = s.hidden.slice_rows(0, pass.image_rows);  // [R, H]
  const Matrix norm = s.norm.slice_rows(0, pass.image_rows);      // [R, H]
  const Matrix query = s.query.slice_rows(0, pass.image_rows);    // [R, Q]
  kernels::rms_norm(d.kernels, hidden, w.input_layernorm, eps(d), norm);
  project(d, s, pass.segments, norm, w.q_proj, query);
  const Matrix heads = query.reshaped(pass.image_rows * d.config.num_attention_heads, d.config.head_dim);
  kernels::rms_norm(d.kernels, heads, w.q_norm, eps(d), heads);
  const auto set_of = [&](std::size_t i) {
    return s.sequences[static_cast<std::size_t>(pass.segments[i].sequence)].image_set;
  };
  s.attention_jobs.clear();
  for (std::size_t i = 0; i < pass.segments.size() && pass.segments[i].first < pass.image_rows;) {
    const std::int64_t first = pass.segments[i].first;
    const int number = set_of(i);
    std::int64_t count = 0;
    for (; i < pass.segments.size() && set_of(i) == number; ++i) count += pass.segments[i].count;
    const ImageSet& set = s.image_sets[static_cast<std::size_t>(number)];
    s.attention_jobs.push_back({first, count, set.layers[cross], set.num_keys, set.key_bias});
  }
  const kernels::AttentionMask mask{s.cross_begin, s.cross_end, nullptr};
  kernels::attention_jobs(d.kernels, query, d.config.num_attention_heads, s.attention_jobs, mask, attention_scale(d),
                          query);
  project_into(d, s, pass.segments, query, w.o_proj, w.cross_attn_attn_gate, hidden);
}

// h += factor down(silu(gate(n)) up(n)) on rows [0, rows).
void feed_forward(const Decoder& d, State& s, const Pass& pass, std::int64_t rows, const LayerWeights& w, float factor,
                  const std::vector<std::int64_t>& zeroed) {
  const Matrix hidden = s.hidden.slice_rows(0, rows);  // [R, H]
  const Matrix norm = s.norm.slice_rows(0, rows);      // [R, H]
  const Matrix gate = s.gate.slice_rows(0, rows);      // [R, I]
  const Matrix up = s.up.slice_rows(0, rows);          // [R, I]
  kernels::rms_norm(d.kernels, hidden, w.post_attention_layernorm, eps(d), norm);
  if (has_adapter(s, pass.segments)) {  // what it adds goes in before SiLU
    const kernels::LinearPart parts[] = {{&w.gate_proj, gate}, {&w.up_proj, up}};
    project_parts(d, s, pass.segments, norm, parts);
    kernels::silu_mul(d.kernels, gate, up);
  } else {
    kernels::linear_gated(d.kernels, norm, w.gate_proj, w.up_proj, gate, up);
  }
  for (const std::int64_t r : zeroed) {
    if (r < rows)
      kernels::fill(d.kernels, gate.slice_rows(r, 1),
                    0);  // zero in, zero out: neither down nor an adapter of it has a bias
  }
  project_into(d, s, pass.segments, gate, w.down_proj, factor, hidden);
}

}  // namespace

void set_row(State& s, Pass& pass, std::int64_t r, prompt::TokenId id, std::int64_t position, const CrossRange& range) {
  s.ids[r] = id;
  s.positions[r] = position;
  s.self_end[r] = static_cast<std::int32_t>(position + 1);
  s.cross_begin[r] = range.begin;
  s.cross_end[r] = range.end;
  if (!range.sees_image) pass.blind_rows.push_back(r);
}

void embed_rows(const Decoder& d, State& s, const Pass& pass) {
  CHECK(pass.rows >= 1 && pass.rows <= s.limits.chunk_rows, "%ld rows", pass.rows);
  // One copy: they lie one behind the other (make_state).
  const auto* begin = reinterpret_cast<const std::byte*>(s.ids);
  kernels::publish(d.kernels, begin, reinterpret_cast<const std::byte*>(s.cross_end + pass.rows) - begin);
  kernels::embed(d.kernels, d.weights.embed_tokens, s.ids, s.hidden.slice_rows(0, pass.rows));
}

void run_layers(const Decoder& d, State& s, const Pass& pass, Trace* trace) {
  static const std::vector<std::int64_t> kNone;
  const Matrix hidden = s.hidden.slice_rows(0, pass.rows);
  std::size_t self = 0, cross = 0;
  for (std::size_t i = 0; i < d.weights.layers.size(); ++i) {
    const LayerWeights& w = d.weights.layers[i];
    if (!w.is_cross) {
      self_attention(d, s, pass, w, self++);
      feed_forward(d, s, pass, pass.rows, w, 1, kNone);
    } else if (pass.image_rows > 0) {
      cross_attention(d, s, pass, w, cross++);
      feed_forward(d, s, pass, pass.image_rows, w, w.cross_attn_mlp_gate, pass.blind_rows);
    }
    if (trace != nullptr) trace->record("text." + std::to_string(i), kernels::HostCopy(d.kernels, hidden).matrix());
  }
}

Logits head(const Decoder& d, State& s, std::span<const Segment> segments) {
  const std::int64_t count = segments.back().first + segments.back().count;
  const Matrix last = s.last.slice_rows(0, count);  // [count, H]
  const kernels::EmbeddingTable rows{s.hidden.data, s.hidden.dtype, s.hidden.rows, s.hidden.cols, s.hidden.data};
  kernels::embed(d.kernels, rows, s.wanted, last);
  kernels::rms_norm(d.kernels, last, d.weights.norm, eps(d), last);
  const Matrix logits = s.logits.slice_rows(0, count);  // [count, vocab_size]
  project(d, s, segments, last, d.weights.lm_head, logits);
  if (s.best.data == nullptr) return {logits, {}};
  const Matrix best = s.best.slice_rows(0, count);
  kernels::row_best(d.kernels, logits, best);
  return {logits, best};
}

}  // namespace docket::language
