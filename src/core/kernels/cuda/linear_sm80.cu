// linear_small on m16n8k16: A100 and newer.
#include "core/kernels/cuda/linear_small.cuh"

namespace docket::kernels::cuda {
namespace {

template <class Format>
void launch(LinearArgs& args, cudaStream_t stream) {
  if (args.rows <= 8) return launch_tiles<ArchSm80, Format, 1, 1, 8>(args, stream);
  if (args.rows <= 16) return launch_tiles<ArchSm80, Format, 2, 2, 8>(args, stream);
  if (args.rows <= 32) return launch_tiles<ArchSm80, Format, 4, 2, 4>(args, stream);
  launch_tiles<ArchSm80, Format, 8, 2, 4>(args, stream);
}

}  // namespace

void launch_linear_sm80(LinearArgs args, DeviceFormat format, cudaStream_t stream) {
  if (format == DeviceFormat::kCode4) launch<Code4Format>(args, stream);
  if (format == DeviceFormat::kI8) launch<Int8Format>(args, stream);
  if (format == DeviceFormat::kF16) launch<HalfFormat>(args, stream);
}

}  // namespace docket::kernels::cuda
