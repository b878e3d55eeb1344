// Rounding on the host while pinned memory is filled: half the bytes go to the device.
#pragma once

#include <cstddef>
#include <cstdint>

namespace docket::kernels::cuda {

// to[i] = from[i] in fp16, the bits of to_half() (mma.cuh): to nearest even, saturating. Needs F16C and AVX.
void round_f16c(const float* from, std::uint16_t* to, std::size_t count);

}  // namespace docket::kernels::cuda
