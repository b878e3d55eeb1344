#include "core/kernels/ops.h"

#include "core/kernels/cuda/op_list.h"

namespace docket::kernels {
namespace cuda {
namespace {

constexpr Ops kOps = {linear_parts, linear,           rms_norm,  layer_norm,   silu_mul,
                      gelu,         add_scaled,       fill,      copy,         rope,
                      interleave,   unfold_patches,   embed,     store_kv,     store_kv_jobs,
                      copy_kv,      attention_jobs,   attention, linear_gated, rope_store,
                      row_best,     layer_norm_adding};

}  // namespace
}  // namespace cuda

const Ops& cuda_ops() { return cuda::kOps; }

}  // namespace docket::kernels
