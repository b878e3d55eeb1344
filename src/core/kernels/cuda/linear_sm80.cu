// linear_small on m16n8k16: A100 and newer.
#include "core/kernels/cuda/linear_small.cuh"
#include "core/kernels/cuda/linear_stream.cuh"

namespace docket::kernels::cuda {
namespace {

template <class Format>
void launch(LinearArgs& args, const LaunchOptions& options) {
  if (takes_stream(args)) return launch_stream<ArchSm80, Format>(args, options);
  if (args.rows <= 16) return launch_tiles<ArchSm80, Format, 2, 2, 8>(args, options);
  if (args.rows <= 32) return launch_tiles<ArchSm80, Format, 4, 2, 4>(args, options);
  launch_tiles<ArchSm80, Format, 8, 1, 8>(args, options);
}

}  // namespace

void launch_linear_sm80(LinearArgs args, DeviceFormat format, const LaunchOptions& options) {
  if (format == DeviceFormat::kCode4) launch<Code4Format>(args, options);
  if (format == DeviceFormat::kI8) launch<Int8Format>(args, options);
  if (format == DeviceFormat::kF16) launch<HalfFormat>(args, options);
}

}  // namespace docket::kernels::cuda
