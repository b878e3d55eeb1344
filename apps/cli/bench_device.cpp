#include "apps/cli/bench_device.h"

#include <algorithm>
#include <cstdio>

namespace docket::cli {
namespace {

using kernels::LinearWeight;

double of(std::int64_t n) { return static_cast<double>(n); }

double values_of(const LinearWeight& w) { return of(w.out_features) * of(w.in_features); }

// A product of `rows` rows: its operations, and the weight's bytes once.
void add_product(Work& work, const LinearWeight& w, double rows) {
  work.flop += 2 * rows * values_of(w);
  work.bytes += device_weight_bytes(w);
}

constexpr double kKeyBytes = 2;  // fp16

void add_text_layers(Work& work, const language::Weights& weights, double rows) {
  for (const language::LayerWeights& layer : weights.layers) {
    for (const LinearWeight* w : {&layer.q_proj, &layer.o_proj, &layer.gate_proj, &layer.up_proj, &layer.down_proj})
      add_product(work, *w, rows);
    if (layer.is_cross) continue;
    add_product(work, layer.k_proj, rows);
    add_product(work, layer.v_proj, rows);
  }
}

double cross_layers(const weights::ModelConfig& config) {
  return of(static_cast<std::int64_t>(config.text.cross_attention_layers.size()));
}
double self_layers(const weights::ModelConfig& config) {
  return of(config.text.num_hidden_layers) - cross_layers(config);
}

}  // namespace

double device_weight_bytes(const LinearWeight& w) {
  const double values = values_of(w);
  switch (w.device.format) {
    case kernels::DeviceFormat::kCode4:
      return values * (0.5 + 2.0 / 64);
    case kernels::DeviceFormat::kI8:
      return values + 4 * of(w.out_features);
    case kernels::DeviceFormat::kF16:
      return values * 2;
  }
  return 0;
}

Work vision_work(const weights::ModelConfig& config, const vision::Weights& weights, std::int64_t rows,
                 std::int64_t tokens) {
  Work work;
  add_product(work, weights.patch_embedding, of(tokens));
  for (const auto* layers : {&weights.local, &weights.global}) {
    for (const vision::LayerWeights& layer : *layers) {
      for (const LinearWeight* w : {&layer.q_proj, &layer.k_proj, &layer.v_proj, &layer.o_proj, &layer.fc1, &layer.fc2})
        add_product(work, *w, of(rows));
      work.flop += 4 * of(rows) * of(rows) * of(config.vision.hidden_size);
    }
  }
  add_product(work, weights.multi_modal_projector, of(tokens));
  return work;
}

Work prefill_work(const weights::ModelConfig& config, const language::Weights& weights, std::int64_t prompt_tokens,
                  std::int64_t image_keys) {
  Work work;
  const double width = of(config.text.num_attention_heads) * of(config.text.head_dim), rows = of(prompt_tokens);
  add_text_layers(work, weights, rows);
  add_product(work, weights.lm_head, 1);
  work.flop += self_layers(config) * 2 * width * rows * rows + cross_layers(config) * 4 * width * rows * of(image_keys);
  return work;
}

Work decode_work(const weights::ModelConfig& config, const language::Weights& weights, std::int64_t batch,
                 std::int64_t length, std::int64_t image_keys) {
  Work work;
  const double width = of(config.text.num_attention_heads) * of(config.text.head_dim);
  const double key_bytes = 2 * of(config.text.num_key_value_heads) * of(config.text.head_dim) * kKeyBytes;
  add_text_layers(work, weights, of(batch));
  add_product(work, weights.lm_head, of(batch));
  const double keys = self_layers(config) * of(length) + cross_layers(config) * of(image_keys);
  work.flop += 4 * width * of(batch) * keys;
  work.bytes += key_bytes * of(batch) * keys;
  return work;
}

double Roofs::floor_seconds(const Work& work) const {
  const double memory = bytes_per_second > 0 ? work.bytes / bytes_per_second : 0;
  const double matrix = flop_per_second > 0 ? work.flop / flop_per_second : 0;
  return std::max(memory, matrix);
}

OrderedJson stage_json(const char* name, double seconds, const Work& work, const Roofs& roofs) {
  const double floor = roofs.floor_seconds(work);
  return {{"stage", name},     {"ms", seconds * 1e3}, {"floor_ms", floor * 1e3}, {"share", floor / seconds},
          {"flop", work.flop}, {"bytes", work.bytes}};
}

void print_stage(const char* name, double seconds, const Work& work, const Roofs& roofs) {
  const double floor = roofs.floor_seconds(work);
  std::printf("%-10s %10.2f ms   floor %8.2f ms (%8.1f GFLOP, %8.1f MB), %3.0f %% of the roof\n", name, seconds * 1e3,
              floor * 1e3, work.flop / 1e9, work.bytes / 1e6, 100 * floor / seconds);
}

OrderedJson memory_json(const kernels::DeviceMemory& memory) {
  return {{"device_bytes", memory.total},
          {"used_bytes", memory.used},
          {"process_bytes", memory.process},
          {"planned_bytes", memory.planned},
          {"left_bytes", memory.limit}};
}

}  // namespace docket::cli
