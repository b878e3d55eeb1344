// The build without CUDA.
#include "core/base/check.h"
#include "core/kernels/device_context.h"
#include "core/kernels/ops.h"

namespace docket::kernels {

Result<std::shared_ptr<DeviceContext>> create_cuda_context(const DeviceOptions&) {
  return make_error(ErrorCode::kUnavailable, "docket was built without CUDA", "device cuda");
}

const Ops& cuda_ops() { CHECK(false, "no context can have been made"); }

}  // namespace docket::kernels
