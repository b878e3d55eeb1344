// A whole model for golden tests: checkpoint, weights and states of a folder under tests/golden/data.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "core/device/memory.h"
#include "core/kernels/kernels.h"
#include "core/load/weight_loader.h"
#include "core/tensor/arena.h"
#include "language/decoder.h"
#include "vision/encoder.h"

namespace docket::golden {

struct Model {
  weights::Checkpoint checkpoint;
  weights::ModelConfig config;
  vision::Weights vision;
  language::Weights language;
  vision::State vision_state;
  language::State state;
  kernels::Kernels kernels;
  device::Buffer weight_memory, state_memory;

  language::Decoder decoder() const { return {kernels, config.text, language}; }
};

// Runs `layout(arena)` over a measuring arena, then over memory of that size.
template <typename Layout>
device::Buffer planned(Layout layout) {
  Arena plan;
  layout(plan);
  auto buffer = device::Buffer::allocate(plan.size_bytes(), "test");
  EXPECT_TRUE(buffer);
  Arena arena(buffer->data(), buffer->size());
  layout(arena);
  EXPECT_EQ(arena.size_bytes(), plan.size_bytes());
  return std::move(*buffer);
}

inline std::unique_ptr<Model> load_model(const std::string& folder, const language::Limits& limits,
                                         const load::QuantPolicy& policy = {}, const std::string& isa = "") {
  auto checkpoint = weights::Checkpoint::open(folder);
  auto config = weights::read_model_config(folder);
  kernels::KernelOptions options;
  options.num_threads = 2;
  options.isa = isa;
  auto kernels = kernels::Kernels::create(options);
  EXPECT_TRUE(checkpoint && config && kernels);
  auto m =
      std::unique_ptr<Model>(new Model{std::move(*checkpoint), *config, {}, {}, {}, {}, std::move(*kernels), {}, {}});
  m->weight_memory = planned([&](Arena& arena) {
    load::WeightLoader loader(m->checkpoint, arena, policy);
    m->vision = vision::load_weights(loader, m->config);
    m->language = language::load_weights(loader, m->config.text);
    EXPECT_TRUE(loader.status()) << loader.status().error().text();
  });
  m->state_memory = planned([&](Arena& arena) {
    m->vision_state = vision::make_state(arena, m->config);
    m->state = language::make_state(arena, m->config, limits);
  });
  return m;
}

}  // namespace docket::golden
