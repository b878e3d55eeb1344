// A whole model for golden tests: checkpoint, weights and states of a folder under tests/golden/data, on the CPU or on
// a device.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
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
  std::shared_ptr<std::byte> device_weights, device_state, control;  // on a device, of the last two

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

// "cuda" and "cuda_sm70" as an instruction set stand for a device; null where there is none.
inline std::optional<kernels::Kernels> kernels_named(const std::string& isa) {
  kernels::KernelOptions options;
  options.num_threads = 2;
  if (isa.starts_with("cuda")) {
    options.device = "cuda";
    options.device_options.force_sm70 = isa == "cuda_sm70";
  } else {
    options.isa = isa;
  }
  auto kernels = kernels::Kernels::create(options);
  if (isa.starts_with("cuda") && !kernels && kernels.error().code == ErrorCode::kUnavailable) return std::nullopt;
  EXPECT_TRUE(kernels) << kernels.error().text();
  return std::move(*kernels);
}

inline void move_to_device(Model& m, const language::Limits& limits) {
  kernels::DeviceContext& device = *m.kernels.device();
  const auto place = [&](Arena& arena) {
    load::WeightPlacer placer(device, arena);
    vision::place_weights(placer, m.config, m.vision);
    language::place_weights(placer, m.config.text, m.language);
  };
  const auto lay_out = [&](Arena& arena) {
    m.vision_state = vision::make_state(arena, m.config, 0, vision::max_rows(m.config.vision));
    m.state = language::make_state(arena, m.config, limits);
  };
  Arena weights = Arena::of_device(device.work_dtype()), state = weights;
  place(weights);
  lay_out(state);
  const std::size_t size = weights.size_bytes(), state_size = state.size_bytes(), host_size = state.host_bytes();
  m.device_weights = device.allocate(size, "test").value();
  m.device_state = device.allocate(state_size + host_size, "test").value();
  m.control = device.allocate_host(host_size, "test").value();
  weights = Arena::of_device(device.work_dtype(), m.device_weights.get(), size);
  place(weights);
  state = Arena::of_device(device.work_dtype(), m.device_state.get(), state_size, m.control.get(), host_size);
  lay_out(state);
  device.set_control(m.control.get(), m.device_state.get() + state_size, host_size);
  const auto done = device.finish();
  EXPECT_TRUE(done) << done.error().text();
}

// Null when `isa` is a device that this machine lacks.
inline std::unique_ptr<Model> load_model(const std::string& folder, const language::Limits& limits,
                                         const load::QuantPolicy& policy = {}, const std::string& isa = "") {
  auto checkpoint = weights::Checkpoint::open(folder);
  auto config = weights::read_model_config(folder);
  auto kernels = kernels_named(isa);
  EXPECT_TRUE(checkpoint && config);
  if (!kernels) return nullptr;
  auto m = std::unique_ptr<Model>(
      new Model{std::move(*checkpoint), *config, {}, {}, {}, {}, std::move(*kernels), {}, {}, {}, {}, {}});
  m->weight_memory = planned([&](Arena& arena) {
    load::WeightLoader loader(m->checkpoint, arena, policy);
    m->vision = vision::load_weights(loader, m->config);
    m->language = language::load_weights(loader, m->config.text);
    EXPECT_TRUE(loader.status()) << loader.status().error().text();
  });
  if (m->kernels.device() != nullptr) {
    move_to_device(*m, limits);
    return m;
  }
  m->state_memory = planned([&](Arena& arena) {
    m->vision_state = vision::make_state(arena, m->config);
    m->state = language::make_state(arena, m->config, limits);
  });
  return m;
}

}  // namespace docket::golden
