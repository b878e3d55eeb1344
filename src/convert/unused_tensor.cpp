#include "convert/unused_tensor.h"

#include <string_view>

namespace docket::convert {

bool is_unused(const weights::Checkpoint& checkpoint, const std::string& name) {
  constexpr std::string_view kTable = "tile_embedding.weight";
  if (!name.ends_with("gated_positional_embedding.tile_embedding.weight")) return false;
  const weights::StoredTensor* gate = checkpoint.find(name.substr(0, name.size() - kTable.size()) + "gate");
  if (gate == nullptr || !is_floating(gate->dtype) || gate->shape.count() != 1) return false;
  float value = 1;
  convert_to_f32(gate->dtype, gate->bytes.data(), &value, 1);
  return value == 0;
}

}  // namespace docket::convert
