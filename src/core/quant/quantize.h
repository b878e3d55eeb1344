// Encoding and decoding of block-wise 4-bit and row-wise 8-bit weights, bit for bit as bitsandbytes 0.48's own
// PyTorch definition (tests/core/quant holds them against its output). Its CUDA kernels may differ where it cannot
// matter: a negative number that rounds to zero in FP4 keeps its sign bit there, and a number within one rounding of
// the midpoint of two codebook entries may go to either.
#pragma once

#include <span>

#include "core/quant/block4.h"

namespace docket::quant {

// Quantises row-major `weight` [out_features, in_features]. `block_size` is a power of two, 64..4096. With
// `double_quantize`, absmax itself is stored in 8 bits around its mean. A block of zeros decodes to zeros; values must
// be finite. Cost: about 5 ns a value on one core; memory: the result, and 4 bytes a block while it runs.
Block4 quantize_4bit(std::span<const float> weight, std::int64_t out_features, std::int64_t in_features, Code4 code,
                     bool double_quantize, int block_size = kBlockSize);

// The second quantisation alone, around a given offset: fills absmax_q, nested_absmax, nested_code and nested_offset
// of `block` from block.absmax, which it clears. quantize_4bit takes the mean, summed in double; bitsandbytes sums in
// fp32 in an order that depends on the device, so its offset may differ in the last bits.
void quantize_absmax(Block4& block, float offset);

// Decodes rows [first_row, first_row + num_rows) to `out` [num_rows, in_features], in fp32.
void dequantize_rows(const Block4View& weight, std::int64_t first_row, std::int64_t num_rows, std::span<float> out);
void dequantize_rows(const Int8View& weight, std::int64_t first_row, std::int64_t num_rows, std::span<float> out);

// LLM.int8: each row by its largest magnitude, rounding half to even, after rounding the weight to fp16 as bitsandbytes
// does. A row of zeros gets scb 0. Values beyond fp16's range are an error of the caller (see fits_fp16).
Int8 quantize_8bit(std::span<const float> weight, std::int64_t out_features, std::int64_t in_features);

// Whether every value is finite and within fp16's range, which quantize_8bit needs.
bool fits_fp16(std::span<const float> weight);

// fp32 -> nearest fp16 (ties to even) -> fp32.
float round_to_fp16(float x);

}  // namespace docket::quant
