// What docket bench says of a device: each stage against its floor.
#pragma once

#include "core/base/json.h"
#include "reply/engine.h"

namespace docket::cli {

// Operations and bytes that a stage cannot do without (multiply and add count as two; each input is read once).
struct Work {
  double flop = 0, bytes = 0;
};

// rows: tokens that the encoder computes (TokenPlan), tokens: those that become keys.
Work vision_work(const weights::ModelConfig& config, const vision::Weights& weights, std::int64_t rows,
                 std::int64_t tokens);
Work prefill_work(const weights::ModelConfig& config, const language::Weights& weights, std::int64_t prompt_tokens,
                  std::int64_t image_keys);
// One step of `batch` sequences of `length` tokens.
Work decode_work(const weights::ModelConfig& config, const language::Weights& weights, std::int64_t batch,
                 std::int64_t length, std::int64_t image_keys);

struct Roofs {
  double bytes_per_second = 0, flop_per_second = 0;
  double floor_seconds(const Work& work) const;
};

// Bytes of a weight on the device (4-bit scales are fp16 there), bias aside.
double device_weight_bytes(const kernels::LinearWeight& weight);

// "nvidia... 1.2 ms" lines and JSON of one stage.
OrderedJson stage_json(const char* name, double seconds, const Work& work, const Roofs& roofs);
void print_stage(const char* name, double seconds, const Work& work, const Roofs& roofs);

OrderedJson memory_json(const kernels::DeviceMemory& memory);

}  // namespace docket::cli
