// The maps between matrix elements, packed bytes and tensor-core registers, as plain constexpr functions: the kernels
// use them on the device and tests/core/kernels/cuda_fragments_test.cpp checks them on any machine.
//
// The idea: the order of k inside a product is free as long as both operands agree. So one packed weight order serves
// both tensor-core shapes, and neither operand needs shared memory or a shuffle. A weight is cut into panels of 16
// output features and chunks of 64 k; "slot" (g, t), 0 <= g < 8, 0 <= t < 4, of a chunk owns features g and g + 8 at
// k = 16t .. 16t + 15. A lane of a warp is one slot:
//
//   m16n8k16 (sm_80 and up)  g = lane / 4, t = lane % 4; step s of 4 takes k = 16t + 4s + {0, 1} and {2, 3} as the
//                            instruction's k = 2t + {0, 1} and 2t + 8 + {0, 1}
//   m8n8k4 (sm_70)           g = row within a quad pair, t = the quad pair; the four quad pairs sum different k and are
//                            added at the end
//
// Tokens use the same slots: lane (g, t) holds token g at k = 16t .. 16t + 15, 32 adjacent bytes of a row of x.
#pragma once

#include <cstdint>

#if defined(__CUDACC__)
#define DOCKET_HOST_DEVICE __host__ __device__
#else
#define DOCKET_HOST_DEVICE
#endif

namespace docket::kernels::cuda {

inline constexpr int kFeatures = 16;   // output features of a panel
inline constexpr int kChunk = 64;      // k of a chunk, and of a 4-bit scale
inline constexpr int kGroup = 4;       // chunks of a group: a warp's unit of work, and of a load of scales
inline constexpr int kTileTokens = 8;  // tokens of one tensor-core tile

struct Slot {
  int g, t;
};

DOCKET_HOST_DEVICE constexpr Slot slot_sm80(int lane) { return {lane >> 2, lane & 3}; }
DOCKET_HOST_DEVICE constexpr Slot slot_sm70(int lane) { return {(lane & 3) + ((lane >> 4) << 2), (lane >> 2) & 3}; }
DOCKET_HOST_DEVICE constexpr int slot_index(Slot s) { return s.g * 4 + s.t; }

// ---- packed weights -----------------------------------------------------------------------------------------------
// 4 bits: 128 words of 32 bits a chunk; a slot's four are adjacent: one 16-byte load. Word (feature n, k / 8 = octet)
// holds k % 8 lowest nibble first, as the CPU's panels do, so that byte j is the pair of k = 2j and 2j + 1.
DOCKET_HOST_DEVICE constexpr int code4_word(int n, int octet) {
  return slot_index({n & 7, octet >> 1}) * 4 + (n >> 3) * 2 + (octet & 1);
}
// 8 bits: 1024 bytes a chunk, in two halves of 512 (features 0..7 and 8..15), 16 bytes a slot in each.
DOCKET_HOST_DEVICE constexpr int int8_byte(int n, int k) {
  return ((n >> 3) * 32 + slot_index({n & 7, k >> 4})) * 16 + (k & 15);
}
// 16 bits: 1024 halves a chunk, in four quarters of 32 slots by 8 halves.
DOCKET_HOST_DEVICE constexpr int half_element(int n, int k) {
  return (((n >> 3) * 2 + ((k >> 3) & 1)) * 32 + slot_index({n & 7, k >> 4})) * 8 + (k & 7);
}
// Scales of 4-bit blocks, fp16: [panel][group][feature][chunk of the group], so that a slot reads four at once.
DOCKET_HOST_DEVICE constexpr std::int64_t scale_element(std::int64_t panel, std::int64_t groups, int n,
                                                        std::int64_t chunk) {
  return ((panel * groups + chunk / kGroup) * kFeatures + n) * kGroup + chunk % kGroup;
}

// ---- tokens in shared memory --------------------------------------------------------------------------------------
// linear_tile: a token's chunk is 8 units of 16 bytes. Odd tokens swap neighbours, so that the even units of two tokens
// that a phase of 8 lanes reads fall into all banks.
DOCKET_HOST_DEVICE constexpr int token_unit(int token, int unit) { return token * 8 + (unit ^ (token & 1)); }

// ---- accumulators -------------------------------------------------------------------------------------------------
struct Cell {
  int row, col;
};
// m16n8k16: register i of 4 of a lane: row = feature or query, col = token or key.
DOCKET_HOST_DEVICE constexpr Cell cell_sm80(int lane, int i) {
  return {(lane >> 2) + 8 * (i >> 1), 2 * (lane & 3) + (i & 1)};
}
// m8n8k4 with fp32 sums: register i of 8, inside the 8 x 8 tile of the lane's quad pair (PTX ISA, mma.m8n8k4).
DOCKET_HOST_DEVICE constexpr Cell cell_sm70(int lane, int i) {
  return {(lane & 1) + (i & 2) + 4 * (lane >> 4), (i & 4) + (lane & 2) + (i & 1)};
}

// ---- attention ----------------------------------------------------------------------------------------------------
// sm_70: a warp has 32 query rows, 8 for each quad pair t. Row R of quad pair t is row attention_row_sm70 of the warp:
// chosen so that the 8 lanes of one phase of a 16-byte shared-memory load touch 8 neighbouring rows.
DOCKET_HOST_DEVICE constexpr int attention_row_sm70(int t, int r) { return (r & 3) + 4 * t + 16 * (r >> 2); }
// The value columns of one 16-wide step are split over two tiles u so that a lane reads 8 adjacent ones: column c of
// tile u is this one of the step.
DOCKET_HOST_DEVICE constexpr int value_col_sm70(int u, int c) { return 8 * (c >> 2) + 4 * u + (c & 3); }

// Rows of keys, values and queries in shared memory are this many halves apart: an odd number of 16-byte units, so that
// 8 neighbouring rows fall into different banks.
DOCKET_HOST_DEVICE constexpr int padded_row(int head_dim) { return head_dim + 8; }

}  // namespace docket::kernels::cuda
