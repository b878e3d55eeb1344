// linear_small on m8n8k4: V100 and T4, and anything newer when the sm_70 path is forced.
#include "core/kernels/cuda/linear_small.cuh"
#include "core/kernels/cuda/linear_stream.cuh"

namespace docket::kernels::cuda {
namespace {

template <class Format>
void launch(LinearArgs& args, const LaunchOptions& options) {
  if (takes_stream(args)) return launch_stream<ArchSm70, Format>(args, options);
  if (args.rows <= 16) return launch_tiles<ArchSm70, Format, 2, 1, 8>(args, options);
  launch_tiles<ArchSm70, Format, 4, 1, 4>(args, options);
}

}  // namespace

void launch_linear_sm70(LinearArgs args, DeviceFormat format, const LaunchOptions& options) {
  if (format == DeviceFormat::kCode4) launch<Code4Format>(args, options);
  if (format == DeviceFormat::kI8) launch<Int8Format>(args, options);
  if (format == DeviceFormat::kF16) launch<HalfFormat>(args, options);
}

}  // namespace docket::kernels::cuda
