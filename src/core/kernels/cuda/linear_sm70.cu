// linear_small on m8n8k4: V100 and T4, and anything newer when the sm_70 path is forced.
#include "core/kernels/cuda/linear_small.cuh"

namespace docket::kernels::cuda {
namespace {

template <class Format>
void launch(LinearArgs& args, cudaStream_t stream) {
  if (args.rows <= 8) return launch_tiles<ArchSm70, Format, 1, 1, 8>(args, stream);
  if (args.rows <= 16) return launch_tiles<ArchSm70, Format, 2, 1, 8>(args, stream);
  launch_tiles<ArchSm70, Format, 4, 1, 4>(args, stream);
}

}  // namespace

void launch_linear_sm70(LinearArgs args, DeviceFormat format, cudaStream_t stream) {
  if (format == DeviceFormat::kCode4) launch<Code4Format>(args, stream);
  if (format == DeviceFormat::kI8) launch<Int8Format>(args, stream);
  if (format == DeviceFormat::kF16) launch<HalfFormat>(args, stream);
}

}  // namespace docket::kernels::cuda
