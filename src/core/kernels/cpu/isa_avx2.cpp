// Compiled with the flags of this instruction set alone (CMakeLists.txt); everything but the table is in an unnamed
// namespace, see isa.h.
#include "core/kernels/cpu/isa.h"
//
#include "core/kernels/cpu/vec_avx2.h"

namespace docket::kernels::cpu {
namespace {

#include "core/kernels/cpu/lists.inl"
//
#include "core/kernels/cpu/math.inl"
//
#include "core/kernels/cpu/rows.inl"
//
#include "core/kernels/cpu/linear_small.inl"
//
#include "core/kernels/cpu/micro.inl"
//
#include "core/kernels/cpu/linear_block.inl"
//
#include "core/kernels/cpu/attention.inl"
//
#include "core/kernels/cpu/isa_table.inl"

}  // namespace

const IsaOps& avx2_ops() { return kIsaOps; }

}  // namespace docket::kernels::cpu
