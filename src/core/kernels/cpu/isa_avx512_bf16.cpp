// linear_block with products in bf16, beside the rest of AVX-512; compiled with the flags of this instruction set
// alone.
#include "core/kernels/cpu/isa.h"
//
#include "core/kernels/cpu/vec_avx512.h"

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
#include "core/kernels/cpu/linear_bf16.inl"

}  // namespace

void linear_block_bf16(const LinearWeight& w, const float* x, std::int64_t x_stride, int m, std::int64_t panel_begin,
                       std::int64_t panel_end, const LinearOut& out, float* scratch) {
  linear_block<Bf16Products>(w, x, x_stride, m, panel_begin, panel_end, out, scratch);
}

void linear_small_bf16(const LinearWeight& w, const float* x, std::int64_t x_stride, int m, std::int64_t panel_begin,
                       std::int64_t panel_end, const LinearOut& out, float* scratch) {
  auto* pairs = reinterpret_cast<Bf16Pair*>(scratch);
  pack_code4_rows(x, x_stride, m, w.in_features, pairs);
  if (w.format == WeightFormat::kCode4)
    return small_format_bf16<WeightFormat::kCode4>(w, pairs, m, panel_begin, panel_end, out,
                                                   MakeIntList<kSmallRows>::Type{});
  small_format_bf16<WeightFormat::kCode4Nested>(w, pairs, m, panel_begin, panel_end, out,
                                                MakeIntList<kSmallRows>::Type{});
}

}  // namespace docket::kernels::cpu
