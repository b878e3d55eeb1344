// Block-wise 4-bit weights, bit for bit as bitsandbytes stores them (spec: its `quantize_4bit`, and the safetensors
// names `X.weight`, `X.weight.absmax`, ...). One weight [out_features, in_features] is flattened row-major and cut
// into blocks of `block_size` values; each block has one scale (absmax) and each value is one of 16 codebook entries:
//
//   w[i] = code[nibble(i)] * absmax(i / block_size)
//
// Packing: byte j holds element 2j in its HIGH nibble and 2j+1 in its LOW nibble; an odd element count leaves the low
// nibble of the last byte as padding. in_features is a multiple of block_size in every published Mllama, so a block
// normally stays inside one row, but nothing here relies on it.
//
// Double quantisation stores absmax itself in 8 bits, in blocks of nested_block_size:
//
//   absmax(b) = nested_code[absmax_q[b]] * nested_absmax[b / nested_block_size] + nested_offset      (all fp32)
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace docket::quant {

enum class Code4 { kNf4, kFp4 };

inline constexpr int kBlockSize = 64;         // bitsandbytes' default
inline constexpr int kNestedBlockSize = 256;  // of absmax values, fixed in bitsandbytes

// Borrowed; valid while its owner (a Block4 or a mapped file) lives. Freely copied; no member is changed after load,
// so any number of threads may read it.
struct Block4View {
  std::int64_t out_features = 0;           // N
  std::int64_t in_features = 0;            // K
  int block_size = kBlockSize;             // a power of two, 64..4096
  const std::uint8_t* packed = nullptr;    // [(N*K + 1) / 2]
  const float* code = nullptr;             // [16]
  const float* absmax = nullptr;           // [num_blocks]; null when nested
  const std::uint8_t* absmax_q = nullptr;  // [num_blocks]; null when not nested
  const float* nested_absmax = nullptr;    // [ceil(num_blocks / nested_block_size)]; nested only
  const float* nested_code = nullptr;      // [256]; nested only
  float nested_offset = 0;
  int nested_block_size = kNestedBlockSize;

  bool nested() const { return absmax_q != nullptr; }
  std::int64_t num_values() const { return out_features * in_features; }
  std::int64_t num_blocks() const { return (num_values() + block_size - 1) / block_size; }

  // The scale of block `b`, 0 <= b < num_blocks().
  float scale(std::int64_t b) const {
    if (!nested()) return absmax[b];
    return nested_code[absmax_q[b]] * nested_absmax[b / nested_block_size] + nested_offset;
  }
  // The codebook index of flattened element `i`.
  int nibble(std::int64_t i) const {
    const int byte = packed[i / 2];
    return i % 2 == 0 ? byte >> 4 : byte & 15;
  }
};

// Owning form. `view()` points into it and is invalidated by moving or changing it.
struct Block4 {
  std::int64_t out_features = 0, in_features = 0;
  int block_size = kBlockSize;
  std::vector<std::uint8_t> packed;
  std::vector<float> code;             // 16
  std::vector<float> absmax;           // empty when nested
  std::vector<std::uint8_t> absmax_q;  // empty when not nested
  std::vector<float> nested_absmax;
  std::vector<float> nested_code;  // 256 when nested
  float nested_offset = 0;

  Block4View view() const;
  std::size_t size_bytes() const;
};

// LLM.int8 weights: w[n, k] = q[n, k] * scb[n] / 127, where scb is the row's largest magnitude.
struct Int8View {
  std::int64_t out_features = 0, in_features = 0;
  const std::int8_t* q = nullptr;  // [N, K] row-major
  const float* scb = nullptr;      // [N]
};

struct Int8 {
  std::int64_t out_features = 0, in_features = 0;
  std::vector<std::int8_t> q;
  std::vector<float> scb;
  Int8View view() const { return {out_features, in_features, q.data(), scb.data()}; }
};

}  // namespace docket::quant
