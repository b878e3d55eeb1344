// WeightPlacer: moves a model's weights from the host to a device, replacing the pointers in place. As WeightLoader:
// over a measuring arena it counts and changes nothing, so the plan and the move are one function.
#pragma once

#include <cstdint>

#include "core/kernels/device_context.h"
#include "core/kernels/elementwise.h"
#include "core/kernels/lora.h"

namespace docket::load {

class WeightPlacer {
 public:
  // Borrows both. Errors of the transfers are kept by `device`: ask its finish().
  WeightPlacer(kernels::DeviceContext& device, Arena& arena) : device_(device), arena_(arena) {}

  void linear(kernels::LinearWeight& weight) { weight.device = device_.place(weight, arena_); }
  // `values` [count]; null stays null once loaded.
  void vector(const float*& values, std::int64_t count) {
    if (values == nullptr && !arena_.measures()) return;
    const void* placed = device_.place_bytes(values, static_cast<std::size_t>(count) * sizeof(float), arena_);
    if (!arena_.measures()) values = static_cast<const float*>(placed);
  }
  // The table's bytes, beside the host's, which stay.
  void table(kernels::EmbeddingTable& table) {
    const auto bytes = static_cast<std::size_t>(table.rows * table.cols) * size_bytes(table.dtype);
    table.device = device_.place_bytes(table.data, bytes, arena_);
  }
  void adapter(kernels::Adapter& adapter) {
    for (kernels::Lora& lora : adapter.modules) {
      if (lora.a.out_features == 0) continue;
      linear(lora.a);
      linear(lora.b);
    }
  }

 private:
  kernels::DeviceContext& device_;
  Arena& arena_;
};

}  // namespace docket::load
