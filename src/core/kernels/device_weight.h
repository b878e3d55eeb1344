// DeviceWeight: a linear weight in the memory of a device, in the order that its tensor cores read (the CUDA maps:
// cuda/fragments.h). Made from a LinearWeight by DeviceContext::place.
#pragma once

#include <cstdint>

namespace docket::kernels {

enum class DeviceFormat : std::uint8_t {
  kF16,    // values in fp16; fp32 and bf16 are rounded to it, saturating
  kI8,     // w = q * scale[n]
  kCode4,  // w = code[nibble] * scale, both rounded to fp16; scales of nested blocks are multiplied out
};

// K is padded with zeros to a multiple of 64. Borrowed from the arena it was placed in.
struct DeviceWeight {
  DeviceFormat format = DeviceFormat::kF16;
  const void* panels = nullptr;  // null: not on a device
  const void* scales = nullptr;  // kI8: float [16 * num_panels]; kCode4: fp16, see scale_element
  const float* code = nullptr;   // [16], kCode4
  std::uint64_t code_key = 0;    // equal for equal codes
  const float* bias = nullptr;   // [16 * num_panels] or null
};

}  // namespace docket::kernels
