#include "core/quant/block4.h"

namespace docket::quant {

Block4View Block4::view() const {
  Block4View v;
  v.out_features = out_features;
  v.in_features = in_features;
  v.block_size = block_size;
  v.packed = packed.data();
  v.code = code.data();
  if (absmax_q.empty()) {
    v.absmax = absmax.data();
  } else {
    v.absmax_q = absmax_q.data();
    v.nested_absmax = nested_absmax.data();
    v.nested_code = nested_code.data();
    v.nested_offset = nested_offset;
  }
  return v;
}

std::size_t Block4::size_bytes() const {
  return packed.size() + absmax_q.size() +
         4 * (code.size() + absmax.size() + nested_absmax.size() + nested_code.size());
}

}  // namespace docket::quant
